// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/AttentionObserver.h"
#include "core/base/Error.h"
#include "core/cache/DenseCache.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

using namespace headkv;

namespace {

const QString goldens = QStringLiteral(HEADKV_GOLDENS "/families/");

/// float32 sums in another order; a wrong window, scaling or norm is off by tenths.
constexpr double logTolerance = 2e-4;
constexpr double rowTolerance = 2e-5;          // the golden has five decimals
constexpr double operatorsRowTolerance = 5e-5; // which sum in an order of their own

/// All log-probabilities of all positions.
std::vector<float> allRows(std::shared_ptr<const Model> model, const std::vector<TokenId> &ids)
{
    std::vector<float> rows;
    Transformer(std::move(model)).logProbabilities(ids, [&](std::size_t, std::span<const float> row) {
        rows.insert(rows.end(), row.begin(), row.end());
    });
    return rows;
}

/// Why a model is refused; nothing: it is loaded.
std::optional<Error> refusalOf(const QString &path, DType dtype = DType::Auto)
{
    try {
        const Transformer transformer(Model::load(path.toStdString(), {.dtype = dtype}));
    } catch (const Error &error) {
        return error;
    }
    return std::nullopt;
}

class LastRows : public AttentionObserver
{
public:
    void observe(int, std::span<const float> probabilities, std::size_t) override
    {
        rows.emplace_back(probabilities.begin(), probabilities.end());
    }
    std::vector<std::vector<float>> rows; ///< by layer, [H, n]
};

} // namespace

/// Each family as a Hugging Face directory and, where llama.cpp's converter writes it, as GGUF, against transformers.
class FamiliesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void matchesTransformers_data();
    void matchesTransformers();
    void decodingMatchesTransformers_data();
    void decodingMatchesTransformers();
    void sharesWeightsOfItsOwnType();
    void readsSplitFiles();
    void readsTheTextPartOfAModelThatSees();
    void readsKeysAsTransformers_data();
    void readsKeysAsTransformers();
    void refusesIncompleteParts();
    void refusesConfigurations_data();
    void refusesConfigurations();
    void refusesWeights_data();
    void refusesWeights();
    void refusesWhatIsNoNumber_data();
    void refusesWhatIsNoNumber();
    void survivesDamage_data();
    void survivesDamage();

private:
    enum class Rows { All, FixedRotation };
    void addRows(Rows rows);
    /// A model's directory: the golden's, or a copy with the weights of another.
    QString directory(const QString &name);
    QString copyOf(const QString &name);

    nlohmann::json m_reference;
    std::vector<TokenId> m_ids;
    QTemporaryDir m_folder;
    int m_copies = 0;
};

void FamiliesTest::initTestCase()
{
    m_reference = nlohmann::json::parse(std::ifstream((goldens + "families.json").toStdString()));
    m_ids = m_reference["ids"].get<std::vector<TokenId>>();
    QVERIFY(m_reference["models"].size() >= 17);
}

QString FamiliesTest::copyOf(const QString &name)
{
    const QString copy = m_folder.filePath(name + QString::number(++m_copies));
    QDir().mkpath(copy);
    const QString weights = QString::fromStdString(m_reference["models"][name.toStdString()]["weights"]);
    for (const QString &from : {goldens + weights, goldens + name}) {
        for (const QString &file : QDir(from).entryList(QDir::Files)) {
            QFile::remove(copy + "/" + file);
            QFile::copy(from + "/" + file, copy + "/" + file);
            QFile::setPermissions(copy + "/" + file, QFile::ReadOwner | QFile::WriteOwner);
        }
    }
    return copy;
}

QString FamiliesTest::directory(const QString &name)
{
    const std::string weights = m_reference["models"][name.toStdString()]["weights"];
    return name.toStdString() == weights ? goldens + name : copyOf(name);
}

