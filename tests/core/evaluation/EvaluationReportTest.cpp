// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationReport.h"
#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/base/Random.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "core/evaluation/EvaluationRunner.h"
#include "core/evaluation/EvaluationSummary.h"
#include "core/evaluation/StoredEvaluation.h"
#include "core/model/Model.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

using namespace headkv;

class EvaluationReportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsBackWhatItWrote();
    void everyStateIsValid();
    void goesOnToTheSameRows();
    void refusesAnotherRun();
    void survivesBrokenFiles();

private:
    [[nodiscard]] std::filesystem::path file(const char *name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    /// The error's text, or "".
    static std::string errorOf(const std::function<void()> &call)
    {
        try {
            call();
        } catch (const Error &error) {
            return error.what();
        }
        return {};
    }

    QTemporaryDir m_folder;
    std::shared_ptr<const Model> m_model;
    EvaluationRequest m_request;
    EvaluationRun m_run;
};

void EvaluationReportTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
    m_request.tasks = {needleTask};
    for (const char *method : {"full", "snapkv", "headkv", "pyramidkv"}) {
        m_request.methods.emplace_back();
        m_request.methods.back().method = method;
        m_request.methods.back().granularity = Granularity::KvHead;
    }
    m_request.methods[1].window = 11;
    m_request.methods[1].pooling = Pooling::Average;
    m_request.methods[2].beta = 1.5;
    m_request.budgets = {60, 90};
    const auto heads = static_cast<std::size_t>(m_model->info().layers * m_model->info().queryHeads);
    m_request.scoreSets = {{"R", "r.json", std::vector<double>(heads, 1.0 / static_cast<double>(heads))}};
    m_request.needles.lengths = {80, 140};
    m_request.needles.depths = {0, 1};
    m_request.needles.needles = {{" The inn is on the hill.", "Where is the inn?", "on the hill"}};
    m_request.needles.haystack = "The rain is in the reed. An otter is on the shore and rests. Nobody sees it. ";
    m_request.needles.haystackName = "built-in";
    m_request.needles.maxNewTokens = 5;
    m_run = planEvaluation(*m_model, m_request);
    runEvaluation(m_model, m_run);
}

void EvaluationReportTest::readsBackWhatItWrote()
{
    const auto path = file("results.json");
    EvaluationReport(path, m_model->info(), m_request).finish(m_run);
    QVERIFY(isEvaluationReport(path));
    const StoredEvaluation stored = readEvaluation(path);
    QCOMPARE(stored.run.results.size(), m_run.results.size());
    QVERIFY(describe(stored.request) == describe(m_request));
    QVERIFY(describeRows(stored.run) == describeRows(m_run));
    for (std::size_t i = 0; i < stored.run.variants.size(); ++i) {
        const CompressionSettings &read = stored.run.variants[i].compression, &ours = m_run.variants[i].compression;
        QCOMPARE(stored.run.variants[i].method(), m_run.variants[i].method());
        QVERIFY(read.budget == ours.budget && read.window == ours.window && read.pooling == ours.pooling &&
                read.importance == ours.importance && read.granularity == ours.granularity);
    }
    const auto json = nlohmann::json::parse(readTextFile(path));
    const nlohmann::json &row = json.at("rows").at(1);
    QVERIFY(row.at("task") == "niah" && row.at("method") == "snapkv" && row.at("budget") == 60 &&
            row.at("cases") == 4 && row.at("metric") == "rouge1_recall" && row.at("grid").size() == 2);
    QVERIFY(json.at("rows").at(0).at("budget").is_null()); // FullKV has none
}

void EvaluationReportTest::everyStateIsValid()
{
    const auto path = file("growing.json");
    EvaluationRun run = planEvaluation(*m_model, m_request);
    EvaluationReport report(path, m_model->info(), m_request);
    runEvaluation(m_model, run, {}, [&](const EvaluationRun &soFar) {
        report.finish(soFar);
        QCOMPARE(readEvaluation(path).run.results.size(), soFar.results.size());
    });
    QVERIFY(describe(readEvaluation(path).request) == describe(m_request));
}

