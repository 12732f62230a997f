// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/LineChart.h"

#include "core/base/Error.h"
#include "widgets/charts/LineGraph.h"

#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace headkv {

namespace {

QVector<double> toVector(const std::vector<double> &values) { return {values.begin(), values.end()}; }

constexpr double yMargin = 0.05;
/// Between the error bars of one series and the next on a logarithmic axis, where all have the same x.
constexpr double barStep = 1.025;

bool isWhole(const LineSeries &line)
{
    const auto fits = [&line](const std::vector<double> &errors) {
        return errors.empty() || errors.size() == line.y.size();
    };
    return line.x.size() == line.y.size() && fits(line.errors) && fits(line.errorsBelow);
}

/// 0 where there is none.
double errorAt(const LineSeries &line, std::size_t i, bool below)
{
    const std::vector<double> &errors = below && !line.errorsBelow.empty() ? line.errorsBelow : line.errors;
    return errors.empty() || std::isnan(errors[i]) ? 0 : errors[i];
}

} // namespace

LineChart::LineChart(QWidget *parent)
    : PlotChart(parent)
    , m_references(*plot())
{
    plot()->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    setAxes({}, AxisKind::Number, {}, AxisKind::Number);
    restyle();
}

LineChart::~LineChart() = default;

void LineChart::setAxes(const QString &xLabel, AxisKind xKind, const QString &yLabel, AxisKind yKind)
{
    m_xKind = xKind;
    m_yKind = yKind;
    setUpAxis(plot()->xAxis, xLabel, xKind);
    setUpAxis(plot()->yAxis, yLabel, yKind);
    updateGraphs();
    measure();
    resetView();
}

void LineChart::setSeries(std::vector<LineSeries> series)
{
    for (const LineSeries &line : series) {
        if (!isWhole(line)) {
            throw Error(ErrorKind::Input, "line chart: series \"" + line.name.toStdString() + "\" has " +
                                              std::to_string(line.x.size()) + " x and " +
                                              std::to_string(line.y.size()) + " y values: give as many");
        }
    }
    const bool same = std::equal(series.begin(), series.end(), m_series.begin(), m_series.end(),
                                 [](const LineSeries &a, const LineSeries &b) {
                                     return a.name == b.name && a.errors.empty() == b.errors.empty();
                                 });
    m_series = std::move(series);
    measure();
    if (!same) {
        rebuild();
    }
    updateGraphs();
    if (!same) {
        resetView();
    }
}

void LineChart::rebuild()
{
    plot()->clearPlottables();
    for (const LineSeries &line : m_series) {
        auto *graph = new LineGraph(plot()->xAxis, plot()->yAxis);
        graph->setName(line.name);
        graph->setAdaptiveSampling(true);
        graph->setLineStyle(line.steps ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
        if (!line.errors.empty()) {
            auto *bars = new QCPErrorBars(plot()->xAxis, plot()->yAxis);
            bars->removeFromLegend();
            bars->setDataPlottable(graph);
        }
    }
    showLegend(m_legendVisible && m_series.size() > 1);
    restyle();
}

QSize LineChart::leastFigureSize() const
{
    // A row of the legend for each line, as in a narrow figure.
    const bool legend = m_legendVisible && m_series.size() > 1;
    const int rows = legend ? static_cast<int>(m_series.size()) : 0;
    // Beside the plot stands the name of its axis.
    const int plotHeight =
        std::max(120, QFontMetrics(chartStyle().labelFont()).horizontalAdvance(plot()->yAxis->label()));
    return {280, 90 + plotHeight + rows * (QFontMetrics(chartStyle().font()).height() + 4)};
}

void LineChart::setLegendVisible(bool visible)
{
    m_legendVisible = visible;
    rebuild();
    updateGraphs();
}

/// By what the x of a series are drawn off their place, so that error bars stand side by side; their middle stays.
std::vector<double> LineChart::barOffsets() const
{
    std::vector<double> offsets(m_series.size(), 1);
    const auto hasBars = [](const LineSeries &line) { return !line.errors.empty(); };
    if (!isLogarithmic(m_xKind)) {
        return offsets;
    }
    double place = -0.5 * static_cast<double>(std::ranges::count_if(m_series, hasBars) - 1);
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        if (hasBars(m_series[i])) {
            offsets[i] = std::pow(barStep, place++);
        }
    }
    return offsets;
}

