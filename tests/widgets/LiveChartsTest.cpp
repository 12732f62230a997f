// SPDX-License-Identifier: GPL-3.0-or-later
// Charts that grow while a run goes on.
#include "core/base/Error.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/PhaseBars.h"
#include "widgets/charts/StackedAreaChart.h"
#include "widgets/export/ChartExport.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <QToolTip>
#include <array>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

using namespace headkv;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

LineSeries line(const char *method)
{
    LineSeries series;
    series.name = series.method = QLatin1String(method);
    return series;
}

int count(const QImage &image, const QColor &color)
{
    int found = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            found += image.pixelColor(x, y) == color;
    return found;
}

QImage drawn(const Chart &chart, bool dark = false)
{
    ExportOptions options;
    options.dark = dark;
    return ChartExport::image(chart, options);
}

/// A series that goes up and down, point by point.
void fillNoise(LineChart &chart, std::size_t series, int points)
{
    std::vector<double> x;
    std::vector<double> y;
    for (int i = 0; i < points; ++i) {
        x.push_back(i);
        y.push_back(10 + i * 7919 % 13);
    }
    chart.appendPoints(series, x, y);
}

} // namespace

class LiveChartsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void linesAppendedEqualSet();
    void linesFollowUnlessZoomed();
    void linesReferences();
    void linesErrors();
    void longLinesKeepTheirColor();
    void redrawsAreFew();
    void stackAdds();
    void stackFollowsUnlessZoomed();
    void stackLayersShow_data();
    void stackLayersShow();
    void stackManyLayers();
    void stackErrors();
    void phases();
    void phasesShow();
    void phasesErrors();
    void clonesAndVectors();
};

void LiveChartsTest::linesAppendedEqualSet()
{
    LineSeries whole = line("headkv");
    LineChart grown;
    grown.setAxes("Token", AxisKind::Tokens, "Latency (ms)", AxisKind::Number);
    grown.setSeries({line("full"), line("headkv")});
    for (int i = 0; i < 500; ++i) {
        whole.x.push_back(i);
        whole.y.push_back(i % 50 == 49 ? unknown : 20 + 5 * std::sin(i));
        const std::size_t at = whole.x.size() - 1;
        if (i % 3 == 2) // three at once
            grown.appendPoints(1, std::span(whole.x).last(3), std::span(whole.y).last(3));
        else if (i >= 498)
            grown.appendPoints(1, std::span(whole.x).subspan(at), std::span(whole.y).subspan(at));
    }
    LineChart at;
    at.setAxes("Token", AxisKind::Tokens, "Latency (ms)", AxisKind::Number);
    at.setSeries({line("full"), whole});
    QCOMPARE(grown.csv(), at.csv());
    QCOMPARE(grown.plot()->xAxis->range(), at.plot()->xAxis->range());
    QCOMPARE(grown.plot()->yAxis->range(), at.plot()->yAxis->range());
    QCOMPARE(drawn(grown), drawn(at));
    QCOMPARE(grown.plot()->graph(1)->dataCount(), 500);
}

void LiveChartsTest::linesFollowUnlessZoomed()
{
    LineChart chart;
    chart.setSeries({line("full")});
    fillNoise(chart, 0, 100);
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(0, 99));
    chart.plot()->xAxis->setRange(10, 20); // as a drag does
    const std::array<double, 1> x{100};
    const std::array<double, 1> y{50};
    chart.appendPoints(0, x, y);
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(10, 20));
    QVERIFY(chart.plot()->yAxis->range().contains(50)); // the other axis goes on
    chart.resetView();
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(0, 100));
    const std::array<double, 1> next{101};
    chart.appendPoints(0, next, y);
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(0, 101));
    // Charts side by side show the same part.
    chart.setXRange(0, 4096);
    chart.setYRange(0, 80);
    fillNoise(chart, 0, 1);
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(0, 4096));
    QCOMPARE(chart.plot()->yAxis->range(), QCPRange(0, 80));
}

void LiveChartsTest::linesReferences()
{
    LineChart chart;
    chart.setAxes("Token", AxisKind::Integer, "ms", AxisKind::Number);
    chart.setSeries({line("headkv")});
    fillNoise(chart, 0, 3);
    chart.setReferences({{"p50 12 ms", 12, {}}, {"p95 90 ms", 90, "headkv"}, {"none yet", unknown, {}}});
    QCOMPARE(chart.csv(), QStringLiteral("series,Token,ms\nheadkv,0,10\nheadkv,1,12\nheadkv,2,14\n"
                                         "p50 12 ms,,12\np95 90 ms,,90\nnone yet,,\n"));
    QVERIFY(chart.plot()->yAxis->range().contains(90));
    const QByteArray svg = ChartExport::svg(chart);
    QVERIFY(svg.contains("p95 90 ms"));
    QVERIFY(!svg.contains("none yet"));
    chart.setReferences({});
    QVERIFY(!ChartExport::svg(chart).contains("p95 90 ms"));
    QVERIFY(!chart.plot()->yAxis->range().contains(90));
}

