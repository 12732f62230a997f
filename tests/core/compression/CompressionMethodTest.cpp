// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/CompressionMethod.h"
#include "core/base/Error.h"
#include "core/compression/BetaCurve.h"
#include "core/compression/TokenSelection.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

using namespace headkv;

namespace {

constexpr HeadShape shape{2, 4, 2};

/// Of 2 × 4 heads; the sum is 1.
const std::vector<double> importance{0.30, 0.10, 0.05, 0.05, 0.02, 0.08, 0.25, 0.15};

CompressionSettings settingsOf(const std::string &method)
{
    CompressionSettings settings;
    settings.method = method;
    settings.budget = 28;
    settings.window = 8; // b = 20
    settings.importance = importance;
    return settings;
}

std::vector<std::int64_t> capacities(const CompressionSettings &settings, std::optional<std::int64_t> tokens = {},
                                     const HeadShape &of = shape)
{
    return makeCompressionMethod(of, settings)->allocate(tokens).capacities;
}

std::vector<double> randomImportance(std::mt19937 &random, std::size_t count)
{
    std::gamma_distribution<double> gamma(0.4);
    std::vector<double> values(count);
    for (double &value : values)
        value = gamma(random);
    return values;
}

} // namespace

class CompressionMethodTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void headKvByHand();
    void headKvByKvHead();
    void dividesAsThePublishedCode_data();
    void dividesAsThePublishedCode();
    void pyramidByHand();
    void adaByHand();
    void razorByHand();
    void uniformMethods();
    void fullNeedsAPrompt();
    void selectsByScoreThenTheEarlier();
    void streamingKeepsSinksAndRecents();
    void capacitiesFollowTheScores();
    void redistributeMeetsTheTotal();
    void entriesCountWindowAndCompensation();
    void giniByHand();
    void betaCurveFalls();
    void refuses_data();
    void refuses();
};

void CompressionMethodTest::headKvByHand()
{
    CompressionSettings settings = settingsOf("headkv");
    settings.beta = 2; // q = 10, min = 10, pool = 80
    const std::vector<std::int64_t> expected{34, 18, 14, 14, 12, 16, 30, 22};
    QCOMPARE(capacities(settings), expected);
    settings.importance[0] = 0.30625; // with [1] still L1-normalised by the method: halves go to the even number
    settings.importance[1] = 0.09375; // 24.5 → 24, 7.5 → 8
    QCOMPARE(capacities(settings), (std::vector<std::int64_t>{34, 18, 14, 14, 12, 16, 30, 22}));
    settings.importance = std::vector<double>(importance.size(), 3); // all alike is SnapKV
    QCOMPARE(capacities(settings), std::vector<std::int64_t>(8, 20));
}

void CompressionMethodTest::headKvByKvHead()
{
    CompressionSettings settings = settingsOf("headkv");
    settings.beta = 2;
    settings.granularity = Granularity::KvHead; // groups' shares 0.4, 0.1, 0.1, 0.4 of a pool of 40
    QCOMPARE(capacities(settings), (std::vector<std::int64_t>{26, 14, 14, 26}));
}

void CompressionMethodTest::dividesAsThePublishedCode_data()
{
    QTest::addColumn<int>("base");
    QTest::addColumn<double>("beta");
    QTest::addColumn<int>("smallest"); // b − b // β, as Python computes it
    QTest::addRow("11 // 1.1 is 9, not 10") << 11 << 1.1 << 2;
    QTest::addRow("120 // 1.2 is 100") << 120 << 1.2 << 20;
    QTest::addRow("56 // 1.005 is 55") << 56 << 1.005 << 1;
    QTest::addRow("20 // 3 is 6") << 20 << 3.0 << 14;
}

