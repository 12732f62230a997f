// SPDX-License-Identifier: GPL-3.0-or-later
// Figures as a paper in two columns has them: no label over another, none cut at the edge.
#include "widgets/charts/FigureGrid.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/LayerShareView.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/LorenzView.h"
#include "widgets/charts/MemoryChart.h"
#include "widgets/charts/PhaseBars.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/charts/SortedBarsView.h"
#include "widgets/export/ChartExport.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTest>
#include <QTransform>
#include <QXmlStreamReader>
#include <cmath>

using namespace headkv;

namespace {

struct Label
{
    QString text;
    QPolygonF outline; ///< on the page
};

QTransform transformOf(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("matrix\\(([^)]*)\\)"));
    const QStringList v = form.match(text).captured(1).split(',');
    if (v.size() != 6)
        return {};
    return {v[0].toDouble(), v[1].toDouble(), v[2].toDouble(), v[3].toDouble(), v[4].toDouble(), v[5].toDouble()};
}

/// All texts of an SVG with the box of their letters.
QList<Label> labelsOf(const QByteArray &svg)
{
    QList<Label> labels;
    QList<QTransform> stack{QTransform()};
    QXmlStreamReader xml(svg);
    while (!xml.atEnd()) {
        const auto token = xml.readNext();
        if (token == QXmlStreamReader::EndElement)
            stack.removeLast();
        if (token != QXmlStreamReader::StartElement)
            continue;
        const QXmlStreamAttributes attributes = xml.attributes();
        const QTransform here = transformOf(attributes.value(QLatin1String("transform")).toString()) * stack.last();
        stack.append(here);
        if (xml.name() != QLatin1String("text"))
            continue;
        QFont font;
        font.setPixelSize(qRound(attributes.value(QLatin1String("font-size")).toDouble()));
        font.setWeight(static_cast<QFont::Weight>(attributes.value(QLatin1String("font-weight")).toInt()));
        const QPointF at(attributes.value(QLatin1String("x")).toDouble(),
                         attributes.value(QLatin1String("y")).toDouble());
        const QString text = xml.readElementText(QXmlStreamReader::IncludeChildElements);
        stack.removeLast();
        const QRectF box = QFontMetricsF(font).tightBoundingRect(text).translated(at).adjusted(-1.5, 0, 1.5, 0);
        labels.append({text, here.map(QPolygonF(box))});
    }
    return labels;
}

/// What is wrong with the labels of a figure of that width; empty: nothing.
QString problem(const Chart &chart, double millimetres)
{
    ExportOptions options;
    options.unit = ExportOptions::Unit::Millimetres;
    options.fontPoints = 8;
    options.textAsShapes = false;
    options.size = ChartExport::sizeForWidth(chart, millimetres, options.fontPoints);
    const QList<Label> labels = labelsOf(ChartExport::svg(chart, options));
    if (labels.size() < 4)
        return QStringLiteral("only %1 labels").arg(labels.size());
    const QRectF page(QPointF(-1, -1), options.size * (96 / 25.4) + QSizeF(2, 2));
    for (qsizetype i = 0; i < labels.size(); ++i) {
        if (!page.contains(labels[i].outline.boundingRect()))
            return QStringLiteral("\"%1\" is cut").arg(labels[i].text);
        for (qsizetype j = 0; j < i; ++j) {
            if (labels[i].outline.intersects(labels[j].outline))
                return QStringLiteral("\"%1\" lies over \"%2\"").arg(labels[i].text, labels[j].text);
        }
    }
    return {};
}

HeatmapData scores(int layers, int heads)
{
    HeatmapData data;
    data.layers = layers;
    data.heads = heads;
    for (int i = 0; i < layers * heads; ++i)
        data.values.push_back(1.0 / (i + 3));
    return data;
}

const std::vector<std::pair<const char *, const char *>> methods{{"FullKV", "full"},
                                                                 {"SnapKV, B 128, window 32", "snapkv"},
                                                                 {"Ada-SnapKV, B 128, window 32", "ada-snapkv"},
                                                                 {"HeadKV, B 128, β 1.2, R (SmolLM2)", "headkv"}};

std::vector<LineSeries> lines(double top)
{
    std::vector<LineSeries> series;
    for (const auto &[name, method] : methods) {
        LineSeries line;
        line.name = QString::fromUtf8(name);
        line.method = QLatin1String(method);
        for (int i = 0; i <= 20; ++i) {
            line.x.push_back(i * 400);
            line.y.push_back(top * std::sqrt(i + double(series.size())) / 5);
        }
        series.push_back(std::move(line));
    }
    return series;
}

} // namespace

class PaperFiguresTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void heatmaps();
    void lineCharts();
    void distributions();
    void bars();
    void grids();
    void chartsInRows();
    void zoomedFigures();

private:
    static void check(const Chart &chart, const char *what)
    {
        for (const double width : {ExportOptions::oneColumn, ExportOptions::twoColumns}) {
            const QString found = problem(chart, width);
            QVERIFY2(found.isEmpty(), qPrintable(QStringLiteral("%1 at %2 mm: %3").arg(what).arg(width).arg(found)));
        }
    }
};

void PaperFiguresTest::heatmaps()
{
    HeatmapView view;
    view.setTitle(QStringLiteral("R (SmolLM2 135M Instruct)"));
    for (const auto &[layers, heads] : {std::pair(30, 9), std::pair(32, 32), std::pair(80, 64), std::pair(2, 4)}) {
        view.setData(scores(layers, heads));
        check(view, "a heatmap");
    }
}