void LiveChartsTest::linesErrors()
{
    LineChart chart;
    LineSeries barred = line("full");
    barred.x = barred.y = barred.errors = {1};
    chart.setSeries({line("headkv"), barred});
    const std::array<double, 2> two{1, 2};
    const std::array<double, 1> one{1};
    QVERIFY_EXCEPTION_THROWN(chart.appendPoints(0, two, one), Error);
    QVERIFY_EXCEPTION_THROWN(chart.appendPoints(2, one, one), Error);
    QVERIFY_EXCEPTION_THROWN(chart.appendPoints(1, one, one), Error);
    chart.appendPoints(0, {}, {});
    QVERIFY(chart.series().front().x.empty());
}

void LiveChartsTest::longLinesKeepTheirColor()
{
    for (const int points : {40, 400, 4000, 40000}) { // wide, thin, thin without smoothing
        LineChart chart;
        chart.setSeries({line("pyramidkv")}); // dashed where it is short
        fillNoise(chart, 0, points);
        QVERIFY(count(drawn(chart), ChartStyle::lightStyle().seriesColor(QStringLiteral("pyramidkv"))) > 100);
    }
}

void LiveChartsTest::redrawsAreFew()
{
    LineChart chart;
    chart.setSeries({line("full")});
    chart.resize(400, 200);
    chart.show();
    QTest::qWait(50);
    QSignalSpy drawnAgain(chart.plot(), &QCustomPlot::afterReplot);
    QElapsedTimer clock;
    clock.start();
    int appended = 0;
    for (; clock.elapsed() < 200; ++appended) {
        fillNoise(chart, 0, 1);
        QTest::qWait(1);
    }
    QVERIFY(drawnAgain.count() >= 1);
    QVERIFY2(drawnAgain.count() <= clock.elapsed() / 33 + 2, qPrintable(QString::number(drawnAgain.count())));
    QTest::qWait(80);
    chart.hide();
    drawnAgain.clear();
    fillNoise(chart, 0, 1);
    QTest::qWait(80);
    QCOMPARE(drawnAgain.count(), 0); // nobody looks
    chart.show();
    QTRY_VERIFY(drawnAgain.count() > 0);
}

void LiveChartsTest::stackAdds()
{
    StackedAreaChart chart;
    chart.setAxes("Token", AxisKind::Tokens, "Memory, bytes", AxisKind::Bytes);
    chart.setLayers({"Weights", "KV", "Other"});
    QVERIFY(chart.isEmpty());
    chart.appendPoint(0, std::array{100.0, 10.0, 1.0});
    chart.appendPoints(std::array{1.0, 2.0}, std::array{100.0, 20.0, 2.0, 100.0, 30.0, unknown});
    QCOMPARE(chart.pointCount(), 3U);
    QCOMPARE(chart.value(2, 1), 30.0);
    QCOMPARE(chart.csv(), QStringLiteral("Token,Weights,KV,Other\n0,100,10,1\n1,100,20,2\n2,100,30,\n"));
    // Edges are sums; what is not known counts as nothing.
    QCOMPARE(chart.plot()->graph(0)->data()->at(1)->value, 100.0);
    QCOMPARE(chart.plot()->graph(1)->data()->at(1)->value, 120.0);
    QCOMPARE(chart.plot()->graph(2)->data()->at(1)->value, 122.0);
    QCOMPARE(chart.plot()->graph(2)->data()->at(2)->value, 130.0);
    QCOMPARE(chart.plot()->yAxis->range().lower, 0.0);
    QVERIFY(chart.plot()->yAxis->range().upper > 130 && chart.plot()->yAxis->range().upper < 160);
    chart.setReference("FullKV", 500);
    QVERIFY(chart.plot()->yAxis->range().contains(500));
    QVERIFY(chart.csv().startsWith(QStringLiteral("Token,Weights,KV,Other,FullKV\n0,100,10,1,500\n")));
    chart.setReference({}, unknown);
    QVERIFY(!chart.plot()->yAxis->range().contains(500));
    chart.setLayers({"Weights", "KV", "Other"}); // the same: stays
    QCOMPARE(chart.pointCount(), 3U);
    chart.clearPoints();
    QVERIFY(chart.isEmpty());
    chart.appendPoint(0, std::array{1.0, 1.0, 1.0}); // from the start again
}

