// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Bootstrap.h"
#include "core/base/Error.h"
#include "core/base/Random.h"

#include <QTest>
#include <cmath>
#include <vector>

using namespace headkv;

class BootstrapTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void quantilesAreLinear();
    void intervalOfAMean();
    void pairsBeatMeans();
    void chanceIsChance();
    void refusesNonsense();
};

void BootstrapTest::quantilesAreLinear()
{
    std::vector<double> values{4, 0, 3, 1, 2}; // 0 to 4: quantiles of 10 % and 90 % lie between the outer two
    const ValueInterval interval = centralInterval(values, 0.8);
    QVERIFY(std::abs(interval.low - 0.4) < 1e-12 && std::abs(interval.high - 3.6) < 1e-12);
}

void BootstrapTest::intervalOfAMean()
{
    QCOMPARE(bootstrapMean(std::vector<double>{5, 5, 5}), (ValueInterval{5, 5})); // nothing varies
    QCOMPARE(bootstrapMean({}), (ValueInterval{0, 0}));
    // 100 values of which half are 0 and half 100: the mean's standard error is 5, so 95 % lie within 1.96 of them.
    std::vector<double> values(100);
    for (std::size_t i = 0; i < 50; ++i)
        values[i] = 100;
    const ValueInterval interval = bootstrapMean(values, {.resamples = 4000});
    QVERIFY2(std::abs(interval.low - 40.2) < 1.5 && std::abs(interval.high - 59.8) < 1.5,
             qPrintable(QString("%1 %2").arg(interval.low).arg(interval.high)));
    QCOMPARE(bootstrapMean(values, {.seed = 7}), bootstrapMean(values, {.seed = 7}));
    QVERIFY(bootstrapMean(values, {.seed = 7}) != bootstrapMean(values, {.seed = 8}));
}

/// A difference that is the same in each case is certain, however much the cases differ among themselves.
void BootstrapTest::pairsBeatMeans()
{
    std::vector<double> a, b;
    for (int i = 0; i < 20; ++i) {
        b.push_back(i * 5);
        a.push_back(i * 5 + 1 + i % 2);
    }
    const PairedComparison comparison = comparePairs(a, b);
    QCOMPARE(comparison.difference, 1.5);
    QVERIFY(comparison.interval.low > 1.2 && comparison.interval.high < 1.8);
    QCOMPARE(comparison.p, 1.0 / 1001); // none of 1,000 resamples is so far from 0
    const PairedComparison mirrored = comparePairs(b, a);
    QCOMPARE(mirrored.difference, -1.5);
    QCOMPARE(mirrored.p, comparison.p);
}

/// Where there is no difference, p is below 0.1 in about a tenth of the trials.
void BootstrapTest::chanceIsChance()
{
    Random random(1);
    int small = 0;
    for (int trial = 0; trial < 400; ++trial) {
        std::vector<double> a, b;
        for (int i = 0; i < 40; ++i) {
            a.push_back(static_cast<double>(drawBelow(random, 1000)));
            b.push_back(static_cast<double>(drawBelow(random, 1000)));
        }
        small += comparePairs(a, b, {.resamples = 200, .seed = static_cast<std::uint64_t>(trial)}).p < 0.1;
    }
    QVERIFY2(small > 20 && small < 70, qPrintable(QString::number(small)));
    QCOMPARE(comparePairs(std::vector<double>{3, 4}, std::vector<double>{3, 4}).p, 1.0);
}

void BootstrapTest::refusesNonsense()
{
    const std::vector<double> one{1}, two{1, 2};
    QVERIFY_EXCEPTION_THROWN((void)comparePairs(one, two), Error);
    QVERIFY_EXCEPTION_THROWN((void)bootstrapMean(two, {.resamples = 0}), Error);
    QVERIFY_EXCEPTION_THROWN((void)bootstrapMean(two, {.coverage = 1}), Error);
}

QTEST_GUILESS_MAIN(BootstrapTest)
#include "BootstrapTest.moc"
