// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/StackedAreaChart.h"

#include "core/base/Error.h"
#include "widgets/theme/ColorMap.h"

#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace headkv {

namespace {

constexpr int mostNamed = 6; ///< layers that get colours of their own, and a legend

double amount(double value) { return std::isnan(value) ? 0 : value; }

} // namespace

StackedAreaChart::StackedAreaChart(QWidget *parent)
    : PlotChart(parent)
    , m_reference(*plot())
{
    plot()->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    // Names inside the layers go where the layers are at this size and zoom.
    connect(plot(), &QCustomPlot::afterLayout, this, &StackedAreaChart::placeLabels);
    setAxes({}, AxisKind::Number, {}, AxisKind::Number);
    restyle();
}

StackedAreaChart::~StackedAreaChart() = default;

void StackedAreaChart::setAxes(const QString &xLabel, AxisKind xKind, const QString &yLabel, AxisKind yKind)
{
    m_xKind = xKind;
    m_yKind = yKind;
    setUpAxis(plot()->xAxis, xLabel, xKind);
    setUpAxis(plot()->yAxis, yLabel, yKind);
    resetView();
}

void StackedAreaChart::setLayers(const QStringList &names)
{
    if (names == m_names) {
        return;
    }
    plot()->clearPlottables();
    for (QCPItemText *label : m_labels) {
        plot()->removeItem(label);
    }
    m_tops.clear();
    m_labels.clear();
    m_names = names;
    for (const QString &name : names) {
        QCPGraph *top = plot()->addGraph();
        top->setName(name);
        top->setAdaptiveSampling(true);
        top->setChannelFillGraph(m_tops.empty() ? nullptr : m_tops.back());
        m_tops.push_back(top);
        auto *label = new QCPItemText(plot());
        label->setLayer(QStringLiteral("overlay"));
        label->setText(name);
        label->setVisible(false);
        m_labels.push_back(label);
    }
    showLegend(m_legendShown && names.size() > 1 && names.size() <= mostNamed);
    clearPoints();
    restyle();
}

void StackedAreaChart::setLegendShown(bool shown)
{
    m_legendShown = shown;
    m_reference.setLabelsShown(shown);
    showLegend(shown && m_names.size() > 1 && m_names.size() <= mostNamed);
}

void StackedAreaChart::clearPoints()
{
    m_x.clear();
    m_values.clear();
    m_xExtent = {};
    m_yExtent = {};
    for (QCPGraph *top : m_tops) {
        top->data()->clear();
    }
    resetView();
}

void StackedAreaChart::appendPoint(double x, std::span<const double> values) { appendPoints({&x, 1}, values); }

void StackedAreaChart::appendPoints(std::span<const double> x, std::span<const double> values)
{
    const auto layers = static_cast<std::size_t>(m_names.size());
    if (values.size() != x.size() * layers) {
        throw Error(ErrorKind::Input, "stacked chart: " + std::to_string(values.size()) + " values for " +
                                          std::to_string(x.size()) + " points of " + std::to_string(layers) +
                                          " layers: give one a layer");
    }
    double last = m_x.empty() ? -std::numeric_limits<double>::infinity() : m_x.back();
    for (const double at : x) {
        if (!(at >= last)) {
            throw Error(ErrorKind::Input, "stacked chart: point at " + std::to_string(at) + " after one at " +
                                              std::to_string(last) + ": append in ascending order, or clear first");
        }
        last = at;
    }
    if (std::ranges::any_of(values, [](double value) { return value < 0; })) {
        throw Error(ErrorKind::Input, "stacked chart: a negative amount: layers can only add up");
    }
    const bool xFollows = isFitted(plot()->xAxis);
    const bool yFollows = isFitted(plot()->yAxis);
    for (std::size_t i = 0; i < x.size(); ++i) {
        append(x[i], values.subspan(i * layers, layers));
    }
    follow(xFollows, yFollows);
}

void StackedAreaChart::append(double x, std::span<const double> values)
{
    m_x.push_back(x);
    m_values.insert(m_values.end(), values.begin(), values.end());
    double sum = 0;
    for (std::size_t layer = 0; layer < values.size(); ++layer) {
        sum += amount(values[layer]);
        m_tops[layer]->data()->add(QCPGraphData(x, sum));
    }
    m_xExtent.add(x, m_xKind);
    m_yExtent.add(sum, m_yKind);
}

