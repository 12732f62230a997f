// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/HeatmapData.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace headkv;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

HeatmapScale scaleOf(HeatmapScale::Kind kind)
{
    HeatmapScale scale;
    scale.kind = kind;
    return scale;
}

} // namespace

class HeatmapDataTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void linear()
    {
        QCOMPARE(scaleRange({1, 2, 3, missing}, scaleOf(HeatmapScale::Kind::Linear)),
                 (ValueRange{0, 3})); // starts at 0
        QCOMPARE(scaleRange({-1, 2}, scaleOf(HeatmapScale::Kind::Linear)), (ValueRange{-1, 2}));
        QCOMPARE(scaleRange({0, 0}, scaleOf(HeatmapScale::Kind::Linear)), (ValueRange{0, 1}));
        QCOMPARE(scaleRange({}, scaleOf(HeatmapScale::Kind::Linear)), (ValueRange{0, 1}));
        QCOMPARE(scalePosition(1.5, {0, 3}, HeatmapScale::Kind::Linear), 0.5);
        QCOMPARE(scalePosition(9, {0, 3}, HeatmapScale::Kind::Linear), 1.0);
        QVERIFY(std::isnan(scalePosition(missing, {0, 3}, HeatmapScale::Kind::Linear)));
    }

    void logarithmic()
    {
        const ValueRange range = scaleRange({0, 0.001, 0.1, 10, missing, -4}, scaleOf(HeatmapScale::Kind::Log));
        QCOMPARE(range, (ValueRange{0.001, 10}));
        QCOMPARE(scalePosition(0.1, range, HeatmapScale::Kind::Log), 0.5);
        QCOMPARE(scalePosition(0, range, HeatmapScale::Kind::Log), 0.0);
        QCOMPARE(scalePosition(-1, range, HeatmapScale::Kind::Log), 0.0);
        QCOMPARE(scalePosition(10, range, HeatmapScale::Kind::Log), 1.0);
        const ValueRange none = scaleRange({0, 0}, scaleOf(HeatmapScale::Kind::Log));
        QVERIFY(none.low > 0 && none.high > none.low);
        const ValueRange one = scaleRange({5, 5}, scaleOf(HeatmapScale::Kind::Log));
        QVERIFY(one.low > 0 && one.high > one.low);
    }

    /// Against numpy.percentile(values, p).
    void percentiles()
    {
        const std::vector<double> values{15, 20, 35, 40, 50, missing};
        QCOMPARE(percentile(values, 40), 29.0);
        QCOMPARE(percentile(values, 0), 15.0);
        QCOMPARE(percentile(values, 100), 50.0);
        QCOMPARE(percentile(values, 90), 46.0);
        QVERIFY(std::isnan(percentile({missing}, 50)));
        HeatmapScale scale = scaleOf(HeatmapScale::Kind::Percentile);
        scale.lowPercentile = 40;
        scale.highPercentile = 90;
        QCOMPARE(scaleRange(values, scale), (ValueRange{29, 46}));
        QCOMPARE(scalePosition(15, {29, 46}, scale.kind), 0.0);
    }

    void symmetricAndFixed()
    {
        QCOMPARE(scaleRange({-0.5, 0.2}, scaleOf(HeatmapScale::Kind::Symmetric)), (ValueRange{-0.5, 0.5}));
        QCOMPARE(scaleRange({0}, scaleOf(HeatmapScale::Kind::Symmetric)), (ValueRange{-1, 1}));
        HeatmapScale scale = scaleOf(HeatmapScale::Kind::Linear);
        scale.fixed = ValueRange{2, 8};
        QCOMPARE(scaleRange({1, 100}, scale), (ValueRange{2, 8}));
        scale.kind = HeatmapScale::Kind::Log;
        scale.fixed = ValueRange{0, 8};
        QVERIFY(scaleRange({1, 100}, scale).low > 0);
    }

    void consistency()
    {
        HeatmapData data;
        QVERIFY(data.isConsistent());
        data.layers = 2;
        data.heads = 3;
        QVERIFY(!data.isConsistent());
        data.values.assign(6, 1);
        QVERIFY(data.isConsistent());
        data.ranks.assign(5, 1);
        QVERIFY(!data.isConsistent());
    }
};

QTEST_GUILESS_MAIN(HeatmapDataTest)
#include "HeatmapDataTest.moc"
