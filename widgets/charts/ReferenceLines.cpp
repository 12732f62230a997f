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
        m_plot.removeItem(m_drawn.back());
        m_plot.removeItem(m_labels.back());
        m_drawn.pop_back();
        m_labels.pop_back();
    }
    while (m_drawn.size() < m_lines.size()) {
        m_drawn.push_back(new QCPItemStraightLine(&m_plot));
        m_labels.push_back(new QCPItemText(&m_plot));
        m_labels.back()->setLayer(QStringLiteral("overlay"));
        m_labels.back()->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
        m_labels.back()->setClipToAxisRect(false);
        m_labels.back()->setPadding(QMargins(3, 0, 3, 0));
    }
    double lowest = std::numeric_limits<double>::infinity();
    for (const ReferenceLine &line : m_lines) {
        lowest = std::isnan(line.y) ? lowest : std::min(lowest, line.y);
    }
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const ReferenceLine &line = m_lines[i];
        m_drawn[i]->setVisible(std::isfinite(line.y));
        m_labels[i]->setVisible(std::isfinite(line.y));
        m_drawn[i]->point1->setCoords(0, line.y);
        m_drawn[i]->point2->setCoords(1, line.y);
        m_labels[i]->position->setCoords(1, line.y);
        m_labels[i]->setText(line.name);
        const bool below = m_lines.size() > 1 && line.y == lowest;
        m_labels[i]->setPositionAlignment(Qt::AlignRight | (below ? Qt::AlignTop : Qt::AlignBottom));
    }
    restyle(style);
}

void ReferenceLines::restyle(const ChartStyle &style)
{
    QColor ground = style.plotArea;
    ground.setAlpha(200); // readable where it stands on a line
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const QString &method = m_lines[i].method;
        m_drawn[i]->setPen(QPen(method.isEmpty() ? style.mutedText : style.seriesColor(method), 1.25, Qt::DashLine));
        m_labels[i]->setFont(style.font());
        m_labels[i]->setColor(style.mutedText);
        m_labels[i]->setBrush(ground);
    }
}

} // namespace headkv
