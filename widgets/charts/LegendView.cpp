// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/LegendView.h"

#include <QPainter>
#include <algorithm>

namespace headkv {

namespace {

constexpr int sample = 28; ///< pixels of a line's sample
constexpr int gap = 8;
constexpr int rowGap = 4;

} // namespace

LegendView::LegendView(QWidget *parent)
    : Chart(parent)
{
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Legend"));
}

void LegendView::setSeries(const std::vector<LineSeries> &series)
{
    m_series.clear();
    QStringList names;
    for (const LineSeries &line : series) {
        LineSeries look;
        look.name = line.name;
        look.method = line.method;
        look.points = line.points;
        m_series.push_back(std::move(look));
        names << line.name;
    }
    setAccessibleDescription(names.join(QStringLiteral(", ")));
    setFixedWidth(figureSize().width());
    update();
}

std::unique_ptr<Chart> LegendView::clone() const
{
    auto copy = std::make_unique<LegendView>();
    copyBasicsTo(*copy);
    copy->setSeries(m_series);
    return copy;
}

QSize LegendView::figureSize() const
{
    const QFontMetrics metrics(chartStyle().font());
    int widest = 0;
    for (const LineSeries &line : m_series)
        widest = std::max(widest, metrics.horizontalAdvance(line.name));
    const auto rows = static_cast<int>(m_series.size());
    return {gap + sample + gap + widest + gap, 2 * gap + rows * (metrics.height() + rowGap)};
}

void LegendView::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    draw(painter, size());
}

void LegendView::paintFigure(QPaintDevice &device, const QSize &size, double scale, bool /*vectors*/)
{
    QPainter painter(&device);
    painter.scale(scale, scale);
    draw(painter, size);
}

void LegendView::draw(QPainter &painter, const QSize &size) const
{
    constexpr double radius = 3;
    const ChartStyle &style = chartStyle();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(QRect(QPoint(), size), style.background);
    painter.setFont(style.font());
    const int height = QFontMetrics(style.font()).height();
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        const LineSeries &line = m_series[i];
        const double y = gap + static_cast<double>(i) * (height + rowGap) + height / 2.0;
        const QColor color =
            line.method.isEmpty() ? style.seriesColor(static_cast<int>(i)) : style.seriesColor(line.method);
        painter.setPen(QPen(color, 2, ChartStyle::seriesPen(line.method), Qt::FlatCap));
        painter.drawLine(QPointF(gap, y), QPointF(gap + sample, y));
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        if (line.points)
            painter.drawEllipse(QPointF(gap + sample / 2.0, y), radius, radius);
        painter.setPen(style.text);
        painter.drawText(QRectF(gap + sample + gap, y - height, size.width(), 2 * height),
                         Qt::AlignLeft | Qt::AlignVCenter, line.name);
    }
}

} // namespace headkv
