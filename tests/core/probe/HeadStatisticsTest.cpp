// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/HeadStatistics.h"
#include "core/base/Error.h"

#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;

/// Against figures of numpy (tests/goldens/probe/make_statistics.py) and by hand.
class HeadStatisticsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void intervalsEqualTheReference();
    void intervalsByHand();
    void stabilityEqualsTheReference();
    void manySplitsComeNearAll();
    void casesForByHand();
    void giniEqualsTheReference();
    void groupsEqualTheReference();
    void fewExamples();
    void refuses();
    void isCancelled();

private:
    nlohmann::json m_golden = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/probe/statistics.json"));
    HeadScores m_scores;
};

namespace {

void compareIntervals(const std::vector<ValueInterval> &actual, const nlohmann::json &expected)
{
    QCOMPARE(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        QVERIFY(std::abs(actual[i].low - expected[i][0].get<double>()) < 1e-9);
        QVERIFY(std::abs(actual[i].high - expected[i][1].get<double>()) < 1e-9);
    }
}

HeadScores oneLayer(std::vector<std::vector<double>> values)
{
    HeadScores scores(1, static_cast<int>(values.size()));
    scores.values = std::move(values);
    return scores;
}

} // namespace

void HeadStatisticsTest::initTestCase()
{
    m_scores = HeadScores(m_golden["layers"], m_golden["heads"]);
    m_scores.values = m_golden["scores"].get<std::vector<std::vector<double>>>();
    QVERIFY(m_scores.examples() > 1);
}

void HeadStatisticsTest::intervalsEqualTheReference()
{
    const BootstrapSettings settings{m_golden["resamples"], 0.95, m_golden["seed"]};
    const HeadIntervals intervals = bootstrapIntervals(m_scores, settings);
    compareIntervals(intervals.means, m_golden["means"]);
    compareIntervals(intervals.ranks, m_golden["ranks"]);
    QVERIFY(bootstrapIntervals(m_scores, settings).means == intervals.means);
    QVERIFY(bootstrapIntervals(m_scores, {m_golden["resamples"], 0.95, 8}).means != intervals.means);
}

void HeadStatisticsTest::intervalsByHand()
{
    // Two cases: the resampled mean is 0, 0.5 or 1, with 1/4, 1/2, 1/4. Half of the resamples lie within 0…1 less tails
    // of a quarter: 0.5 on both ends at a coverage of 0.4, the extremes at 0.6.
    const HeadScores scores = oneLayer({{0, 1}, {0, 0}});
    const HeadIntervals narrow = bootstrapIntervals(scores, {4000, 0.4, 0});
    QCOMPARE(narrow.means[0], (ValueInterval{0.5, 0.5}));
    QCOMPARE(narrow.ranks[0], (ValueInterval{1, 1})); // a tie goes to the first
    const HeadIntervals wide = bootstrapIntervals(scores, {4000, 0.6, 0});
    QCOMPARE(wide.means[0], (ValueInterval{0, 1}));
    QCOMPARE(wide.means[1], (ValueInterval{0, 0}));
    // The same cases for all heads: who leads in each case leads in each resample, however cases differ.
    const HeadIntervals joint = bootstrapIntervals(oneLayer({{1, 50, 3}, {2, 60, 4}}), {500, 0.95, 0});
    QCOMPARE(joint.ranks[1], (ValueInterval{1, 1}));
    QVERIFY(joint.means[0].high > joint.means[1].low);
}

void HeadStatisticsTest::stabilityEqualsTheReference()
{
    const RankStability stability = rankStability(m_scores, {m_golden["splits"], m_golden["seed"]});
    const nlohmann::json &expected = m_golden["stability"];
    QCOMPARE(stability.curve.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QCOMPARE(stability.curve[i].cases, expected[i][0].get<std::size_t>());
        QVERIFY(std::abs(stability.curve[i].correlation - expected[i][1].get<double>()) < 1e-9);
        QVERIFY(std::abs(stability.curve[i].deviation - expected[i][2].get<double>()) < 1e-9);
    }
    QCOMPARE(stability.splitHalf(), stability.curve.back().correlation);
}

