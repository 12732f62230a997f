// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/LineChart.h"

#include "core/base/Error.h"
#include "widgets/Formats.h"
#include "widgets/charts/Tickers.h"

#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

QSharedPointer<QCPAxisTicker> makeTicker(AxisKind kind)
{
    switch (kind) {
    case AxisKind::Integer:
        return QSharedPointer<QCPAxisTicker>(new IntegerTicker);
    case AxisKind::Bytes:
        return QSharedPointer<QCPAxisTicker>(new BytesTicker);
    case AxisKind::Tokens:
        return QSharedPointer<QCPAxisTicker>(new TokensTicker);
    case AxisKind::Percent:
        return QSharedPointer<QCPAxisTicker>(new PercentTicker);
    case AxisKind::LogNumber:
        return QSharedPointer<QCPAxisTicker>(new LogTicker);
    case AxisKind::Number:
        break;
    }
    return QSharedPointer<QCPAxisTicker>(new ScoreTicker);
}

QVector<double> toVector(const std::vector<double> &values) { return {values.begin(), values.end()}; }

struct Extent
{
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void add(double value, bool positiveOnly)
    {
        if (std::isfinite(value) && (!positiveOnly || value > 0)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
};

} // namespace

QString formatAxisValue(double value, AxisKind kind)
{
    switch (kind) {
    case AxisKind::Integer:
    case AxisKind::Tokens:
        return formatCount(std::llround(value));
    case AxisKind::Bytes:
        return formatBytes(value);
    case AxisKind::Percent:
        return formatPercent(value);
    case AxisKind::LogNumber:
        if (value >= 1e4 && value == std::floor(value)) { // a count
            return formatCount(std::llround(value));
        }
        return formatScore(value);
    default:
        return formatScore(value);
    }
}

LineChart::LineChart(QWidget *parent)
    : PlotChart(parent)
    , m_xLimits{nan, nan}
    , m_yLimits{nan, nan}
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
    const auto give = [](QCPAxis *axis, const QString &label, AxisKind kind) {
        axis->setLabel(label);
        axis->setScaleType(kind == AxisKind::LogNumber ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        axis->setTicker(makeTicker(kind));
    };
    give(plot()->xAxis, xLabel, xKind);
    give(plot()->yAxis, yLabel, yKind);
    resetView();
}

void LineChart::setSeries(std::vector<LineSeries> series)
{
    for (const LineSeries &line : series) {
        const bool fits =
            line.x.size() == line.y.size() && (line.errors.empty() || line.errors.size() == line.y.size());
        if (!fits) {
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
        QCPGraph *graph = plot()->addGraph();
        graph->setName(line.name);
        graph->setAdaptiveSampling(true);
        graph->setLineStyle(line.steps ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
        if (!line.errors.empty()) {
            auto *bars = new QCPErrorBars(plot()->xAxis, plot()->yAxis);
            bars->removeFromLegend();
            bars->setDataPlottable(graph);
        }
    }
    showLegend(m_series.size() > 1);
    restyle();
}

void LineChart::updateGraphs()
{
    int graphIndex = 0;
    for (int i = 0; i < plot()->plottableCount(); ++i) {
        const LineSeries &line = m_series[static_cast<std::size_t>(std::max(0, graphIndex - 1))];
        if (auto *bars = qobject_cast<QCPErrorBars *>(plot()->plottable(i))) {
            bars->setData(toVector(line.errors));
        } else {
            const LineSeries &own = m_series[static_cast<std::size_t>(graphIndex++)];
            plot()->graph(graphIndex - 1)->setData(toVector(own.x), toVector(own.y));
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

void LineChart::resetView()
{
    Extent x;
    Extent y;
    for (const LineSeries &line : m_series) {
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            x.add(line.x[i], m_xKind == AxisKind::LogNumber);
            const double error = line.errors.empty() || std::isnan(line.errors[i]) ? 0 : line.errors[i];
            y.add(line.y[i] - error, m_yKind == AxisKind::LogNumber);
            y.add(line.y[i] + error, m_yKind == AxisKind::LogNumber);
        }
    }
    const auto fit = [](QCPAxis *axis, Extent extent, AxisKind kind, const Limits &limits, double margin) {
        if (extent.low > extent.high) {
            extent = {0.1, 1};
        }
        QCPRange range(extent.low, extent.high);
        if (kind == AxisKind::LogNumber) {
            const double ratio = std::max(range.upper / range.lower, 1.01);
            range = {range.lower / std::pow(ratio, margin), range.upper * std::pow(ratio, margin)};
        } else {
            if (margin > 0 && range.lower > 0) {
                range.lower = 0; // amounts start at zero
            }
            const double size =
                range.upper > range.lower ? range.upper - range.lower : std::max(1.0, std::abs(range.upper));
            range.upper += size * margin;
            range.lower -= range.lower < 0 ? size * margin : 0;
            range.upper = range.upper > range.lower ? range.upper : range.lower + size;
        }
        axis->setRange(std::isnan(limits.low) ? range.lower : limits.low,
                       std::isnan(limits.high) ? range.upper : limits.high);
    };
    fit(plot()->xAxis, x, m_xKind, m_xLimits, 0);
    fit(plot()->yAxis, y, m_yKind, m_yLimits, 0.05);
    scheduleReplot();
}

QString LineChart::csv() const
{
    const bool errors =
        std::any_of(m_series.begin(), m_series.end(), [](const LineSeries &line) { return !line.errors.empty(); });
    const auto header = [](const QString &label, const char *otherwise) {
        return csvField(label.isEmpty() ? QString::fromLatin1(otherwise) : label);
    };
    QString text = QStringLiteral("series,") + header(plot()->xAxis->label(), "x") + QLatin1Char(',') +
                   header(plot()->yAxis->label(), "y") + (errors ? QStringLiteral(",error\n") : QStringLiteral("\n"));
    for (const LineSeries &line : m_series) {
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            text +=
                csvField(line.name) + QLatin1Char(',') + csvNumber(line.x[i]) + QLatin1Char(',') + csvNumber(line.y[i]);
            if (errors) {
                text += QLatin1Char(',') + (line.errors.empty() ? QString() : csvNumber(line.errors[i]));
            }
            text += QLatin1Char('\n');
        }
    }
    return text;
}

void LineChart::copyLinesTo(LineChart &other) const
{
    copyBasicsTo(other);
    other.m_xLimits = m_xLimits;
    other.m_yLimits = m_yLimits;
    other.setAxes(plot()->xAxis->label(), m_xKind, plot()->yAxis->label(), m_yKind);
    other.setSeries(m_series);
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
    plot()->xAxis->ticker()->setTickCount(std::clamp(inner.width() / (m_xKind == AxisKind::Bytes ? 84 : 56), 2, 12));
    plot()->yAxis->ticker()->setTickCount(std::clamp(inner.height() / 40, 2, 10));
    PlotChart::layoutForSize(size);
}

QString LineChart::describe(double x) const
{
    QStringList lines;
    double at = nan;
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
        lines << line.name + QStringLiteral(": ") + formatAxisValue(line.y[i], m_yKind) +
                     (line.errors.empty() ? QString()
                                          : QStringLiteral(" ± ") + formatAxisValue(line.errors[i], m_yKind));
    }
    return lines.join(QLatin1Char('\n'));
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
