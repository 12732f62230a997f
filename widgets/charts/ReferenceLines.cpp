// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/ReferenceLines.h"

#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace headkv {

void ReferenceLines::set(std::vector<ReferenceLine> lines, const ChartStyle &style)
{
    m_lines = std::move(lines);
    while (m_drawn.size() > m_lines.size()) {
        m_plot.removeItem(m_drawn.back().ground);
        m_plot.removeItem(m_drawn.back().line);
        m_plot.removeItem(m_drawn.back().label);
        m_drawn.pop_back();
    }
    while (m_drawn.size() < m_lines.size()) {
        const Items items{new QCPItemStraightLine(&m_plot), new QCPItemStraightLine(&m_plot), new QCPItemText(&m_plot)};
        items.label->setLayer(QStringLiteral("overlay"));
        items.label->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
        items.label->setClipToAxisRect(false);
        items.label->setPadding(QMargins(3, 0, 3, 0));
        m_drawn.push_back(items);
    }
    double lowest = std::numeric_limits<double>::infinity();
    for (const ReferenceLine &line : m_lines) {
        lowest = std::isnan(line.y) ? lowest : std::min(lowest, line.y);
    }
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const ReferenceLine &line = m_lines[i];
        const Items &items = m_drawn[i];
        for (QCPItemStraightLine *straight : {items.ground, items.line}) {
            straight->setVisible(std::isfinite(line.y));
            straight->point1->setCoords(0, line.y);
            straight->point2->setCoords(1, line.y);
        }
        items.label->setVisible(m_labelsShown && std::isfinite(line.y));
        items.label->position->setCoords(1, line.y);
        items.label->setText(line.name);
        const bool below = m_lines.size() > 1 && line.y == lowest;
        items.label->setPositionAlignment(Qt::AlignRight | (below ? Qt::AlignTop : Qt::AlignBottom));
    }
    restyle(style);
}

void ReferenceLines::setLabelsShown(bool shown)
{
    m_labelsShown = shown;
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        m_drawn[i].label->setVisible(shown && std::isfinite(m_lines[i].y));
    }
}

void ReferenceLines::restyle(const ChartStyle &style)
{
    QColor ground = style.plotArea;
    ground.setAlpha(200); // readable where it stands on a series
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const QString &method = m_lines[i].method;
        const QColor color = method.isEmpty() ? style.mutedText : style.seriesColor(method);
        m_drawn[i].ground->setPen(QPen(ground, 3));
        m_drawn[i].line->setPen(QPen(color, 1.25, Qt::DashLine));
        m_drawn[i].label->setFont(style.font());
        m_drawn[i].label->setColor(style.text);
        m_drawn[i].label->setBrush(ground);
    }
}

} // namespace headkv
