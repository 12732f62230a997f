// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/ColorScaleView.h"

#include <QPainter>

namespace headkv {

namespace {

constexpr int stripWidth = 14;
constexpr int gap = 6;
constexpr int longest = 320; ///< pixels: a scale needs no more
constexpr int steps = 64;    ///< rectangles, since a gradient becomes an image in some vector files
constexpr int ticks = 4;

} // namespace

ColorScaleView::ColorScaleView(ColorMap::Name map, const QString &label, QWidget *parent)
    : Chart(parent)
    , m_map(map)
    , m_label(label)
{
    setFocusPolicy(Qt::NoFocus);
    setFixedWidth(figureSize().width());
    setAccessibleName(tr("Colour scale: %1, 0 to 100 %").arg(label));
}

std::unique_ptr<Chart> ColorScaleView::clone() const
{
    auto copy = std::make_unique<ColorScaleView>(m_map, m_label);
    copyBasicsTo(*copy);
    return copy;
}

QSize ColorScaleView::figureSize() const
{
    const QFontMetrics metrics(chartStyle().font());
    return {gap + stripWidth + gap + metrics.horizontalAdvance(tr("%1 %").arg(100)) + gap + metrics.height() + gap,
            longest};
}

void ColorScaleView::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    draw(painter, size());
}

void ColorScaleView::paintFigure(QPaintDevice &device, const QSize &size, double scale, bool /*vectors*/)
{
    QPainter painter(&device);
    painter.scale(scale, scale);
    draw(painter, size);
}

void ColorScaleView::draw(QPainter &painter, const QSize &size) const
{
    const ChartStyle &style = chartStyle();
    painter.fillRect(QRect(QPoint(), size), style.background);
    const QFontMetrics metrics(style.font());
    const double top = 2.0 * metrics.height();
    const double height = std::min<double>(longest, size.height() - top - 2 * metrics.height());
    if (height <= 0)
        return;
    const ColorMap &map = ColorMap::get(m_map);
    painter.setPen(Qt::NoPen);
    for (int i = 0; i < steps; ++i) {
        const double from = height * i / steps, overlap = i + 1 < steps ? 0.5 : 0;
        painter.fillRect(QRectF(gap, top + from, stripWidth, height / steps + overlap),
                         QColor(map.color(1 - (i + 0.5) / steps)));
    }
    painter.setFont(style.font());
    painter.setPen(style.text);
    const int labels = gap + stripWidth + gap;
    for (int i = 0; i <= ticks; ++i) {
        const double y = top + height * (ticks - i) / ticks;
        painter.drawText(QRectF(labels, y - metrics.height(), size.width() - labels, 2 * metrics.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, tr("%1 %").arg(100 * i / ticks));
    }
    painter.save();
    painter.setPen(style.mutedText);
    painter.setFont(style.labelFont());
    painter.translate(size.width() - gap, top + height / 2);
    painter.rotate(-90);
    painter.drawText(QRectF(-height / 2, -metrics.height() - 2, height, metrics.height() + 2), Qt::AlignCenter,
                     m_label);
    painter.restore();
}

} // namespace headkv