double StackedAreaChart::value(std::size_t point, int layer) const
{
    return m_values.at(point * static_cast<std::size_t>(m_names.size()) + static_cast<std::size_t>(layer));
}

void StackedAreaChart::follow(bool x, bool y)
{
    if (x) {
        fit(plot()->xAxis);
    }
    if (y) {
        fit(plot()->yAxis);
    }
    scheduleLiveReplot();
}

void StackedAreaChart::setXRange(double low, double high)
{
    m_xLimits = {low, high};
    resetView();
}

void StackedAreaChart::setYRange(double low, double high)
{
    m_yLimits = {low, high};
    resetView();
}

void StackedAreaChart::setReference(const QString &name, double y)
{
    const bool follows = isFitted(plot()->yAxis);
    m_reference.set(std::isnan(y) ? std::vector<ReferenceLine>() : std::vector<ReferenceLine>{{name, y, {}}},
                    chartStyle());
    follow(false, follows);
}

void StackedAreaChart::fit(QCPAxis *axis)
{
    if (axis == plot()->xAxis) {
        axis->setRange(fittedRange(m_xExtent, m_xKind, m_xLimits, 0));
        m_xFitted = {axis->range().lower, axis->range().upper};
        return;
    }
    Extent extent = m_yExtent;
    for (const ReferenceLine &line : m_reference.lines()) {
        extent.add(line.y, m_yKind);
    }
    axis->setRange(fittedRange(extent, m_yKind, m_yLimits, 0.08));
    m_yFitted = {axis->range().lower, axis->range().upper};
}

bool StackedAreaChart::isFitted(const QCPAxis *axis) const
{
    const AxisLimits &fitted = axis == plot()->xAxis ? m_xFitted : m_yFitted;
    return axis->range().lower == fitted.low && axis->range().upper == fitted.high;
}

void StackedAreaChart::resetView()
{
    follow(true, true);
    scheduleReplot();
}

QString StackedAreaChart::csv() const
{
    const QString label = plot()->xAxis->label();
    QString text = csvField(label.isEmpty() ? QStringLiteral("x") : label);
    for (const QString &name : m_names) {
        text += QLatin1Char(',') + csvField(name);
    }
    QString reference;
    for (const ReferenceLine &line : m_reference.lines()) {
        text += QLatin1Char(',') + csvField(line.name);
        reference = QLatin1Char(',') + csvNumber(line.y);
    }
    text += QLatin1Char('\n');
    for (std::size_t i = 0; i < m_x.size(); ++i) {
        text += csvNumber(m_x[i]);
        for (int layer = 0; layer < m_names.size(); ++layer) {
            text += QLatin1Char(',') + csvNumber(value(i, layer));
        }
        text += reference + QLatin1Char('\n');
    }
    return text;
}

std::unique_ptr<Chart> StackedAreaChart::clone() const
{
    auto copy = std::make_unique<StackedAreaChart>();
    copyBasicsTo(*copy);
    copy->m_xLimits = m_xLimits;
    copy->m_yLimits = m_yLimits;
    copy->setAxes(plot()->xAxis->label(), m_xKind, plot()->yAxis->label(), m_yKind);
    copy->setLayers(m_names);
    copy->appendPoints(m_x, m_values);
    for (const ReferenceLine &line : m_reference.lines()) {
        copy->setReference(line.name, line.y);
    }
    copy->plot()->xAxis->setRange(plot()->xAxis->range());
    copy->plot()->yAxis->setRange(plot()->yAxis->range());
    return copy;
}

QColor StackedAreaChart::layerColor(int layer) const
{
    const ChartStyle &style = chartStyle();
    if (m_names.size() > mostNamed) {
        const double t = (layer + 0.5) / static_cast<double>(m_names.size());
        return QColor(ColorMap::get(ColorMap::Name::Cividis).color(t));
    }
    // Neighbours differ in lightness as well: full, light, medium, light, …
    const QColor color = style.seriesColor(layer);
    constexpr std::array<double, 3> faded{0.15, 0.65, 0.4};
    return mixedColor(color, style.plotArea, faded[static_cast<std::size_t>(layer) % faded.size()]);
}