void CompressionMethodTest::dividesAsThePublishedCode()
{
    QFETCH(int, base);
    QFETCH(double, beta);
    QFETCH(int, smallest);
    CompressionSettings settings = settingsOf("headkv");
    settings.budget = base + 8;
    settings.beta = beta;
    settings.importance = {1, 0, 0, 0, 0, 0, 0, 0};
    const std::vector<std::int64_t> counts = capacities(settings);
    QCOMPARE(counts.back(), std::int64_t(smallest));
    QCOMPARE(counts.front(), std::int64_t(smallest + 8 * (base - smallest)));
}

void CompressionMethodTest::pyramidByHand()
{
    CompressionSettings settings = settingsOf("pyramidkv"); // min = 1, max = 39
    const HeadShape tall{4, 2, 1};
    settings.importance.clear();
    QCOMPARE(capacities(settings, {}, tall), (std::vector<std::int64_t>{39, 39, 27, 27, 15, 15, 3, 3})); // 38 // 3 = 12
    QCOMPARE(capacities(settings, 38, tall), (std::vector<std::int64_t>{30, 30, 24, 24, 18, 18, 12, 12}));
    // Less than the budget: min is above max, so the step is negative, rounded down: −16 // 3 = −6.
    QCOMPARE(capacities(settings, 20, tall), (std::vector<std::int64_t>{12, 12, 18, 18, 24, 24, 30, 30}));
    QCOMPARE(capacities(settings, {}, {1, 2, 1}), (std::vector<std::int64_t>{20, 20}));
    QCOMPARE(makeCompressionMethod(tall, settings)->allocate({}).nominalTotal, std::int64_t(160));
}

void CompressionMethodTest::adaByHand()
{
    CompressionSettings settings = settingsOf("ada-snapkv");
    settings.budget = 13; // b = 5
    const auto method = makeCompressionMethod({1, 2, 2}, settings);
    QVERIFY(!method->isStatic());
    QCOMPARE(method->sharedPlaces().value(), std::int64_t(10));
    const std::vector<std::vector<float>> scores{{9, 9, 9, 9, 9, 9, 9, 1, 1, 1}, {8, 8, 8, 2, 2, 2, 2, 2, 2, 2}};
    const std::vector<std::int64_t> places = highestByList(scores, 10);
    QCOMPARE(places, (std::vector<std::int64_t>{7, 3}));
    QCOMPARE(method->capacitiesOf(places), (std::vector<std::int64_t>{7, 3})); // of 7·0.8 + 1 = 6.6, 3·0.8 + 1 = 3.4
    // Of equal ones the earlier token's count, then the first list's.
    const std::vector<std::vector<float>> equal{{1, 1, 1}, {1, 2, 1}, {1}};
    QCOMPARE(highestByList(equal, 3), (std::vector<std::int64_t>{1, 2, 0}));
    QCOMPARE(highestByList(equal, 5), (std::vector<std::int64_t>{2, 2, 1}));
    QCOMPARE(highestByList(equal, 9), (std::vector<std::int64_t>{3, 3, 1}));
}

void CompressionMethodTest::razorByHand()
{
    CompressionSettings settings = settingsOf("razor");
    settings.retrievalShare = 0.25; // of 8: the heads 0 and 6
    QCOMPARE(capacities(settings, 100), (std::vector<std::int64_t>{92, 20, 20, 20, 20, 20, 92, 20}));
    const HeadBudgets budgets = makeCompressionMethod(shape, settings)->allocate(100);
    QCOMPARE(budgets.entries(0, 100), std::int64_t(100));
    QCOMPARE(budgets.entries(1, 100), std::int64_t(29)); // 4 sinks, 24 recents, 1 compensation
    settings.granularity = Granularity::KvHead;
    QCOMPARE(capacities(settings, 100), (std::vector<std::int64_t>{92, 20, 20, 20}));
}

void CompressionMethodTest::uniformMethods()
{
    for (const char *method : {"streaming", "h2o", "snapkv", "ada-snapkv"}) {
        QCOMPARE(capacities(settingsOf(method)), std::vector<std::int64_t>(8, 20));
        QCOMPARE(makeCompressionMethod(shape, settingsOf(method))->allocate({}).nominalTotal, std::int64_t(160));
    }
}