void HeadStatisticsTest::manySplitsComeNearAll()
{
    const RankStability stability = rankStability(m_scores, {20000, 1});
    const StabilityPoint &half = stability.curve.back();
    const double error = half.deviation / std::sqrt(20000.0);
    QVERIFY2(std::abs(half.correlation - m_golden["every_split"].get<double>()) < 5 * error,
             qPrintable(QString::number(half.correlation)));
}

void HeadStatisticsTest::casesForByHand()
{
    const RankStability stability{1, {{1, 0.5, 0}, {2, 0.6, 0}, {4, 0.8, 0}}};
    QCOMPARE(stability.casesFor(0.3), std::optional(1.0));
    QVERIFY(std::abs(*stability.casesFor(0.7) - 3) < 1e-12);
    // Spearman–Brown beyond the last: 4 · 0.9 · 0.2 / (0.8 · 0.1)
    QVERIFY(std::abs(*stability.casesFor(0.9) - 9) < 1e-9);
    QVERIFY(!(RankStability{1, {{4, 0, 0}}}.casesFor(0.9)));
    QVERIFY(!RankStability().casesFor(0.9));
}

void HeadStatisticsTest::giniEqualsTheReference()
{
    QVERIFY(std::abs(summarize(m_scores).gini - m_golden["gini"].get<double>()) < 1e-12);
    QCOMPARE(summarize(oneLayer({{1}, {1}, {1}, {1}})).gini, 0.0);
    QCOMPARE(summarize(oneLayer({{0}, {0}, {0}, {5}})).gini, 0.75); // (n − 1)/n
    QCOMPARE(summarize(oneLayer({{0}, {0}})).gini, 0.0);
    const auto errors = m_golden["standard_errors"].get<std::vector<double>>();
    for (std::size_t i = 0; i < errors.size(); ++i)
        QVERIFY(std::abs(summarize(m_scores).standardErrors[i] - errors[i]) < 1e-12);
}

void HeadStatisticsTest::groupsEqualTheReference()
{
    const HeadScores groups = groupHeads(m_scores, 2);
    QCOMPARE(groups.layers, m_scores.layers);
    QCOMPARE(groups.heads, 2);
    const auto expected = m_golden["groups"].get<std::vector<std::vector<double>>>();
    for (std::size_t i = 0; i < expected.size(); ++i) {
        for (std::size_t j = 0; j < expected[i].size(); ++j)
            QVERIFY(std::abs(groups.values[i][j] - expected[i][j]) < 1e-12);
    }
    const HeadScoreSummary all = summarize(m_scores);
    QVERIFY(std::abs(summarize(groups).shares[1] - all.shares[2] - all.shares[3]) < 1e-12);
    QVERIFY(groupHeads(m_scores, m_scores.heads).values == m_scores.values);
}

void HeadStatisticsTest::fewExamples()
{
    const HeadScores one = oneLayer({{2}, {1}});
    QVERIFY(std::isnan(rankStability(one).splitHalf()));
    QCOMPARE(bootstrapIntervals(one).means[0], (ValueInterval{2, 2}));
    QVERIFY(bootstrapIntervals(HeadScores()).means.empty());
    QVERIFY(rankStability(HeadScores()).curve.empty());
    const RankStability three = rankStability(oneLayer({{2, 3, 4}, {1, 1, 2}, {0, 0, 1}}));
    QCOMPARE(three.curve.size(), std::size_t(1)); // one case in each set, one left over
    QVERIFY(std::abs(three.splitHalf() - 1) < 1e-12);
}

void HeadStatisticsTest::refuses()
{
    QVERIFY_EXCEPTION_THROWN((void)bootstrapIntervals(m_scores, {0, 0.95, 0}), Error);
    QVERIFY_EXCEPTION_THROWN((void)bootstrapIntervals(m_scores, {10, 1, 0}), Error);
    QVERIFY_EXCEPTION_THROWN((void)rankStability(m_scores, {0, 0}), Error);
    QVERIFY_EXCEPTION_THROWN((void)groupHeads(m_scores, 3), Error);
    QVERIFY_EXCEPTION_THROWN((void)groupHeads(m_scores, 0), Error);
}

void HeadStatisticsTest::isCancelled()
{
    const CancellationToken token;
    token.cancel();
    QVERIFY_EXCEPTION_THROWN((void)analyse(m_scores, token), Error);
}

QTEST_GUILESS_MAIN(HeadStatisticsTest)
#include "HeadStatisticsTest.moc"