void FamiliesTest::addRows(Rows rows)
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("gguf");
    QTest::addColumn<QString>("device");
    for (const auto &[name, entry] : m_reference["models"].items()) {
        if (rows == Rows::FixedRotation && (name == "llama-dynamic" || name == "phi3-longrope"))
            continue;
        QTest::addRow("%s, directory", name.c_str()) << QString::fromStdString(name) << false << "cpu";
        if (entry["gguf"].get<bool>())
            QTest::addRow("%s, GGUF", name.c_str()) << QString::fromStdString(name) << true << "cpu";
        // What accelerators run, on the CPU.
        QTest::addRow("%s, operators", name.c_str()) << QString::fromStdString(name) << false << "tensors,tensors";
    }
}

void FamiliesTest::matchesTransformers_data() { addRows(Rows::All); }

void FamiliesTest::matchesTransformers()
{
    QFETCH(QString, name);
    QFETCH(bool, gguf);
    const auto path = (gguf ? goldens + name + ".gguf" : directory(name)).toStdString();
    QFETCH(QString, device);
    const Transformer transformer(Model::load(path, {.device = device.toStdString(), .dtype = DType::Float32}));
    const nlohmann::json &reference = m_reference["models"][name.toStdString()]["token_logprobs"];
    double largest = 0;
    std::size_t count = 0;
    transformer.logProbabilities(m_ids, [&](std::size_t position, std::span<const float> row) {
        if (position + 1 < m_ids.size()) {
            largest = std::max(largest, std::abs(row[m_ids[position + 1]] - reference[position].get<double>()));
            ++count;
        }
    });
    QCOMPARE(count, reference.size());
    QVERIFY2(largest < logTolerance, qPrintable(QString::number(largest)));
}

/// Where the rotation depends on the length, keys keep that of the length they were made at, in transformers' cache
/// too.
void FamiliesTest::decodingMatchesTransformers_data() { addRows(Rows::FixedRotation); }

/// The last token by a decode step after a prefill in two calls: its attention rows, windows and all.
void FamiliesTest::decodingMatchesTransformers()
{
    QFETCH(QString, name);
    QFETCH(bool, gguf);
    const auto path = (gguf ? goldens + name + ".gguf" : directory(name)).toStdString();
    QFETCH(QString, device);
    Transformer transformer(Model::load(path, {.device = device.toStdString(), .dtype = DType::Float32}));
    const nlohmann::json &reference = m_reference["models"][name.toStdString()]["last_attention"];
    DenseCache cache = transformer.makeCache();
    const std::span<const TokenId> ids(m_ids);
    transformer.prefill(ids.first(17), cache);
    transformer.prefill(ids.subspan(17, ids.size() - 18), cache);
    LastRows observed;
    QVERIFY(!transformer.decode(ids.back(), cache, &observed).empty());
    QCOMPARE(observed.rows.size(), reference.size());
    double largest = 0;
    for (std::size_t layer = 0; layer < reference.size(); ++layer) {
        const std::size_t heads = reference[layer].size();
        QCOMPARE(observed.rows[layer].size(), heads * ids.size());
        for (std::size_t i = 0; i < observed.rows[layer].size(); ++i)
            largest = std::max(largest, std::abs(observed.rows[layer][i] -
                                                 reference[layer][i / ids.size()][i % ids.size()].get<double>()));
    }
    const double tolerance = device == "cpu" ? rowTolerance : operatorsRowTolerance;
    QVERIFY2(largest < tolerance, qPrintable(QString::number(largest)));
}

void FamiliesTest::sharesWeightsOfItsOwnType()
{
    // A bfloat16 file in bfloat16: the same figures whether the bytes are the file's or a copy's.
    const auto shared = Model::load((goldens + "llama").toStdString(), {.dtype = DType::BFloat16});
    const auto copied = Model::load((goldens + "llama.gguf").toStdString(), {.dtype = DType::BFloat16});
    QCOMPARE(shared->info().weightBytes, copied->info().weightBytes);
    QCOMPARE(shared->info().parameters, copied->info().parameters);
    QCOMPARE(allRows(shared, m_ids), allRows(copied, m_ids));
}

void FamiliesTest::readsSplitFiles()
{
    const auto whole = Model::load((goldens + "llama.gguf").toStdString(), {.dtype = DType::Float32});
    const auto parts =
        Model::load((goldens + "llama-split-00001-of-00003.gguf").toStdString(), {.dtype = DType::Float32});
    QCOMPARE(parts->info().parameters, whole->info().parameters);
    QCOMPARE(allRows(whole, m_ids), allRows(parts, m_ids));
}