void CompressionMethodTest::fullNeedsAPrompt()
{
    QCOMPARE(capacities(settingsOf("full"), 100),
             std::vector<std::int64_t>(4, 92)); // by KV head: nothing is stored twice
    CompressionSettings repeated = settingsOf("full");
    repeated.granularity = Granularity::QueryHead; // as the published code does, where one insists
    QCOMPARE(capacities(repeated, 100), std::vector<std::int64_t>(8, 92));
    QVERIFY_EXCEPTION_THROWN((void)capacities(settingsOf("full")), Error);
    QVERIFY_EXCEPTION_THROWN((void)capacities(settingsOf("razor")), Error);
}

void CompressionMethodTest::selectsByScoreThenTheEarlier()
{
    CompressionSettings settings = settingsOf("snapkv");
    settings.window = 2;
    const auto method = makeCompressionMethod(shape, settings);
    const LayerCandidates candidates{0, {8}, {{1, 5, 3, 5, 3, 3}}};
    QCOMPARE(method->select(candidates, 0, 3), (KeptTokens{1, 2, 3, 6, 7}));
    QCOMPARE(method->select(candidates, 0, 0), (KeptTokens{6, 7}));
    QCOMPARE(method->select(candidates, 0, 4), (KeptTokens{1, 2, 3, 4, 6, 7}));
}

void CompressionMethodTest::streamingKeepsSinksAndRecents()
{
    CompressionSettings settings = settingsOf("streaming");
    settings.budget = 10;
    const auto method = makeCompressionMethod(shape, settings);
    QCOMPARE(method->select({0, {100}, {}}, 0, 2), (KeptTokens{0, 1, 2, 3, 94, 95, 96, 97, 98, 99}));
}

/// What must hold of any score set: nothing negative, more for more importance, the sum within rounding.
void CompressionMethodTest::capacitiesFollowTheScores()
{
    std::mt19937 random(11);
    for (int round = 0; round < 50; ++round) {
        CompressionSettings settings = settingsOf("headkv");
        const HeadShape of{4, 8, 2};
        settings.budget = 8 + static_cast<int>(random() % 300);
        settings.beta = 1.001 + (random() % 1000) / 200.0;
        settings.importance = randomImportance(random, 32);
        settings.redistribute = round % 2 == 1;
        const HeadBudgets budgets = makeCompressionMethod(of, settings)->allocate({});
        QCOMPARE(budgets.capacities.size(), std::size_t(32));
        std::vector<std::size_t> order(32);
        std::iota(order.begin(), order.end(), std::size_t(0));
        std::ranges::sort(order, {}, [&](std::size_t i) { return settings.importance[i]; });
        QVERIFY(budgets.capacities[order.front()] >= 0);
        for (std::size_t i = 1; i < order.size(); ++i)
            QVERIFY(budgets.capacities[order[i - 1]] <= budgets.capacities[order[i]]);
        QVERIFY(std::abs(budgets.total() - budgets.nominalTotal) <= (settings.redistribute ? 0 : 16));
    }
}

void CompressionMethodTest::redistributeMeetsTheTotal()
{
    std::mt19937 random(12);
    for (int round = 0; round < 100; ++round) {
        CompressionSettings settings = settingsOf("headkv");
        settings.budget = 40;
        settings.redistribute = true;
        settings.importance = randomImportance(random, 8);
        if (round % 3 == 0) // nothing to be in proportion to
            std::fill(settings.importance.begin() + 1, settings.importance.end(), 0);
        const std::int64_t tokens = 8 + static_cast<std::int64_t>(random() % 120);
        const HeadBudgets budgets = makeCompressionMethod(shape, settings)->allocate(tokens);
        const std::int64_t room = 8 * (tokens - 8);
        QCOMPARE(budgets.total(), std::min(budgets.nominalTotal, room));
        QVERIFY(std::ranges::max(budgets.capacities) <= tokens - 8);
    }
}

