// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationSummary.h"

#include <QTest>
#include <cmath>

using namespace headkv;

namespace {

EvaluationVariant variant(const char *method, int budget)
{
    EvaluationVariant variant;
    variant.compression.method = method;
    variant.compression.budget = budget;
    return variant;
}

/// Two tasks, one a grid of 2 lengths × 2 depths with 2 needles, and FullKV beside SnapKV and StreamingLLM at 64.
EvaluationRun example()
{
    EvaluationRun run;
    run.variants = {variant("full", 0), variant("snapkv", 64), variant("streaming", 64)};
    EvaluationTask grid;
    grid.name = "niah";
    grid.lengths = {100, 200};
    grid.depths = {0, 1};
    for (std::size_t i = 0; i < 8; ++i) {
        EvaluationCase item;
        item.lengthIndex = i / 2 % 2;
        item.depthIndex = i % 2;
        grid.cases.push_back(item);
    }
    EvaluationTask plain;
    plain.name = "facts";
    plain.cases.resize(2);
    run.tasks = {grid, plain};
    const auto add = [&run](std::size_t task, std::size_t item, std::size_t variant, double score) {
        EvaluationResult result;
        result.task = task;
        result.item = item;
        result.variant = variant;
        result.score = score;
        result.prefillSeconds = static_cast<double>(item);
        result.decodeTokensPerSecond = item == 0 ? 100 : item == 1 ? 25 : 0;
        result.kvBytesPrompt = 10 * (item + 1);
        result.kvBytesPeak = 100 + item;
        run.results.push_back(result);
    };
    for (std::size_t i = 8; i-- > 0;) // in any order
        add(0, i, 1, i < 4 ? 100 : 0);
    for (std::size_t i = 0; i < 6; ++i)
        add(0, i, 2, 0);
    add(1, 1, 0, 50);
    return run;
}

} // namespace

class EvaluationSummaryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsAreMeans();
    void comparesWithinABudget();
    void orderDoesNotMatter();
};

void EvaluationSummaryTest::rowsAreMeans()
{
    const std::vector<EvaluationRow> rows = summarize(example());
    QCOMPARE(rows.size(), std::size_t(6));
    const EvaluationRow &snap = rows[1];
    QVERIFY(snap.task == 0 && snap.variant == 1 && snap.cases == 8);
    QCOMPARE(snap.score, 50.0);
    QVERIFY(snap.interval.low > 5 && snap.interval.low < 30 && snap.interval.high > 70 && snap.interval.high < 95);
    QCOMPARE(snap.prefillSeconds, 3.5);
    QCOMPARE(snap.decodeTokensPerSecond, 40.0); // 2 tokens in 1/100 + 1/25 seconds
    QCOMPARE(snap.kvBytesPrompt, std::uint64_t(45));
    QCOMPARE(snap.kvBytesPeak, std::uint64_t(107));
    QCOMPARE(snap.grid, (std::vector<std::vector<double>>{{50, 50}, {50, 50}}));
    const EvaluationRow &streaming = rows[2];
    QCOMPARE(streaming.cases, std::size_t(6));
    QCOMPARE(streaming.grid[1][1], 0.0);
    QCOMPARE(rows[0].cases, std::size_t(0)); // FullKV has no answer to the first task yet
    QVERIFY(std::isnan(rows[0].grid[0][0]));
    QCOMPARE(rows[3].score, 50.0);
    QVERIFY(rows[3].grid.empty());
}

void EvaluationSummaryTest::comparesWithinABudget()
{
    const EvaluationRun run = example();
    const std::vector<BudgetComparison> comparisons = compareBudgets(run, summarize(run));
    QCOMPARE(comparisons.size(), std::size_t(1));
    const BudgetComparison &comparison = comparisons[0];
    QVERIFY(comparison.task == 0 && comparison.budget == 64 && comparison.best == 1);
    QCOMPARE(comparison.others, std::vector<std::size_t>{2});
    // Of the six cases that both have answered, four differ by 100.
    QVERIFY(std::abs(comparison.distances[0].difference - 400.0 / 6) < 1e-9);
    QVERIFY(comparison.distances[0].p < 0.05);
}

void EvaluationSummaryTest::orderDoesNotMatter()
{
    EvaluationRun run = example();
    const std::vector<EvaluationRow> before = summarize(run);
    std::ranges::reverse(run.results);
    const std::vector<EvaluationRow> after = summarize(run);
    for (std::size_t i = 0; i < before.size(); ++i) {
        QCOMPARE(after[i].score, before[i].score);
        QCOMPARE(after[i].interval, before[i].interval);
        const EvaluationRow row = summarizeRow(run, before[i].task, before[i].variant);
        QCOMPARE(row.interval, before[i].interval);
        QCOMPARE(row.cases, before[i].cases);
        QCOMPARE(row.kvBytesPeak, before[i].kvBytesPeak);
    }
}

QTEST_GUILESS_MAIN(EvaluationSummaryTest)
#include "EvaluationSummaryTest.moc"