void LineChart::updateGraphs()
{
    const std::vector<double> offsets = barOffsets();
    int graphIndex = 0;
    for (int i = 0; i < plot()->plottableCount(); ++i) {
        const LineSeries &line = m_series[static_cast<std::size_t>(std::max(0, graphIndex - 1))];
        if (auto *bars = qobject_cast<QCPErrorBars *>(plot()->plottable(i))) {
            bars->setData(toVector(line.errorsBelow.empty() ? line.errors : line.errorsBelow), toVector(line.errors));
        } else {
            const auto index = static_cast<std::size_t>(graphIndex++);
            QVector<double> x = toVector(m_series[index].x);
            std::ranges::for_each(x, [&](double &value) { value *= offsets[index]; });
            plot()->graph(graphIndex - 1)->setData(x, toVector(m_series[index].y));
        }
    }
    scheduleReplot();
}

void LineChart::setXRange(double low, double high)
{
    m_xLimits = {low, high};
    resetView();
}

void LineChart::setYRange(double low, double high)
{
    m_yLimits = {low, high};
    resetView();
}

void LineChart::appendPoints(std::size_t series, std::span<const double> x, std::span<const double> y)
{
    const bool fits = series < m_series.size() && x.size() == y.size() && m_series[series].errors.empty();
    if (!fits) {
        throw Error(ErrorKind::Input, "line chart: " + std::to_string(x.size()) + " x and " + std::to_string(y.size()) +
                                          " y values for series " + std::to_string(series) + " of " +
                                          std::to_string(m_series.size()) +
                                          ": give as many, to a series without error bars");
    }
    const bool xFollows = isFitted(plot()->xAxis);
    const bool yFollows = isFitted(plot()->yAxis);
    LineSeries &line = m_series[series];
    line.x.insert(line.x.end(), x.begin(), x.end());
    line.y.insert(line.y.end(), y.begin(), y.end());
    const QSharedPointer<QCPGraphDataContainer> points = plot()->graph(static_cast<int>(series))->data();
    for (std::size_t i = 0; i < x.size(); ++i) {
        points->add(QCPGraphData(x[i], y[i]));
        m_xExtent.add(x[i], m_xKind);
        m_yExtent.add(y[i], m_yKind);
    }
    if (xFollows) {
        fit(plot()->xAxis);
    }
    if (yFollows) {
        fit(plot()->yAxis);
    }
    scheduleLiveReplot();
}

void LineChart::setReferences(std::vector<ReferenceLine> lines)
{
    const bool follows = isFitted(plot()->yAxis);
    m_references.set(std::move(lines), chartStyle());
    if (follows) {
        fit(plot()->yAxis);
    }
    scheduleLiveReplot();
}

void LineChart::measure()
{
    m_xExtent = {};
    m_yExtent = {};
    for (const LineSeries &line : m_series) {
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            m_xExtent.add(line.x[i], m_xKind);
            m_yExtent.add(line.y[i] - errorAt(line, i, true), m_yKind);
            m_yExtent.add(line.y[i] + errorAt(line, i, false), m_yKind);
        }
    }
}

void LineChart::fit(QCPAxis *axis)
{
    if (axis == plot()->xAxis) {
        axis->setRange(fittedRange(m_xExtent, m_xKind, m_xLimits, 0));
        m_xFitted = {axis->range().lower, axis->range().upper};
        return;
    }
    Extent extent = m_yExtent;
    for (const ReferenceLine &line : m_references.lines()) {
        extent.add(line.y, m_yKind);
    }
    axis->setRange(fittedRange(extent, m_yKind, m_yLimits, yMargin));
    m_yFitted = {axis->range().lower, axis->range().upper};
}

bool LineChart::isFitted(const QCPAxis *axis) const
{
    const AxisLimits &fitted = axis == plot()->xAxis ? m_xFitted : m_yFitted;
    return axis->range().lower == fitted.low && axis->range().upper == fitted.high;
}

void LineChart::resetView()
{
    fit(plot()->xAxis);
    fit(plot()->yAxis);
    scheduleReplot();
}

QString LineChart::csv() const
{
    const bool errors = std::ranges::any_of(m_series, [](const LineSeries &line) { return !line.errors.empty(); });
    const bool twoSided =
        std::ranges::any_of(m_series, [](const LineSeries &line) { return !line.errorsBelow.empty(); });
    const auto header = [](const QString &label, const char *otherwise) {
        return csvField(label.isEmpty() ? QString::fromLatin1(otherwise) : label);
    };
    QString text = QStringLiteral("series,") + header(plot()->xAxis->label(), "x") + QLatin1Char(',') +
                   header(plot()->yAxis->label(), "y") +
                   QLatin1String(twoSided ? ",error_below,error_above\n"
                                 : errors ? ",error\n"
                                          : "\n");
    for (const LineSeries &line : m_series) {
        const auto field = [&line](std::size_t i, bool below) {
            return QLatin1Char(',') + (line.errors.empty() ? QString() : csvNumber(errorAt(line, i, below)));
        };
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            text +=
                csvField(line.name) + QLatin1Char(',') + csvNumber(line.x[i]) + QLatin1Char(',') + csvNumber(line.y[i]);
            text +=
                (twoSided ? field(i, true) : QString()) + (errors ? field(i, false) : QString()) + QLatin1Char('\n');
        }
    }
    for (const ReferenceLine &line : references()) {
        text += csvField(line.name) + QStringLiteral(",,") + csvNumber(line.y) +
                QLatin1String(twoSided ? ",,\n"
                              : errors ? ",\n"
                                       : "\n");
    }
    return text;
}