void CompressionMethodTest::entriesCountWindowAndCompensation()
{
    const HeadBudgets budgets{.layers = 1, .lists = 3, .window = 8, .capacities = {20, 5, 0}};
    QCOMPARE(budgets.entries(0, 28), std::int64_t(28));
    QCOMPARE(budgets.entries(0, 29), std::int64_t(28));
    QCOMPARE(budgets.entries(2, 5), std::int64_t(5)); // a prompt below the window
    QCOMPARE(budgets.totalEntries(100), std::int64_t(28 + 13 + 8));
}

void CompressionMethodTest::giniByHand()
{
    HeadBudgets budgets{.layers = 1, .lists = 4, .capacities = {1, 1, 1, 1}};
    QCOMPARE(concentration(budgets).gini, 0.0);
    budgets.capacities = {0, 8, 0, 0};
    QCOMPARE(concentration(budgets).gini, 0.75);
    budgets.capacities = {3, 1, 2, 4}; // Σ (2i − 5)·x = −3·1 − 1·2 + 1·3 + 3·4 = 10, of 4·10
    QCOMPARE(concentration(budgets).gini, 0.25);
    QCOMPARE(concentration(budgets).largest, std::int64_t(4));
    QCOMPARE(concentration(budgets).smallest, std::int64_t(1));
}

void CompressionMethodTest::betaCurveFalls()
{
    const std::vector<BetaPoint> curve = betaCurve(shape, settingsOf("snapkv"));
    QVERIFY(curve.size() > 8);
    for (std::size_t i = 1; i < curve.size(); ++i) {
        QVERIFY(curve[i].beta > curve[i - 1].beta);
        QVERIFY(curve[i].concentration.gini <= curve[i - 1].concentration.gini);
    }
}

void CompressionMethodTest::refuses_data()
{
    QTest::addColumn<std::function<void(CompressionSettings &)>>("change");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char *name, const char *reason, std::function<void(CompressionSettings &)> change) {
        QTest::addRow("%s", name) << std::move(change) << reason;
    };
    row("unknown method", "headkv", [](auto &s) { s.method = "nonsense"; });
    row("budget below the window", "window of 8", [](auto &s) { s.budget = 7; });
    row("no window", "window of 0", [](auto &s) { s.window = 0; });
    row("window of a method that has one", "window of 40", [](auto &s) { s.window = 40; });
    row("even kernel", "kernel of 4", [](auto &s) { s.kernel = 4; });
    row("beta of 1", "more than 1", [](auto &s) { s.beta = 1; });
    row("beta of the pyramid", "at least 1", [](auto &s) { s.method = "pyramidkv", s.beta = 0.5; });
    row("beta is no number", "more than 1", [](auto &s) { s.beta = NAN; });
    row("only sinks", "sinks", [](auto &s) { s.method = "streaming", s.window = {}, s.budget = 4; });
    row("no scores", "score file", [](auto &s) { s.importance.clear(); });
    row("scores of another model", "9 heads", [](auto &s) { s.importance.push_back(0); });
    row("scores of nothing", "score of 0", [](auto &s) { s.importance.assign(8, 0); });
    row("negative score", "negative", [](auto &s) { s.importance[3] = -1; });
    row("floor", "floor", [](auto &s) { s.floorAlpha = 1.5; });
    row("share", "share", [](auto &s) { s.retrievalShare = -1; });
}

void CompressionMethodTest::refuses()
{
    QFETCH(std::function<void(CompressionSettings &)>, change);
    QFETCH(QString, reason);
    CompressionSettings settings = settingsOf("headkv");
    change(settings);
    try {
        (void)makeCompressionMethod(shape, settings);
        QFAIL("not refused");
    } catch (const Error &error) {
        QVERIFY(error.kind() == ErrorKind::Usage);
        QVERIFY2(QString(error.what()).contains(reason), error.what());
    }
}

QTEST_GUILESS_MAIN(CompressionMethodTest)
#include "CompressionMethodTest.moc"
