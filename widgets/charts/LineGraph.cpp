// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/LineGraph.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace headkv {

namespace {

constexpr int pointsAPiece = 8;
// Longer than so many widths of the plot, a line is crowded: thin; and so crowded that smoothing would not show.
constexpr double crowdedDashed = 6;
constexpr double crowdedSolid = 12;
constexpr double crowdedThin = 40;

bool isGap(const QPointF &point) { return std::isnan(point.x()) || std::isnan(point.y()); }

double distance(const QPointF &a, const QPointF &b) { return std::hypot(b.x() - a.x(), b.y() - a.y()); }

double lengthOf(const QVector<QPointF> &lines)
{
    double length = 0;
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const double step = distance(lines[i - 1], lines[i]);
        length += std::isnan(step) ? 0 : step;
    }
    return length;
}

/// The part of a line from a to b that lies in the rectangle (Liang and Barsky 1984); a null line: none does.
QLineF clipped(const QPointF &a, const QPointF &b, const QRectF &rect)
{
    const double dx = b.x() - a.x(), dy = b.y() - a.y();
    const double steps[] = {-dx, dx, -dy, dy};
    const double rooms[] = {a.x() - rect.left(), rect.right() - a.x(), a.y() - rect.top(), rect.bottom() - a.y()};
    double from = 0, to = 1;
    for (int side = 0; side < 4; ++side) {
        if (steps[side] == 0 && rooms[side] < 0)
            return {};
        if (steps[side] < 0)
            from = std::max(from, rooms[side] / steps[side]);
        else if (steps[side] > 0)
            to = std::min(to, rooms[side] / steps[side]);
    }
    return from > to ? QLineF() : QLineF(a.x() + from * dx, a.y() + from * dy, a.x() + to * dx, a.y() + to * dy);
}

/// A line cut to a rectangle, with gaps where it is outside.
QVector<QPointF> clipped(const QVector<QPointF> &lines, const QRectF &rect)
{
    const QPointF gap(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN());
    QVector<QPointF> inside;
    for (qsizetype i = 1; i < lines.size(); ++i) {
        if (isGap(lines[i - 1]) || isGap(lines[i]))
            continue;
        const QLineF part = clipped(lines[i - 1], lines[i], rect);
        if (part.isNull())
            continue;
        if (inside.isEmpty() || inside.last() != part.p1())
            inside << gap << part.p1();
        inside << part.p2();
    }
    return inside;
}

} // namespace

LineGraph::LineGraph(QCPAxis *keyAxis, QCPAxis *valueAxis)
    : QCPGraph(keyAxis, valueAxis)
{}

/// QCPGraph's own draws on beyond its place and leaves the rest to clipping, which QSvgGenerator does not have.
void LineGraph::drawLegendIcon(QCPPainter *painter, const QRectF &rect) const
{
    applyDefaultAntialiasingHint(painter);
    if (lineStyle() != lsNone) {
        painter->setPen(pen());
        painter->drawLine(QLineF(rect.left(), rect.center().y(), rect.right(), rect.center().y()));
    }
    if (!scatterStyle().isNone()) {
        applyScattersAntialiasingHint(painter);
        scatterStyle().applyTo(painter, pen());
        scatterStyle().drawShape(painter, rect.center());
    }
}

void LineGraph::drawScatterPlot(QCPPainter *painter, const QVector<QPointF> &scatters,
                                const QCPScatterStyle &style) const
{
    const QRectF shown(clipRect());
    QVector<QPointF> inside;
    std::ranges::copy_if(scatters, std::back_inserter(inside), [&](const QPointF &at) { return shown.contains(at); });
    QCPGraph::drawScatterPlot(painter, inside, style);
}

void LineGraph::drawLinePlot(QCPPainter *painter, const QVector<QPointF> &whole) const
{
    if (painter->pen().style() == Qt::NoPen || whole.size() < 2) {
        return;
    }
    // Vectors are cut here: QSvgGenerator does not clip.
    const bool cuts = painter->modes().testFlag(QCPPainter::pmVectorized);
    const QVector<QPointF> lines = cuts ? clipped(whole, QRectF(clipRect())) : whole;
    applyDefaultAntialiasingHint(painter);
    const QPen asked = painter->pen();
    QPen pen = asked;
    const bool solid = pen.style() == Qt::SolidLine;
    const double widths = lengthOf(lines) / std::max(1, clipRect().width());
    if (widths > (solid ? crowdedSolid : crowdedDashed)) {
        pen = QPen(asked.color(), 1);
        painter->setAntialiasing(painter->antialiasing() && widths < crowdedThin);
    }
    const double unit = std::max(1.0, pen.widthF()); // of dash offsets
    double done = 0;
    for (qsizetype begin = 0; begin + 1 < lines.size();) {
        if (isGap(lines[begin])) {
            ++begin;
            continue;
        }
        qsizetype end = begin + 1;
        double length = 0;
        while (end < lines.size() && end - begin < pointsAPiece && !isGap(lines[end])) {
            length += distance(lines[end - 1], lines[end]);
            ++end;
        }
        pen.setDashOffset(done / unit);
        painter->setPen(pen);
        painter->drawPolyline(lines.constData() + begin, static_cast<int>(end - begin));
        done += length;
        begin = end < lines.size() && !isGap(lines[end]) ? end - 1 : end;
    }
    painter->setPen(asked);
}

} // namespace headkv
