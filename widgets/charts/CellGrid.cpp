// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/CellGrid.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace headkv {

CellGrid::CellGrid(QCPAxis *columnAxis, QCPAxis *rowAxis)
    : QCPAbstractPlottable(columnAxis, rowAxis)
{
    setSelectable(QCP::stNone);
    removeFromLegend();
}

void CellGrid::setCells(int columns, int rows, const std::vector<QRgb> &colors)
{
    if (m_image.width() != columns || m_image.height() != rows) {
        m_image = QImage(columns, rows, QImage::Format_ARGB32);
    }
    for (int row = 0; row < rows; ++row) {
        auto *line = reinterpret_cast<QRgb *>(m_image.scanLine(row));
        for (int column = 0; column < columns; ++column) {
            line[column] = colors[static_cast<std::size_t>(column) * rows + row];
        }
    }
    setMissing(m_missing, m_hatch);
}

void CellGrid::setMissing(const QColor &fill, const QColor &hatch)
{
    m_missing = fill;
    m_hatch = hatch;
    m_filled = m_image;
    for (int row = 0; row < m_filled.height(); ++row) {
        auto *line = reinterpret_cast<QRgb *>(m_filled.scanLine(row));
        for (int column = 0; column < m_filled.width(); ++column) {
            if (qAlpha(line[column]) == 0) {
                line[column] = fill.isValid() ? fill.rgb() : qRgba(0, 0, 0, 0);
            }
        }
    }
}

QRectF CellGrid::cellRect(int column, int row) const
{
    if (!mKeyAxis || !mValueAxis) {
        return {};
    }
    const QPointF corner = coordsToPixels(column - 0.5, row - 0.5);
    const QPointF opposite = coordsToPixels(column + 0.5, row + 0.5);
    return QRectF(corner, opposite).normalized();
}

QPoint CellGrid::cellAt(const QPointF &pixel) const
{
    if (m_image.isNull() || !mKeyAxis || !clipRect().contains(pixel.toPoint())) {
        return {-1, -1};
    }
    double key = 0;
    double value = 0;
    pixelsToCoords(pixel, key, value);
    const QPoint cell(static_cast<int>(std::floor(key + 0.5)), static_cast<int>(std::floor(value + 0.5)));
    return m_image.rect().contains(cell) ? cell : QPoint(-1, -1);
}

double CellGrid::selectTest(const QPointF &, bool, QVariant *) const { return -1; }

QCPRange CellGrid::getKeyRange(bool &foundRange, QCP::SignDomain) const
{
    foundRange = columns() > 0;
    return {-0.5, columns() - 0.5};
}

QCPRange CellGrid::getValueRange(bool &foundRange, QCP::SignDomain, const QCPRange &) const
{
    foundRange = rows() > 0;
    return {-0.5, rows() - 0.5};
}

void CellGrid::draw(QCPPainter *painter)
{
    if (m_image.isNull()) {
        return;
    }
    if (painter->modes().testFlag(QCPPainter::pmVectorized)) {
        drawRectangles(painter);
    } else {
        drawImage(painter);
    }
    if (m_hatch.isValid()) {
        drawHatch(painter);
    }
    if (m_gap.isValid()) {
        drawGaps(painter);
    }
}

void CellGrid::drawImage(QCPPainter *painter) const
{
    const QRectF target = cellRect(0, 0) | cellRect(columns() - 1, rows() - 1);
    painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter->drawImage(target, m_filled);
}

void CellGrid::drawRectangles(QCPPainter *painter) const
{
    // Grouped by colour, since each change of brush costs a group in the file. Viewers blend the edges of neighbours
    // that only touch with what is below: so each cell is a hair too large, and below lies the commonest colour rather
    // than the paper.
    constexpr double overlap = 0.4;
    const QRectF shown(clipRect()); // an SVG is not clipped
    std::map<QRgb, QVector<QRectF>> groups;
    for (int column = 0; column < columns(); ++column) {
        for (int row = 0; row < rows(); ++row) {
            const QRgb color = m_filled.pixel(column, row);
            const QRectF cell =
                cellRect(column, row)
                    .adjusted(0, 0, column + 1 < columns() ? overlap : 0, row + 1 < rows() ? overlap : 0) &
                shown;
            if (qAlpha(color) != 0 && !cell.isEmpty()) {
                groups[color] << cell;
            }
        }
    }
    const auto commonest = std::max_element(
        groups.begin(), groups.end(), [](const auto &a, const auto &b) { return a.second.size() < b.second.size(); });
    painter->setPen(Qt::NoPen);
    if (commonest != groups.end()) {
        painter->setBrush(QColor(commonest->first));
        painter->drawRect((cellRect(0, 0) | cellRect(columns() - 1, rows() - 1)) & shown);
    }
    for (const auto &[color, rects] : groups) {
        painter->setBrush(QColor(color));
        painter->drawRects(rects);
    }
}

void CellGrid::drawHatch(QCPPainter *painter) const
{
    painter->setAntialiasing(true);
    painter->setPen(QPen(m_hatch, 1));
    constexpr double step = 6;
    QVector<QLineF> lines;
    for (int column = 0; column < columns(); ++column) {
        for (int row = 0; row < rows(); ++row) {
            if (qAlpha(m_image.pixel(column, row)) != 0) {
                continue;
            }
            const QRectF cell = cellRect(column, row);
            // Diagonals x + y = n·step, cut to the cell, so that they run on from cell to cell.
            const double from = std::ceil((cell.left() + cell.top()) / step) * step;
            for (double sum = from; sum < cell.right() + cell.bottom(); sum += step) {
                const double x1 = std::max(cell.left(), sum - cell.bottom());
                const double x2 = std::min(cell.right(), sum - cell.top());
                lines << QLineF(x1, sum - x1, x2, sum - x2);
            }
        }
    }
    painter->drawLines(lines);
}

void CellGrid::drawGaps(QCPPainter *painter) const
{
    painter->setAntialiasing(false);
    painter->setPen(QPen(m_gap, 1));
    const QRectF all = cellRect(0, 0) | cellRect(columns() - 1, rows() - 1);
    QVector<QLineF> lines;
    for (int column = 1; column < columns(); ++column) {
        const double x = cellRect(column, 0).left();
        lines << QLineF(x, all.top(), x, all.bottom());
    }
    for (int row = 1; row < rows(); ++row) {
        const double y = cellRect(0, row).top();
        lines << QLineF(all.left(), y, all.right(), y);
    }
    painter->drawLines(lines);
}

void CellGrid::drawLegendIcon(QCPPainter *, const QRectF &) const {}

} // namespace headkv
