// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/ColorBar.h"

#include "widgets/charts/Tickers.h"

#include <qcustomplot.h>

namespace headkv {

namespace {

constexpr int width = 14;
const QMargins minimumMargins(4, 12, 8, 8);

} // namespace

/// Fills its axis rect with the colour map, low at the bottom.
class ColorBar::Strip : public QCPAbstractPlottable
{
public:
    Strip(QCPAxis *key, QCPAxis *value)
        : QCPAbstractPlottable(key, value)
    {
        removeFromLegend();
    }

    void setColorMap(const ColorMap &map)
    {
        m_stops.clear();
        for (std::size_t i = 0; i < map.points().size(); ++i) {
            m_stops << QGradientStop(static_cast<double>(i) / static_cast<double>(map.points().size() - 1),
                                     map.points()[i]);
        }
    }

    double selectTest(const QPointF &, bool, QVariant *) const override { return -1; }
    QCPRange getKeyRange(bool &found, QCP::SignDomain) const override
    {
        found = false;
        return {};
    }
    QCPRange getValueRange(bool &found, QCP::SignDomain, const QCPRange &) const override
    {
        found = false;
        return {};
    }

protected:
    void draw(QCPPainter *painter) override
    {
        const QRectF rect = clipRect();
        QLinearGradient gradient(rect.bottomLeft(), rect.topLeft());
        gradient.setStops(m_stops);
        painter->setPen(Qt::NoPen);
        painter->setBrush(gradient);
        painter->drawRect(rect);
    }
    void drawLegendIcon(QCPPainter *, const QRectF &) const override {}

private:
    QGradientStops m_stops;
};

ColorBar::ColorBar(QCustomPlot *plot)
    : QObject(plot)
    , m_rect(new QCPAxisRect(plot, false))
    , m_axis(m_rect->addAxis(QCPAxis::atRight))
    , m_strip(new Strip(m_rect->addAxis(QCPAxis::atBottom), m_axis))
{
    m_rect->setSizeConstraintRect(QCPLayoutElement::scrInnerRect);
    m_rect->setMinimumSize(width, 24);
    m_rect->setMaximumSize(width, QWIDGETSIZE_MAX);
    m_rect->setRangeDrag(Qt::Orientations());
    m_rect->setRangeZoom(Qt::Orientations());
    m_rect->axis(QCPAxis::atBottom)->setVisible(false);
    QCPAxis *top = m_rect->addAxis(QCPAxis::atTop);
    QCPAxis *left = m_rect->addAxis(QCPAxis::atLeft);
    for (QCPAxis *side : {top, left}) { // the frame
        side->setTicks(false);
        side->setTickLabels(false);
        side->grid()->setVisible(false);
    }
    m_rect->setMinimumMargins(minimumMargins);
    plot->axisRect(0)->setMinimumMargins(QMargins(8, 12, 10, 8));
    // Same height as the main axes, whatever the labels around them need.
    QCPAxisRect *main = plot->axisRect(0);
    auto *group = new QCPMarginGroup(plot);
    main->setMarginGroup(QCP::msTop | QCP::msBottom, group);
    m_rect->setMarginGroup(QCP::msTop | QCP::msBottom, group);
    plot->plotLayout()->addElement(0, 1, m_rect);
    m_axis->setTicker(QSharedPointer<QCPAxisTicker>(new ScoreTicker));
}

void ColorBar::setColorMap(const ColorMap &map) { m_strip->setColorMap(map); }

void ColorBar::setRange(double low, double high, bool logarithmic)
{
    if (logarithmic != m_logarithmic) {
        m_logarithmic = logarithmic;
        m_axis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        setPercent(m_percent);
    }
    m_axis->setRange(low, high);
}

void ColorBar::setLabel(const QString &label) { m_axis->setLabel(label); }

void ColorBar::setPercent(bool percent)
{
    m_percent = percent;
    if (m_logarithmic) {
        m_axis->setTicker(QSharedPointer<QCPAxisTicker>(new LogTicker));
    } else if (percent) {
        m_axis->setTicker(QSharedPointer<QCPAxisTicker>(new PercentTicker));
    } else {
        m_axis->setTicker(QSharedPointer<QCPAxisTicker>(new ScoreTicker));
    }
}

void ColorBar::setVisible(bool visible)
{
    m_rect->setVisible(visible);
    // Above and below it goes on to share the main axes' margins.
    m_rect->setAutoMargins(visible ? QCP::msAll : QCP::msTop | QCP::msBottom);
    if (!visible) {
        m_rect->setMargins(QMargins());
    }
    m_rect->setMinimumMargins(visible ? minimumMargins : QMargins(0, minimumMargins.top(), 0, minimumMargins.bottom()));
    m_rect->setMinimumSize(visible ? width : 0, 24);
    m_rect->setMaximumSize(visible ? width : 0, QWIDGETSIZE_MAX);
}

void ColorBar::setHeight(int pixels) { m_axis->ticker()->setTickCount(std::clamp(pixels / 40, 2, 8)); }

} // namespace headkv
