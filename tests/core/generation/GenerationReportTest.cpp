// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/GenerationReport.h"
#include "core/base/Error.h"
#include "core/generation/Conversation.h"
#include "core/model/Model.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;
using Json = nlohmann::ordered_json;

class GenerationReportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsWhatItWrites();
    void laterTurnsNameWhatCameBefore();
    void readsReportsWithoutTheLaterParts();
    void refusesWhatIsDamaged_data();
    void refusesWhatIsDamaged();
    void tellsReportsFromScores();

private:
    [[nodiscard]] std::string write(const Json &document) const;

    QTemporaryDir m_folder;
    GenerationReport m_report;
};

void GenerationReportTest::initTestCase()
{
    const auto model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
    m_report.takeModel(model->info());
    m_report.compression.method = "snapkv";
    m_report.compression.budget = 12;
    m_report.compression.window = 8;
    m_report.compression.granularity = Granularity::KvHead;
    m_report.loadSeconds = 0.25;
    m_report.settings = {.maxNewTokens = 7, .sampling = {.temperature = 0.5, .topP = 0.75, .seed = 11}};
    m_report.settings.reportContents = true;
    std::vector<TokenId> ids(30);
    for (int i = 0; i < 30; ++i)
        ids[static_cast<std::size_t>(i)] = 40 + i;
    m_report.generation = generate(model, ids, m_report.settings, m_report.compression);
    m_report.generation.text = "What a small model says: \u201csix\u201d.\n"; // its own is not all UTF-8
    m_report.agreement = Agreement{7, 0.5, 0.125};
    QVERIFY(!m_report.generation.emittedIds.empty());
}

std::string GenerationReportTest::write(const Json &document) const
{
    const std::string path = m_folder.filePath(QStringLiteral("report.json")).toStdString();
    std::ofstream(path) << document.dump();
    return path;
}

void GenerationReportTest::readsWhatItWrites()
{
    const Json document = describe(m_report);
    const GenerationReport read = readGenerationReport(write(document));
    QVERIFY(read.generation.metrics == m_report.generation.metrics);
    QVERIFY(read.generation.contents == m_report.generation.contents);
    QVERIFY(!read.generation.contents.positions.empty());
    QCOMPARE(read.generation.promptIds, m_report.generation.promptIds);
    QCOMPARE(read.generation.emittedIds, m_report.generation.emittedIds);
    QCOMPARE(read.generation.text, m_report.generation.text);
    QVERIFY(read.agreement == m_report.agreement);
    QCOMPARE(read.settings.sampling.seed, m_report.settings.sampling.seed);
    QCOMPARE(read.compression.window, m_report.compression.window);
    QVERIFY(describe(read) == document); // nothing is lost on the way
}

void GenerationReportTest::laterTurnsNameWhatCameBefore()
{
    GenerationReport later = m_report;
    later.generation.historyIds = {5, 6, 7};
    const Json document = describe(later);
    QVERIFY(document["history_ids"] == Json({5, 6, 7}));
    QCOMPARE(readGenerationReport(write(document)).generation.historyIds, later.generation.historyIds);
    QVERIFY(!describe(m_report).contains("history_ids"));
}

void GenerationReportTest::readsReportsWithoutTheLaterParts()
{
    Json document = describe(m_report);
    for (const char *key : {"model", "agreement", "cache", "compression"})
        document.erase(key);
    document["memory"].erase("samples");
    document["memory"].erase("entries_by_layer");
    const GenerationReport read = readGenerationReport(write(document));
    QCOMPARE(read.generation.text, m_report.generation.text);
    QVERIFY(read.generation.metrics.memory.empty());
    QVERIFY(!read.agreement);
}

void GenerationReportTest::refusesWhatIsDamaged_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value"); // JSON; empty: removed
    QTest::addColumn<QString>("said");
    QTest::newRow("no prompt") << "/prompt_ids"
                               << "[]"
                               << "prompt_ids";
    QTest::newRow("negative id") << "/prompt_ids/0"
                                 << "-3"
                                 << "prompt_ids";
    QTest::newRow("huge id") << "/emitted_ids"
                             << "[99999999999]"
                             << "emitted_ids";
    QTest::newRow("no text") << "/text"
                             << ""
                             << "text is missing";
    QTest::newRow("text of another type") << "/text"
                                          << "7"
                                          << "text";
    QTest::newRow("unknown method") << "/method"
                                    << "\"magic\""
                                    << "magic";
    QTest::newRow("unknown end") << "/stop_reason"
                                 << "\"tired\""
                                 << "tired";
    QTest::newRow("times that are words") << "/timings/per_token_ms"
                                          << "[\"fast\"]"
                                          << "per_token_ms";
    QTest::newRow("no timings") << "/timings"
                                << ""
                                << "timings";
    QTest::newRow("settings of another type") << "/settings"
                                              << "[1]"
                                              << "settings";
    QTest::newRow("budget out of range") << "/settings/budget"
                                         << "1e30"
                                         << "budget";
    QTest::newRow("uneven samples") << "/memory/samples/kv_bytes"
                                    << "[1]"
                                    << "samples";
    QTest::newRow("a position beyond the prompt") << "/cache/kept/0/0"
                                                  << "[30]"
                                                  << "beyond the prompt";
    QTest::newRow("heads missing") << "/cache/kept/0"
                                   << "[]"
                                   << "heads";
    QTest::newRow("layers missing") << "/cache/lengths"
                                    << "[]"
                                    << "layers";
    QTest::newRow("a list") << ""
                            << "[]"
                            << "not an object";
}

void GenerationReportTest::refusesWhatIsDamaged()
{
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, said);
    Json document = describe(m_report);
    const Json::json_pointer place(pointer.toStdString());
    if (value.isEmpty())
        document.at(place.parent_pointer()).erase(place.back());
    else
        document[place] = Json::parse(value.toStdString());
    const std::string path = write(document);
    try {
        (void)readGenerationReport(path);
        QFAIL("it was read");
    } catch (const Error &error) {
        QVERIFY2(QString::fromUtf8(error.what()).contains(said), error.what());
        QVERIFY(error.kind() == ErrorKind::Input || error.kind() == ErrorKind::Usage);
    }
}

void GenerationReportTest::tellsReportsFromScores()
{
    QVERIFY(isGenerationReport(write(describe(m_report))));
    QVERIFY(!isGenerationReport(write({{"0-0", {0.5}}, {"0-1", {0.25}}})));
    QVERIFY(!isGenerationReport(m_folder.filePath(QStringLiteral("nowhere.json")).toStdString()));
}

QTEST_GUILESS_MAIN(GenerationReportTest)
#include "GenerationReportTest.moc"