void PaperFiguresTest::lineCharts()
{
    LineChart chart;
    chart.setTitle(QStringLiteral("Latency by token"));
    chart.setAxes(QStringLiteral("Token"), AxisKind::Integer, QStringLiteral("Milliseconds"), AxisKind::Number);
    chart.setSeries(lines(120));
    check(chart, "a line chart");
    chart.setAxes(QStringLiteral("Tokens"), AxisKind::Tokens, QStringLiteral("KV cache"), AxisKind::Bytes);
    chart.setSeries(lines(3e9));
    check(chart, "a line chart of bytes");
    MemoryChart memory;
    memory.setTitle(QStringLiteral("KV cache memory"));
    memory.setCurves({{QStringLiteral("FullKV"), QStringLiteral("full"), {0, 8192}, {0, 3e8}},
                      {QStringLiteral("Budget 1,024, by KV head"), {}, {0, 8192}, {0, 4e7}},
                      {QStringLiteral("Budget 1,024, by query head"), {}, {0, 8192}, {0, 1e8}}});
    check(memory, "memory");
}

void PaperFiguresTest::distributions()
{
    LorenzView lorenz;
    lorenz.setTitle(QStringLiteral("How unequal the heads are"));
    std::vector<double> curve;
    for (int i = 0; i <= 20; ++i)
        curve.push_back(std::pow(i / 20.0, 3));
    lorenz.setCurves(
        {{QStringLiteral("R (SmolLM2 135M Instruct)"), curve}, {QStringLiteral("ER (SmolLM2 135M)"), curve}});
    check(lorenz, "Lorenz curves");
    LayerShareView layers;
    layers.setTitle(QStringLiteral("Share of the score by layer"));
    layers.setShares({{QStringLiteral("R (SmolLM2 135M Instruct)"), std::vector<double>(30, 1 / 30.0)},
                      {QStringLiteral("ER (SmolLM2 135M)"), std::vector<double>(30, 1 / 30.0)}});
    check(layers, "shares by layer");
}

void PaperFiguresTest::bars()
{
    SortedBarsView bars;
    bars.setTitle(QStringLiteral("Top 20 heads, R (SmolLM2 135M)"));
    std::vector<HeadBar> heads;
    for (int i = 0; i < 20; ++i)
        heads.push_back({{10 + i, i}, 0.5 / (i + 1), 0.02});
    bars.setBars(std::move(heads));
    check(bars, "top heads");
    PhaseBars phases;
    phases.setTitle(QStringLiteral("Where the time went"));
    phases.setPhases({QStringLiteral("Prefill"), QStringLiteral("Compression"), QStringLiteral("Decoding")});
    std::vector<PhaseRow> rows;
    for (const auto &[name, method] : methods)
        rows.push_back({.name = QString::fromUtf8(name), .method = QLatin1String(method), .seconds = {4.2, 0.3, 7.7}});
    phases.setRows(std::move(rows));
    check(phases, "phases");
}

void PaperFiguresTest::grids()
{
    ProbeGridView view;
    view.setTitle(QStringLiteral("Passed cases"));
    ProbeGridData data;
    data.lengths = {1638, 3276, 4915, 6553, 8192};
    for (int i = 0; i < 10; ++i)
        data.depths.push_back(i / 9.0);
    data.cells.assign(50, {.passed = 1, .done = 2, .total = 2});
    view.setData(data);
    check(view, "a grid of a probe");
}

/// A part of a figure, as it is zoomed to: nothing is drawn beyond the axes, although an SVG does not clip.
void PaperFiguresTest::zoomedFigures()
{
    LineChart chart;
    chart.setAxes(QStringLiteral("Token"), AxisKind::Integer, QStringLiteral("Milliseconds"), AxisKind::Number);
    chart.setLegendVisible(false);
    chart.setSeries(lines(120));
    chart.setXRange(2000, 4000);
    chart.setYRange(55, 65);
    const auto ink = [](const Chart &figure, const QRect &where) {
        QImage image(720, 432, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        QSvgRenderer(ChartExport::svg(figure)).render(&painter);
        painter.end();
        int colored = 0;
        for (int y = where.top(); y <= where.bottom(); ++y) {
            for (int x = where.left(); x <= where.right(); ++x)
                colored += QColor(image.pixel(x, y)).saturation() > 60;
        }
        return colored;
    };
    QVERIFY(ink(chart, {80, 20, 600, 300}) > 300);
    QCOMPARE(ink(chart, {0, 0, 720, 8}), 0);
    QCOMPARE(ink(chart, {0, 400, 720, 32}), 0);
    HeatmapView view;
    view.setColorBarVisible(false);
    view.setData(scores(30, 9));
    view.showCells({10, 3, 5, 3});
    QVERIFY(ink(view, {120, 40, 400, 300}) > 20000);
    QCOMPARE(ink(view, {0, 0, 720, 8}), 0);
    QCOMPARE(ink(view, {0, 424, 720, 8}), 0);
}

/// As headkv figure efficiency draws them.
void PaperFiguresTest::chartsInRows()
{
    FigureGrid figure(3);
    for (const char *const title :
         {"Prefill", "Decoding", "Decoding by what was kept", "Time in all", "Peak KV cache"}) {
        auto chart = std::make_unique<LineChart>();
        chart->setTitle(QString::fromLatin1(title));
        chart->setAxes(QStringLiteral("Prompt tokens"), AxisKind::Tokens, QStringLiteral("Recall (ROUGE-1), 0…100"),
                       AxisKind::Number);
        std::vector<LineSeries> series = lines(9);
        for (LineSeries &line : series)
            line.name = line.name.section(',', 0, 0);
        chart->setSeries(std::move(series));
        figure.add(std::move(chart));
    }
    const QString found = problem(figure, ExportOptions::twoColumns);
    QVERIFY2(found.isEmpty(), qPrintable(found));
}

QTEST_MAIN(PaperFiguresTest)
#include "PaperFiguresTest.moc"