void EvaluationReportTest::goesOnToTheSameRows()
{
    const auto path = file("stopped.json");
    EvaluationRun run = planEvaluation(*m_model, m_request);
    JobControl control;
    runEvaluation(m_model, run, control, [&](const EvaluationRun &soFar) {
        if (soFar.results.size() == 10)
            control.cancellation.cancel();
    });
    QVERIFY(run.cancelled);
    EvaluationReport(path, m_model->info(), m_request).finish(run);
    EvaluationRun resumed = planEvaluation(*m_model, m_request);
    resumeEvaluation(resumed, m_model->info(), m_request, path);
    QCOMPARE(resumed.results.size(), run.results.size());
    runEvaluation(m_model, resumed);
    const std::vector<EvaluationRow> rows = summarize(resumed), whole = summarize(m_run);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        QCOMPARE(rows[i].score, whole[i].score);
        QCOMPARE(rows[i].cases, whole[i].cases);
        QCOMPARE(rows[i].interval, whole[i].interval);
        QCOMPARE(rows[i].grid, whole[i].grid);
    }
}

void EvaluationReportTest::refusesAnotherRun()
{
    const auto path = file("other.json");
    EvaluationReport(path, m_model->info(), m_request).finish(m_run);
    const auto refusal = [&](auto change) {
        EvaluationRequest changed = m_request;
        change(changed);
        EvaluationRun run = planEvaluation(*m_model, changed);
        return errorOf([&] { resumeEvaluation(run, m_model->info(), changed, path); });
    };
    QCOMPARE(refusal([](EvaluationRequest &) {}), std::string());
    QVERIFY(refusal([](EvaluationRequest &r) { r.budgets = {60}; }).find("another budgets") != std::string::npos);
    QVERIFY(refusal([](EvaluationRequest &r) { r.methods.pop_back(); }).find("another methods") != std::string::npos);
    QVERIFY(refusal([](EvaluationRequest &r) { r.moment = CompressionMoment::Context; }).find("another moment") !=
            std::string::npos);
    QVERIFY(refusal([](EvaluationRequest &r) {
                r.needles.haystack = "Other rain falls. And falls. ";
            }).find("task niah has other prompts now") != std::string::npos);
    ModelInfo other = m_model->info();
    other.sha256 = "0";
    EvaluationRun run = planEvaluation(*m_model, m_request);
    QVERIFY(errorOf([&] { resumeEvaluation(run, other, m_request, path); }).find("another sha256") !=
            std::string::npos);
}

/// Whatever a file holds, it is read or refused in one line.
void EvaluationReportTest::survivesBrokenFiles()
{
    const auto path = file("whole.json");
    EvaluationReport(path, m_model->info(), m_request).finish(m_run);
    const std::string whole = readTextFile(path);
    Random random(3);
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
        std::string text = whole;
        const std::size_t at = drawBelow(random, text.size());
        if (round % 3 == 0)
            text.resize(at);
        else if (round % 3 == 1)
            text[at] = static_cast<char>(drawBelow(random, 256));
        else
            text.erase(at, drawBelow(random, 40));
        const auto broken = file("broken.json");
        std::ofstream(broken, std::ios::binary) << text;
        const std::string error = errorOf([&] { (void)readEvaluation(broken); });
        refused += !error.empty();
        QVERIFY(error.find('\n') == std::string::npos);
    }
    QVERIFY(refused > 150);
    QVERIFY(errorOf([&] { (void)readEvaluation(file("none.json")); }).find("none.json") != std::string::npos);
    QVERIFY(!isEvaluationReport(file("none.json")));
}

QTEST_GUILESS_MAIN(EvaluationReportTest)
#include "EvaluationReportTest.moc"
