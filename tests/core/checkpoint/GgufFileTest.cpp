// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/GgufFile.h"
#include "core/base/Error.h"
#include "core/model/Model.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <random>

using namespace headkv;

namespace {

const QString tinyPath = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-q4_1.gguf");

QByteArray readAll(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The bytes of a little-endian integer.
template <typename T>
QByteArray bytesOf(T value)
{
    return {reinterpret_cast<const char *>(&value), sizeof value};
}

QByteArray ggufString(const QByteArray &text) { return bytesOf(quint64(text.size())) + text; }

QByteArray header(quint64 tensors, quint64 values, quint32 version = 3)
{
    return "GGUF" + bytesOf(version) + bytesOf(tensors) + bytesOf(values);
}

} // namespace

class GgufFileTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsMetadata();
    void refusesMalformed_data();
    void refusesMalformed();
    void survivesTruncation();
    void survivesFlippedBytes();
    void refusesAbsentFilesAndFolders();
    void vocabularyOnlyFileHasNoWeights();

private:
    QString write(const QByteArray &content);
    /// The error's text, or "loaded".
    QString load(const QByteArray &content);

    QTemporaryDir m_folder;
};

QString GgufFileTest::write(const QByteArray &content)
{
    const QString path = m_folder.filePath("model.gguf");
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("the temporary folder cannot be written");
    return path;
}

QString GgufFileTest::load(const QByteArray &content)
{
    try {
        (void)Model::load(write(content).toStdString());
        return "loaded";
    } catch (const Error &error) {
        const QString text = error.what();
        if ((error.kind() != ErrorKind::Input && error.kind() != ErrorKind::Memory) || text.contains('\n') ||
            !text.contains("model.gguf"))
            qFatal("not a one-line input error that names the file: %s", error.what());
        return text;
    }
}

void GgufFileTest::readsMetadata()
{
    const GgufFile file(tinyPath.toStdString());
    QCOMPARE(file.text("general.architecture").value(), std::string("llama"));
    QCOMPARE(file.integer("llama.block_count").value(), 2);
    QCOMPARE(file.number("llama.rope.freq_base").value(), 10000.0);
    QVERIFY(!file.text("no.such.key"));
    QVERIFY_EXCEPTION_THROWN((void)file.integer("general.architecture"), Error);
    QCOMPARE(file.textList("tokenizer.ggml.tokens")->at(2), std::string("<|im_end|>"));
    QCOMPARE(file.integerList("tokenizer.ggml.token_type")->at(0), 3);
    const StoredTensor *query = file.tensors().find("blk.1.attn_q.weight");
    QVERIFY(query);
    QCOMPARE(query->shape, (std::vector<std::uint64_t>{64, 64}));
    QCOMPARE(query->type, TensorType::Q4_1);
    QCOMPARE(query->data.size(), std::size_t(64 * 64 / 32 * 20));
}

void GgufFileTest::refusesMalformed_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("says");
    const quint64 huge = Q_UINT64_C(0xffffffffffffffff);
    const QByteArray architecture = ggufString("general.architecture") + bytesOf(quint32(8)) + ggufString("llama");
    const auto tensor = [](quint32 rank, quint64 rows, quint64 columns, quint32 type, quint64 offset) {
        return ggufString("token_embd.weight") + bytesOf(rank) + bytesOf(columns) + bytesOf(rows) + bytesOf(type) +
               bytesOf(offset);
    };

    QTest::newRow("empty") << QByteArray() << "not a GGUF file";
    QTest::newRow("text") << QByteArray("A text, and not a short one either.") << "not a GGUF file";
    QTest::newRow("version 1") << header(0, 0, 1) << "version 1";
    QTest::newRow("big-endian") << header(0, 0, 0x03000000) << "little-endian";
    QTest::newRow("huge metadata count") << header(0, huge) << "byte 24";
    QTest::newRow("huge tensor count") << header(huge, 1) + architecture << "past the end";
    QTest::newRow("huge key") << header(0, 1) + bytesOf(huge) + "key"
                              << "past the end";
    QTest::newRow("huge array") << header(0, 1) + ggufString("a") + bytesOf(quint32(9)) + bytesOf(quint32(4)) +
                                       bytesOf(huge)
                                << "past the end";
    QTest::newRow("huge string array") << header(0, 1) + ggufString("a") + bytesOf(quint32(9)) + bytesOf(quint32(8)) +
                                              bytesOf(huge)
                                       << "past the end";
    QTest::newRow("nested array") << header(0, 1) + ggufString("a") + bytesOf(quint32(9)) + bytesOf(quint32(9)) +
                                         bytesOf(huge)
                                  << "arrays of arrays";
    QTest::newRow("unknown value type") << header(0, 1) + ggufString("a") + bytesOf(quint32(77)) + bytesOf(huge)
                                        << "value type 77";
    QTest::newRow("key twice") << header(0, 2) + architecture + architecture << "occurs twice";
    QTest::newRow("no architecture") << header(0, 0) << "general.architecture is missing";
    QTest::newRow("rank 9") << header(1, 1) + architecture + tensor(9, 1, 1, 0, 0) << "9 dimensions";
    QTest::newRow("tensor type") << header(1, 1) + architecture + tensor(2, 1, 32, 99, 0)
                                 << "type 99; read are F32, F16";
    QTest::newRow("overflowing shape") << header(1, 1) + architecture + tensor(2, huge / 2, huge / 2, 0, 0)
                                       << "does not fit the file";
    QTest::newRow("offset past the end") << header(1, 1) + architecture + tensor(2, 1, 1, 0, huge - 8)
                                         << "does not fit the file";
    QTest::newRow("broken blocks") << header(1, 1) + architecture + tensor(2, 1, 31, 2, 0) << "does not fit the file";
}

void GgufFileTest::refusesMalformed()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, says);
    const QString message = load(content);
    QVERIFY2(message.contains(says), qPrintable(message));
}

void GgufFileTest::survivesTruncation()
{
    const QByteArray whole = readAll(tinyPath);
    QCOMPARE(load(whole), QString("loaded"));
    for (qsizetype size = 0; size < whole.size(); size += 1 + size / 40)
        QVERIFY2(load(whole.left(size)) != "loaded",
                 qPrintable(QString("a file cut at byte %1 was accepted").arg(size)));
}

void GgufFileTest::survivesFlippedBytes()
{
    const QByteArray whole = readAll(tinyPath);
    const qsizetype headerSize = 8000;
    std::mt19937 random(3);
    int refused = 0;
    for (int round = 0; round < 1500; ++round) {
        QByteArray damaged = whole;
        for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
            const qsizetype at = random() % headerSize;
            damaged[at] = static_cast<char>(random());
        }
        refused += load(damaged) != "loaded"; // load() itself fails on anything but a clean answer
    }
    QVERIFY(refused > 100);
}

void GgufFileTest::refusesAbsentFilesAndFolders()
{
    QVERIFY_EXCEPTION_THROWN((void)Model::load("/no/such/file.gguf"), Error);
    QVERIFY_EXCEPTION_THROWN((void)Model::load(m_folder.path().toStdString()), Error);
}

void GgufFileTest::vocabularyOnlyFileHasNoWeights()
{
    const auto model = Model::load(HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf");
    QCOMPARE(model->info().parameters, 0);
    QVERIFY(model->info().vocabularySize > 256);
    QVERIFY(model->hasTokenizer());
    QVERIFY_EXCEPTION_THROWN((void)model->weights(), Error);
}

QTEST_GUILESS_MAIN(GgufFileTest)
#include "GgufFileTest.moc"