/// Its configuration is in text_config, its tensors are below language_model, beside those of the part that sees.
void FamiliesTest::readsTheTextPartOfAModelThatSees()
{
    const QString copy = copyOf("gemma3");
    const std::string configPath = (copy + "/config.json").toStdString();
    const nlohmann::json config = nlohmann::json::parse(std::ifstream(configPath));
    std::ofstream(configPath) << nlohmann::json{{"model_type", "gemma3"}, {"text_config", config}};
    QFile file(copy + "/model.safetensors");
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray whole = file.readAll();
    quint64 size = 0;
    std::memcpy(&size, whole.constData(), sizeof size);
    const auto dataBegin = static_cast<qsizetype>(sizeof size + size);
    nlohmann::json renamed;
    const auto header = nlohmann::json::parse(whole.mid(sizeof size, static_cast<qsizetype>(size)).toStdString());
    for (const auto &[name, entry] : header.items())
        renamed[name == "__metadata__" ? name : "language_model." + name] = entry;
    renamed["vision_tower.patch.weight"] = {{"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {0, 4}}};
    const std::string text = renamed.dump();
    size = text.size();
    file.resize(0);
    file.seek(0);
    file.write(reinterpret_cast<const char *>(&size), sizeof size);
    file.write(QByteArray::fromStdString(text) + whole.mid(dataBegin));
    file.close();
    const Transformer transformer(Model::load(copy.toStdString(), {.dtype = DType::Float32}));
    const nlohmann::json &reference = m_reference["models"]["gemma3"]["token_logprobs"];
    transformer.logProbabilities(m_ids, [&](std::size_t position, std::span<const float> row) {
        if (position + 1 < m_ids.size())
            QVERIFY(std::abs(row[m_ids[position + 1]] - reference[position].get<double>()) < logTolerance);
    });
}

/// What files leave out or say in vain, as transformers takes it.
void FamiliesTest::readsKeysAsTransformers_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("removed");
    QTest::addColumn<QString>("added");
    QTest::newRow("llama rotates whole heads") << "llama"
                                               << ""
                                               << R"({"partial_rotary_factor": 0.5})";
    QTest::newRow("phi3's epsilon is 1e-5") << "phi3"
                                            << "rms_norm_eps"
                                            << "{}";
}

void FamiliesTest::readsKeysAsTransformers()
{
    QFETCH(QString, name);
    QFETCH(QString, removed);
    QFETCH(QString, added);
    const std::string copy = copyOf(name).toStdString();
    nlohmann::json config = nlohmann::json::parse(std::ifstream(copy + "/config.json"));
    config.erase(removed.toStdString());
    config["rope_parameters"].update(nlohmann::json::parse(added.toStdString()));
    std::ofstream(copy + "/config.json") << config;
    const nlohmann::json &reference = m_reference["models"][name.toStdString()]["token_logprobs"];
    double largest = 0;
    Transformer(Model::load(copy, {.dtype = DType::Float32}))
        .logProbabilities(m_ids, [&](std::size_t position, std::span<const float> row) {
            if (position + 1 < m_ids.size())
                largest = std::max(largest, std::abs(row[m_ids[position + 1]] - reference[position].get<double>()));
        });
    QVERIFY2(largest < logTolerance, qPrintable(QString::number(largest)));
}

void FamiliesTest::refusesIncompleteParts()
{
    const auto message = [](const QString &path) {
        const std::optional<Error> error = refusalOf(path);
        return error ? QString::fromUtf8(error->what()) : QString();
    };
    const auto part = [](int number) { return QStringLiteral("llama-split-0000%1-of-00003.gguf").arg(number); };
    QVERIFY(message(goldens + part(2)).endsWith("this is part 2 of a model; name its first part"));
    const QString alone = m_folder.filePath(part(1));
    QVERIFY(QFile::copy(goldens + part(1), alone));
    QVERIFY(message(alone).contains("llama-split-00002-of-00003.gguf: cannot be read"));
    QVERIFY(QFile::copy(goldens + part(3), m_folder.filePath(part(2))));
    QVERIFY(QFile::copy(goldens + part(3), m_folder.filePath(part(3))));
    QVERIFY(message(alone).contains("this is not part 2 of 3"));
    const QString renamed = m_folder.filePath("first.gguf");
    QVERIFY(QFile::copy(goldens + part(1), renamed));
    QVERIFY(message(renamed).contains("its name should end in -00001-of-00003.gguf"));
}

void FamiliesTest::refusesConfigurations_data()
{
    QTest::addColumn<QString>("patch");
    QTest::addColumn<QString>("expected");
    QTest::newRow("unknown family") << R"({"model_type": "mamba"})"
                                    << "known are: llama, mistral, qwen2";
    QTest::newRow("no layers") << R"({"num_hidden_layers": null})"
                               << "num_hidden_layers is missing";
    QTest::newRow("negative") << R"({"num_hidden_layers": -2})"
                              << "a whole number between 1 and";
    QTest::newRow("huge") << R"({"num_hidden_layers": 4294967296})"
                          << "a whole number between 1 and";
    QTest::newRow("text") << R"({"hidden_size": "16"})"
                          << "hidden_size is \"16\"";
    QTest::newRow("odd heads") << R"({"num_key_value_heads": 3})"
                               << "cannot be shared among 3 KV heads";
    QTest::newRow("odd head") << R"({"head_dim": 7})"
                              << "cannot be rotated";
    QTest::newRow("scaling") << R"({"rope_parameters": {"rope_type": "spiral"}})"
                             << "\"spiral\" is not known";
    QTest::newRow("quantised") << R"({"quantization_config": {"quant_method": "gptq"}})"
                               << "quantised";
    QTest::newRow("activation") << R"({"hidden_act": "relu"})"
                                << "the activation \"relu\"";
    QTest::newRow("other shape") << R"({"intermediate_size": 25})"
                                 << "its configuration asks for [25, 16]";
    QTest::newRow("too few layers") << R"({"num_hidden_layers": 1})"
                                    << "tensor model.layers.1.";
    QTest::newRow("too many layers") << R"({"num_hidden_layers": 3})"
                                     << "tensor model.layers.2.input_layernorm.weight is missing";
}

void FamiliesTest::refusesConfigurations()
{
    QFETCH(QString, patch);
    QFETCH(QString, expected);
    const QString copy = copyOf("llama");
    const std::string path = (copy + "/config.json").toStdString();
    nlohmann::json config = nlohmann::json::parse(std::ifstream(path));
    config.update(nlohmann::json::parse(patch.toStdString()));
    std::ofstream(path) << config;
    const std::optional<Error> error = refusalOf(copy);
    QVERIFY2(error, "it was loaded");
    QCOMPARE(error->kind(), ErrorKind::Input);
    QVERIFY2(QString::fromUtf8(error->what()).contains(expected), error->what());
    QVERIFY(!QString::fromUtf8(error->what()).contains('\n'));
}

void FamiliesTest::refusesWeights_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("expected");
    const auto file = [](const QByteArray &header, int dataBytes = 64) {
        const auto size = static_cast<quint64>(header.size());
        return QByteArray(reinterpret_cast<const char *>(&size), 8) + header + QByteArray(dataBytes, '\0');
    };
    QTest::newRow("empty") << QByteArray() << "too short";
    QTest::newRow("lying length") << QByteArray(8, '\xff') + "{}"
                                  << "its header claims";
    QTest::newRow("not JSON") << file("{\"a\": ") << "not a JSON object";
    QTest::newRow("list") << file("[]") << "not a JSON object";
    QTest::newRow("entry") << file(R"({"model.norm.weight": 3})") << "is not an object";
    QTest::newRow("type") << file(R"({"a.weight": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}})")
                          << "has the type F8_E4M3; read are F32, F16, BF16";
    QTest::newRow("offsets") << file(R"({"a.weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 4000]}})")
                             << "does not fit the file";
    QTest::newRow("shape") << file(R"({"a.weight": {"dtype": "F32", "shape": [5], "data_offsets": [0, 16]}})")
                           << "does not fit the file";
    QTest::newRow("overflow") << file(R"({"a.weight": {"dtype": "F32", "shape": [4294967296, 4294967296, 4],)"
                                      R"( "data_offsets": [0, 16]}})")
                              << "does not fit the file";
    QTest::newRow("negative") << file(R"({"a.weight": {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}})")
                              << "no proper shape";
    QTest::newRow("unknown") << file(R"({"a.weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}})")
                             << "is not part of a llama model";
}