void StackedAreaChart::restyle()
{
    const ChartStyle &style = chartStyle();
    styleAxis(plot()->xAxis, false);
    styleAxis(plot()->yAxis, true);
    m_reference.restyle(style);
    for (std::size_t i = 0; i < m_tops.size(); ++i) {
        const int layer = static_cast<int>(i);
        const QColor fill = layerColor(layer);
        m_tops[i]->setBrush(fill);
        m_tops[i]->setPen(QPen(m_names.size() > mostNamed ? fill : style.seriesColor(layer), 1));
        m_labels[i]->setFont(style.font());
        m_labels[i]->setColor(textOn(fill));
    }
    PlotChart::restyle();
}

void StackedAreaChart::layoutForSize(const QSize &size)
{
    const QSize inner = innerSize(size);
    plot()->xAxis->ticker()->setTickCount(std::clamp(inner.width() / (m_xKind == AxisKind::Bytes ? 84 : 56), 2, 12));
    plot()->yAxis->ticker()->setTickCount(std::clamp(inner.height() / 40, 2, 10));
    PlotChart::layoutForSize(size);
}

void StackedAreaChart::placeLabels()
{
    const QFontMetrics metrics(chartStyle().font());
    const QCPRange shown = plot()->xAxis->range();
    double bottom = 0;
    // At three quarters of what is shown of the data; a layer is named where it is thick enough there.
    const double end = m_x.empty() ? 0 : std::min(shown.upper, m_x.back());
    const double at = shown.lower + 0.75 * (end - shown.lower);
    const auto next = std::ranges::lower_bound(m_x, at);
    const auto point = static_cast<std::size_t>(next - m_x.begin());
    const double widthShown = plot()->xAxis->coordToPixel(end) - plot()->xAxis->coordToPixel(shown.lower);
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        QCPItemText *label = m_labels[i];
        if (point >= m_x.size() || m_names.size() < 2) {
            label->setVisible(false);
            continue;
        }
        const double top = bottom + amount(value(point, static_cast<int>(i)));
        const double low = std::max(bottom, plot()->yAxis->range().lower);
        const double high = std::min(top, plot()->yAxis->range().upper);
        const double thick = plot()->yAxis->coordToPixel(low) - plot()->yAxis->coordToPixel(high);
        label->setVisible(thick >= metrics.height() + 2 &&
                          metrics.horizontalAdvance(m_names[static_cast<int>(i)]) < 0.45 * widthShown);
        label->position->setCoords(at, (low + high) / 2);
        bottom = top;
    }
}

QString StackedAreaChart::describe(double x) const
{
    const auto next = std::ranges::lower_bound(m_x, x);
    auto point = static_cast<std::size_t>(next - m_x.begin());
    if (point == m_x.size() || (point > 0 && x - m_x[point - 1] < m_x[point] - x)) {
        --point;
    }
    const QString label = plot()->xAxis->label();
    QStringList lines{(label.isEmpty() ? QString() : label + QStringLiteral(": ")) +
                      formatAxisValue(m_x[point], m_xKind)};
    double sum = 0;
    for (int layer = 0; layer < m_names.size(); ++layer) {
        sum += amount(value(point, layer));
    }
    for (int layer = static_cast<int>(m_names.size()) - 1; layer >= 0; --layer) { // as they lie
        const double one = value(point, layer);
        lines << m_names[layer] + QStringLiteral(": ") +
                     (std::isnan(one) ? QStringLiteral("–") : formatAxisValue(one, m_yKind));
    }
    lines << tr("Together: %1").arg(formatAxisValue(sum, m_yKind));
    for (const ReferenceLine &line : m_reference.lines()) {
        lines << line.name + QStringLiteral(": ") + formatAxisValue(line.y, m_yKind);
    }
    return lines.join(QLatin1Char('\n'));
}

void StackedAreaChart::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    if (m_x.empty() || !plot()->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(globalPosition, describe(plot()->xAxis->pixelToCoord(position.x())), plot());
}

void StackedAreaChart::mouseLeft() { QToolTip::hideText(); }

} // namespace headkv
