// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/BetaCurveView.h"

#include "widgets/BetaScale.h"
#include "widgets/Formats.h"
#include "widgets/charts/Tickers.h"

#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

/// The axis is logarithmic in this.
double keyOf(double beta) { return beta - 1; }

/// The setting in force: a layer of its own, so that sliding β leaves the curves as they are drawn.
const QString presentLayer = QStringLiteral("present");

/// A logarithmic axis has no place for 0.
double positive(std::int64_t capacity)
{
    return capacity > 0 ? static_cast<double>(capacity) : std::numeric_limits<double>::quiet_NaN();
}

std::array<double, 3> valuesOf(const BetaPoint &point)
{
    return {positive(point.concentration.largest), positive(point.concentration.smallest), point.concentration.gini};
}

} // namespace

BetaCurveView::BetaCurveView(QWidget *parent)
    : PlotChart(parent)
    , m_marker(new QCPItemStraightLine(plot()))
{
    plot()->xAxis->setScaleType(QCPAxis::stLogarithmic);
    plot()->yAxis->setScaleType(QCPAxis::stLogarithmic);
    plot()->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new LogTicker));
    plot()->yAxis2->setTicker(QSharedPointer<QCPAxisTicker>(new ScoreTicker));
    plot()->yAxis2->setVisible(true);
    plot()->xAxis->setLabel(tr("β"));
    plot()->yAxis->setLabel(tr("Capacity"));
    plot()->yAxis2->setLabel(tr("Gini"));
    plot()->addLayer(presentLayer, nullptr, QCustomPlot::limAbove);
    plot()->layer(presentLayer)->setMode(QCPLayer::lmBuffered);
    m_marker->setLayer(presentLayer);
    const std::array names{tr("Largest head"), tr("Smallest head"), tr("Gini (right axis)")};
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        QCPAxis *axis = i == 2 ? plot()->yAxis2 : plot()->yAxis;
        m_lines[i] = plot()->addGraph(plot()->xAxis, axis);
        m_lines[i]->setName(names[i]);
        m_dots[i] = plot()->addGraph(plot()->xAxis, axis);
        m_dots[i]->removeFromLegend();
        m_dots[i]->setLineStyle(QCPGraph::lsNone);
        m_dots[i]->setLayer(presentLayer);
    }
    showLegend(true);
    setAccessibleName(tr("Concentration of the budget over β"));
    drawCurve();
    placePresent();
    restyle();
}

BetaCurveView::~BetaCurveView() = default;

void BetaCurveView::setCurve(std::vector<BetaPoint> curve)
{
    m_curve = std::move(curve);
    drawCurve();
}

void BetaCurveView::setPresent(const BetaPoint &present)
{
    m_present = present;
    placePresent();
    plot()->layer(presentLayer)->replot();
}

void BetaCurveView::drawCurve()
{
    double most = 1;
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        QVector<double> keys;
        QVector<double> values;
        for (const BetaPoint &point : m_curve) {
            keys << keyOf(point.beta);
            values << valuesOf(point)[i];
            most = std::max(most, static_cast<double>(point.concentration.largest));
        }
        m_lines[i]->setData(keys, values, true);
    }
    plot()->xAxis->setRange(keyOf(leastBeta) * 0.85, keyOf(greatestBeta) * 1.15);
    plot()->yAxis->setRange(0.8, most * 1.4);
    plot()->yAxis2->setRange(0, 1);
    scheduleReplot();
}

void BetaCurveView::placePresent()
{
    const bool marked = m_present.beta > 1;
    const double key = keyOf(m_present.beta);
    for (std::size_t i = 0; i < m_dots.size(); ++i) {
        m_dots[i]->setData(marked ? QVector<double>{key} : QVector<double>(),
                           marked ? QVector<double>{valuesOf(m_present)[i]} : QVector<double>());
    }
    m_marker->setVisible(marked);
    m_marker->point1->setCoords(key, 1);
    m_marker->point2->setCoords(key, 2);
}

QString BetaCurveView::csv() const
{
    QString text = QStringLiteral("beta,gini,largest,smallest\n");
    for (const BetaPoint &point : m_curve) {
        const Concentration &unequal = point.concentration;
        text += csvNumber(point.beta) + QLatin1Char(',') + csvNumber(unequal.gini) +
                QStringLiteral(",%1,%2\n").arg(unequal.largest).arg(unequal.smallest);
    }
    return text;
}

std::unique_ptr<Chart> BetaCurveView::clone() const
{
    auto copy = std::make_unique<BetaCurveView>();
    copyBasicsTo(*copy);
    copy->setCurve(m_curve);
    copy->setPresent(m_present);
    return copy;
}

void BetaCurveView::restyle()
{
    if (!m_marker || !m_dots.back())
        return;
    styleAxis(plot()->xAxis, false);
    styleAxis(plot()->yAxis, true);
    styleAxis(plot()->yAxis2, false);
    const ChartStyle &style = chartStyle();
    constexpr std::array pens{Qt::SolidLine, Qt::DashLine, Qt::DotLine};
    const QColor headKv = style.seriesColor(QStringLiteral("headkv"));
    const std::array colors{headKv, headKv, style.accent};
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const QColor color = colors[i];
        m_lines[i]->setPen(QPen(color, 2, pens[i], Qt::FlatCap, Qt::RoundJoin));
        m_dots[i]->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(color), QBrush(color), 7));
    }
    m_marker->setPen(QPen(style.mutedText, 1));
    PlotChart::restyle();
}

void BetaCurveView::layoutForSize(const QSize &size)
{
    // Labels that would touch the one before them are left out; their marks stay.
    const QFontMetrics metrics(chartStyle().font());
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    const double width = innerSize(size).width();
    double taken = -1e9;
    for (const double beta : publishedBetas) {
        const double center = betaPosition(beta) * width;
        const double half = metrics.horizontalAdvance(formatBeta(beta)) / 2.0 + 3;
        const bool fits = center - half > taken;
        ticker->addTick(keyOf(beta), fits ? formatBeta(beta) : QString());
        if (fits)
            taken = center + half;
    }
    plot()->xAxis->setTicker(ticker);
    plot()->yAxis2->ticker()->setTickCount(std::clamp(innerSize(size).height() / 40, 2, 6));
    PlotChart::layoutForSize(size);
}

void BetaCurveView::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    if (m_curve.empty() || !plot()->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const double at = std::log(plot()->xAxis->pixelToCoord(position.x()));
    const BetaPoint &point = *std::ranges::min_element(
        m_curve, {}, [at](const BetaPoint &one) { return std::abs(std::log(keyOf(one.beta)) - at); });
    QToolTip::showText(globalPosition,
                       tr("β %1\nLargest head: %2\nSmallest head: %3\nGini: %4")
                           .arg(formatBeta(point.beta), formatCount(point.concentration.largest),
                                formatCount(point.concentration.smallest))
                           .arg(point.concentration.gini, 0, 'f', 3),
                       plot());
}

void BetaCurveView::mouseLeft() { QToolTip::hideText(); }

} // namespace headkv