void FamiliesTest::refusesWeights()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, expected);
    const QString copy = copyOf("llama");
    QFile file(copy + "/model.safetensors");
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    const std::optional<Error> error = refusalOf(copy);
    QVERIFY2(error, "it was loaded");
    QCOMPARE(error->kind(), ErrorKind::Input);
    QVERIFY2(QString::fromUtf8(error->what()).contains(expected), error->what());
}

void FamiliesTest::refusesWhatIsNoNumber_data()
{
    QTest::addColumn<QByteArray>("value"); // in bfloat16
    QTest::addColumn<DType>("dtype");
    QTest::newRow("no number") << QByteArray("\xc0\x7f", 2) << DType::BFloat16;
    QTest::newRow("no number, converted") << QByteArray("\xc0\x7f", 2) << DType::Float32;
    QTest::newRow("infinite") << QByteArray("\x80\x7f", 2) << DType::BFloat16;
}

/// One weight of attention, which would change what is said without a word.
void FamiliesTest::refusesWhatIsNoNumber()
{
    QFETCH(QByteArray, value);
    QFETCH(DType, dtype);
    const QString copy = copyOf("llama");
    QFile file(copy + "/model.safetensors");
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray content = file.readAll();
    quint64 header = 0;
    std::memcpy(&header, content.constData(), sizeof header);
    const char *name = "model.layers.1.self_attn.q_proj.weight";
    const auto json = nlohmann::json::parse(content.mid(8, static_cast<qsizetype>(header)).toStdString());
    QCOMPARE(json[name]["dtype"].get<std::string>(), std::string("BF16"));
    QVERIFY(file.seek(static_cast<qint64>(8 + header) + json[name]["data_offsets"][0].get<qint64>()));
    QCOMPARE(file.write(value), value.size());
    file.close();
    const QString expected = QString("tensor %1 has values that are no finite numbers").arg(name);
    const std::optional<Error> error = refusalOf(copy, dtype);
    QVERIFY2(error, "it was loaded");
    QCOMPARE(error->kind(), ErrorKind::Input);
    QVERIFY2(QString::fromUtf8(error->what()).contains(expected), error->what());
}