void LiveChartsTest::stackFollowsUnlessZoomed()
{
    StackedAreaChart chart;
    chart.setLayers({"a", "b"});
    for (int i = 0; i < 10; ++i)
        chart.appendPoint(i, std::array{1.0, static_cast<double>(i)});
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(0, 9));
    chart.plot()->xAxis->setRange(2, 4);
    chart.appendPoint(10, std::array{1.0, 99.0});
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(2, 4));
    QVERIFY(chart.plot()->yAxis->range().contains(100));
    chart.setXRange(0, 64);
    chart.setYRange(0, 1000);
    chart.appendPoint(11, std::array{1.0, 2.0});
    QCOMPARE(chart.plot()->xAxis->range(), QCPRange(0, 64));
    QCOMPARE(chart.plot()->yAxis->range(), QCPRange(0, 1000));
}

void LiveChartsTest::stackLayersShow_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void LiveChartsTest::stackLayersShow()
{
    QFETCH(bool, dark);
    StackedAreaChart chart;
    chart.setAxes("Token", AxisKind::Tokens, "Memory", AxisKind::Bytes);
    chart.setLayers({"Weights", "KV cache", "Other"});
    for (int i = 0; i < 200; ++i)
        chart.appendPoint(i, std::array{4e8, 2e8 + 1e6 * i, 3e8});
    chart.setChartStyle(dark ? ChartStyle::darkStyle() : ChartStyle::lightStyle());
    const QImage image = drawn(chart, dark);
    std::vector<QColor> fills;
    for (int layer = 0; layer < 3; ++layer) {
        const QColor fill = chart.plot()->graph(layer)->brush().color();
        QVERIFY2(count(image, fill) > 5000, qPrintable(fill.name()));
        // Neighbours differ without their hue, and from what is behind them.
        if (!fills.empty())
            QVERIFY2(contrastRatio(fills.back(), fill) >= 1.3, qPrintable(fills.back().name() + fill.name()));
        QVERIFY(contrastRatio(fill, chart.chartStyle().plotArea) >= 1.3);
        QVERIFY(contrastRatio(fill, textOn(fill)) >= 4.5);
        fills.push_back(fill);
    }
    const QByteArray svg = ChartExport::svg(chart);
    for (const char *name : {"Weights", "KV cache", "Other"})
        QVERIFY2(svg.count(name) >= 2, name); // in the legend, and inside the layer
}

void LiveChartsTest::stackManyLayers()
{
    StackedAreaChart chart;
    QStringList names;
    for (int i = 0; i < 30; ++i)
        names << QStringLiteral("Layer %1").arg(i);
    chart.setLayers(names);
    for (int i = 0; i < 50; ++i)
        chart.appendPoint(i, std::vector<double>(30, 100.0 + i));
    QVERIFY(!chart.plot()->legend->visible());
    QVERIFY(chart.plot()->graph(0)->brush().color() != chart.plot()->graph(29)->brush().color());
    QVERIFY(!drawn(chart).isNull());
}

void LiveChartsTest::stackErrors()
{
    StackedAreaChart chart;
    chart.setLayers({"a", "b"});
    QVERIFY_EXCEPTION_THROWN(chart.appendPoint(0, std::array{1.0}), Error);
    QVERIFY_EXCEPTION_THROWN(chart.appendPoint(0, std::array{1.0, -1.0}), Error);
    QVERIFY_EXCEPTION_THROWN(chart.appendPoint(unknown, std::array{1.0, 1.0}), Error);
    chart.appendPoint(5, std::array{1.0, 1.0});
    QVERIFY_EXCEPTION_THROWN(chart.appendPoint(4, std::array{1.0, 1.0}), Error);
    QCOMPARE(chart.pointCount(), 1U);
}

