// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/HeadMarks.h"

#include "widgets/charts/CellGrid.h"

#include <set>

namespace headkv {

HeadMarks::HeadMarks(QCustomPlot *plot, const CellGrid *grid, const QString &layer)
    : QCPLayerable(plot, layer)
    , m_grid(grid)
{}

void HeadMarks::applyDefaultAntialiasingHint(QCPPainter *painter) const { painter->setAntialiasing(true); }

QRect HeadMarks::clipRect() const
{
    // A cell at the edge has half of its outline outside of the axes.
    return m_grid->keyAxis()->axisRect()->rect().adjusted(-3, -3, 3, 3);
}

void HeadMarks::draw(QCPPainter *painter)
{
    drawTop(painter);
    for (std::size_t i = 0; i < pins.size(); ++i) {
        drawPin(painter, pins[i], static_cast<int>(i) + 1);
    }
    drawMirrored(painter);
    drawCurrent(painter);
}

void HeadMarks::drawTop(QCPPainter *painter) const
{
    std::set<std::pair<int, int>> members;
    for (const HeadCell &cell : top) {
        members.emplace(cell.layer, cell.head);
    }
    // Neighbours share one outline: only sides towards a cell outside the set are drawn.
    QVector<QLineF> lines;
    for (const auto &[layer, head] : members) {
        const QRectF cell = m_grid->cellRect(layer, head);
        if (!members.contains({layer - 1, head})) {
            lines << QLineF(cell.topLeft(), cell.bottomLeft());
        }
        if (!members.contains({layer + 1, head})) {
            lines << QLineF(cell.topRight(), cell.bottomRight());
        }
        if (!members.contains({layer, head - 1})) {
            lines << QLineF(cell.topLeft(), cell.topRight());
        }
        if (!members.contains({layer, head + 1})) {
            lines << QLineF(cell.bottomLeft(), cell.bottomRight());
        }
    }
    const QRectF cell = m_grid->cellRect(0, 0);
    const double thin = std::min(cell.width(), cell.height()) < 8 ? 1.0 : 1.5;
    painter->setPen(QPen(QColor(0, 0, 0, 200), thin + 1.5, Qt::SolidLine, Qt::SquareCap));
    painter->drawLines(lines);
    painter->setPen(QPen(QColor(255, 255, 255), thin, Qt::SolidLine, Qt::SquareCap));
    painter->drawLines(lines);
}

void HeadMarks::drawPin(QCPPainter *painter, HeadCell cell, int number) const
{
    const QRectF rect = m_grid->cellRect(cell.layer, cell.head);
    if (!rect.intersects(QRectF(clipRect()))) {
        return;
    }
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(paper, 4));
    painter->drawRect(rect);
    painter->setPen(QPen(accent, 2));
    painter->drawRect(rect);
    // The number sits inside a cell with room, else on its upper right corner.
    const double size = font.pixelSize() + 4;
    QRectF tag(0, 0, size, size);
    if (rect.width() >= size + 6 && rect.height() >= size + 6) {
        tag.moveTopRight(rect.topRight() + QPointF(-2, 2));
    } else {
        // Beside a corner where the axes have room: upper right, else the other side.
        const QRectF bounds = m_grid->keyAxis()->axisRect()->rect();
        const bool right = rect.right() - 2 + size <= bounds.right();
        const bool above = rect.top() + 2 - size >= bounds.top();
        tag.moveLeft(right ? rect.right() - 2 : rect.left() + 2 - size);
        tag.moveTop(above ? rect.top() + 2 - size : rect.bottom() - 2);
    }
    painter->setPen(QPen(paper, 1));
    painter->setBrush(accent);
    painter->drawEllipse(tag);
    painter->setFont(font);
    painter->setPen(QPen(ink));
    painter->drawText(tag, Qt::AlignCenter, QString::number(number));
}

void HeadMarks::drawMirrored(QCPPainter *painter) const
{
    if (!mirrored.isValid()) {
        return;
    }
    const QRectF rect = m_grid->cellRect(mirrored.layer, mirrored.head);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(paper, 3.5));
    painter->drawRect(rect);
    painter->setPen(QPen(accent, 1.5, Qt::DotLine));
    painter->drawRect(rect);
}

void HeadMarks::drawCurrent(QCPPainter *painter) const
{
    if (!current.isValid()) {
        return;
    }
    const QRectF rect = m_grid->cellRect(current.layer, current.head).adjusted(-1, -1, 1, 1);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(paper, 5));
    painter->drawRect(rect);
    painter->setPen(QPen(accent, 2.5));
    painter->drawRect(rect);
}

} // namespace headkv