void FamiliesTest::survivesDamage_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("configuration") << "config.json";
    QTest::newRow("weights") << "model.safetensors";
    QTest::newRow("index") << "model.safetensors.index.json";
}

/// 200 damaged files: each gives a model or one line.
void FamiliesTest::survivesDamage()
{
    QFETCH(QString, name);
    const QString copy = copyOf(name.contains("index") ? "qwen3" : "llama");
    QFile file(copy + "/" + name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    file.close();
    std::mt19937 random(11);
    const auto below = [&random](qsizetype end) { return static_cast<qsizetype>(random() % end); };
    const qsizetype header = std::min<qsizetype>(whole.size(), 2000); // where damage is not just another weight
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
        QByteArray damaged = whole;
        for (int change = 0; change < 1 + i % 3; ++change)
            damaged[below(header)] = static_cast<char>(random());
        if (i % 4 == 0)
            damaged.truncate(below(damaged.size()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(damaged);
        file.close();
        try {
            (void)Model::load(copy.toStdString(), {.dtype = DType::Float32});
        } catch (const Error &error) {
            ++refused;
            QVERIFY2(error.kind() == ErrorKind::Input || error.kind() == ErrorKind::Memory, error.what());
            QVERIFY2(!QString::fromUtf8(error.what()).contains('\n'), error.what());
        }
    }
    QVERIFY(refused > 50);
}

QTEST_GUILESS_MAIN(FamiliesTest)
#include "FamiliesTest.moc"