void LiveChartsTest::phases()
{
    PhaseBars bars;
    bars.setPhases({"Prefill", "Compression", "Decoding"});
    QVERIFY(bars.isEmpty());
    bars.setRows({{"FullKV", "full", {1.5, 0, 4}, 1.53}, {"HeadKV, 128", "headkv", {1.5, 0.25, 2.5}, unknown}});
    QCOMPARE(bars.csv(), QStringLiteral("lane,Prefill (s),Compression (s),Decoding (s),first_token (s)\n"
                                        "FullKV,1.5,0,4,1.53\n\"HeadKV, 128\",1.5,0.25,2.5,\n"));
    QCOMPARE(bars.plot()->xAxis->range().lower, 0.0);
    QVERIFY(bars.plot()->xAxis->range().contains(5.5));
    QVERIFY(bars.plot()->yAxis->rangeReversed());    // the first lane on top
    QCOMPARE(bars.plot()->graph(0)->dataCount(), 1); // one first token is known
    // The same lane grows.
    bars.setRows({{"FullKV", "full", {1.5, 0, 8}, 1.53}});
    QVERIFY(bars.plot()->xAxis->range().contains(9.5));
    bars.setPhases({"One"});
    QVERIFY(bars.isEmpty());
}

void LiveChartsTest::phasesShow()
{
    PhaseBars bars;
    bars.setPhases({"Prefill", "Compression", "Decoding"});
    bars.setRows({{"FullKV", "full", {1.5, 0, 4}, 1.53}, {"HeadKV", "headkv", {1.5, 0.5, 2.5}, 2.06}});
    for (const bool dark : {false, true}) {
        const QImage image = drawn(bars, dark);
        const ChartStyle style = dark ? ChartStyle::darkStyle() : ChartStyle::lightStyle();
        const int full = count(image, style.seriesColor(QStringLiteral("full")));
        const int headKv = count(image, style.seriesColor(QStringLiteral("headkv")));
        QVERIFY(full > 1000 && headKv > 1000);
        // Decoding: 4 s and 2.5 s, less the labels on them.
        QVERIFY2(std::abs(static_cast<double>(full) / headKv - 1.6) < 0.12, qPrintable(QString::number(full)));
    }
    const QByteArray svg = ChartExport::svg(bars);
    for (const char *text :
         {"1.50 s", "4.00 s", "2.50 s", "Prefill", "Compression", "Decoding", "First token", "FullKV"})
        QVERIFY2(svg.contains(text), text);
    bars.resize(480, 200);
    bars.show();
    bars.plot()->replot(QCustomPlot::rpImmediateRefresh);
    const QPoint second(static_cast<int>(bars.plot()->xAxis->coordToPixel(1)),
                        static_cast<int>(bars.plot()->yAxis->coordToPixel(1)));
    QTest::mouseMove(bars.plot(), second);
    QVERIFY(QToolTip::text().contains(QStringLiteral("HeadKV")));
    QVERIFY(QToolTip::text().contains(QStringLiteral("Time to first token: 2.06 s")));
}

void LiveChartsTest::phasesErrors()
{
    PhaseBars bars;
    bars.setPhases({"a", "b"});
    QVERIFY_EXCEPTION_THROWN(bars.setRows({{"x", "full", {1}, unknown}}), Error);
    QVERIFY_EXCEPTION_THROWN(bars.setRows({{"x", "full", {1, -1}, unknown}}), Error);
    bars.setRows({{"x", "full", {unknown, unknown}, unknown}}); // nothing known yet
    QVERIFY(!drawn(bars).isNull());
}

void LiveChartsTest::clonesAndVectors()
{
    LineChart lines;
    lines.setTitle("Latency");
    lines.setSeries({line("full"), line("headkv")});
    fillNoise(lines, 1, 300);
    lines.setReferences({{"p50", 12, {}}});
    StackedAreaChart stack;
    stack.setTitle("Memory");
    stack.setLayers({"a", "b"});
    stack.appendPoints(std::array{0.0, 1.0, 5.0}, std::array{1.0, 2.0, 3.0, 4.0, 5.0, 6.0});
    stack.setReference("FullKV", 15);
    PhaseBars phaseBars;
    phaseBars.setTitle("Time");
    phaseBars.setPhases({"a", "b"});
    phaseBars.setRows({{"one", "full", {1, 2}, 1}});
    for (const Chart *chart : std::initializer_list<const Chart *>{&lines, &stack, &phaseBars}) {
        const std::unique_ptr<Chart> copy = chart->clone();
        QCOMPARE(copy->csv(), chart->csv());
        QCOMPARE(copy->title(), chart->title());
        QCOMPARE(drawn(*copy), drawn(*chart));
        const QImage image = drawn(*chart);
        QVERIFY(count(image, image.pixelColor(0, 0)) < image.width() * image.height() * 98 / 100);
        QVERIFY(!ChartExport::svg(*chart).contains("<image"));
    }
}

QTEST_MAIN(LiveChartsTest)
#include "LiveChartsTest.moc"