void LineChart::copyLinesTo(LineChart &other) const
{
    copyBasicsTo(other);
    other.m_legendVisible = m_legendVisible;
    other.m_xLimits = m_xLimits;
    other.m_yLimits = m_yLimits;
    other.setAxes(plot()->xAxis->label(), m_xKind, plot()->yAxis->label(), m_yKind);
    other.setSeries(m_series);
    other.setReferences(references());
    other.plot()->xAxis->setRange(plot()->xAxis->range());
    other.plot()->yAxis->setRange(plot()->yAxis->range());
}

std::unique_ptr<Chart> LineChart::clone() const
{
    auto copy = std::make_unique<LineChart>();
    copyLinesTo(*copy);
    return copy;
}

void LineChart::restyle()
{
    const ChartStyle &style = chartStyle();
    styleAxis(plot()->xAxis, false);
    styleAxis(plot()->yAxis, true);
    m_references.restyle(style);
    for (int i = 0; i < plot()->graphCount() && i < static_cast<int>(m_series.size()); ++i) {
        const LineSeries &line = m_series[static_cast<std::size_t>(i)];
        QCPGraph *graph = plot()->graph(i);
        const QColor color = line.muted              ? style.mutedText
                             : line.method.isEmpty() ? style.seriesColor(i)
                                                     : style.seriesColor(line.method);
        const Qt::PenStyle pen = line.muted ? Qt::DashLine : ChartStyle::seriesPen(line.method);
        graph->setPen(QPen(color, line.muted ? 1.25 : 2.0, pen, Qt::FlatCap, Qt::RoundJoin));
        if (line.points) {
            graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(color), QBrush(color), 6));
        }
        for (int p = 0; p < plot()->plottableCount(); ++p) {
            auto *bars = qobject_cast<QCPErrorBars *>(plot()->plottable(p));
            if (bars && bars->dataPlottable() == graph) {
                bars->setPen(QPen(color, 1.25));
                bars->setWhiskerWidth(6);
            }
        }
    }
    PlotChart::restyle();
}

void LineChart::layoutForSize(const QSize &size)
{
    const QSize inner = innerSize(size);
    const int label = m_xKind == AxisKind::Bytes ? 84 : m_xKind == AxisKind::Percent ? 60 : 48;
    plot()->xAxis->ticker()->setTickCount(std::clamp(inner.width() / label, 3, 12));
    plot()->yAxis->ticker()->setTickCount(std::clamp(inner.height() / 40, 2, 10));
    PlotChart::layoutForSize(size);
}

QString LineChart::describe(double x) const
{
    QStringList lines;
    double at = std::numeric_limits<double>::quiet_NaN();
    for (const LineSeries &line : m_series) {
        if (line.x.empty()) {
            continue;
        }
        const auto nearest = std::min_element(line.x.begin(), line.x.end(),
                                              [x](double a, double b) { return std::abs(a - x) < std::abs(b - x); });
        const auto i = static_cast<std::size_t>(nearest - line.x.begin());
        if (std::isnan(at)) {
            at = *nearest;
            const QString label = plot()->xAxis->label();
            lines << (label.isEmpty() ? QString() : label + QStringLiteral(": ")) + formatAxisValue(at, m_xKind);
        }
        lines << line.name + QStringLiteral(": ") + formatAxisValue(line.y[i], m_yKind) + describeError(line, i);
    }
    for (const ReferenceLine &line : references()) {
        lines << line.name;
    }
    return lines.join(QLatin1Char('\n'));
}

QString LineChart::describeError(const LineSeries &line, std::size_t i) const
{
    if (line.errors.empty()) {
        return {};
    }
    if (line.errorsBelow.empty()) {
        return QStringLiteral(" ± ") + formatAxisValue(line.errors[i], m_yKind);
    }
    return tr(" (%1 to %2)")
        .arg(formatAxisValue(line.y[i] - line.errorsBelow[i], m_yKind),
             formatAxisValue(line.y[i] + line.errors[i], m_yKind));
}

void LineChart::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    if (m_series.empty() || !plot()->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(globalPosition, describe(plot()->xAxis->pixelToCoord(position.x())), plot());
}

} // namespace headkv
