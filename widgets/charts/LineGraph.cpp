// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/LineGraph.h"

#include <algorithm>
#include <cmath>

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

} // namespace

LineGraph::LineGraph(QCPAxis *keyAxis, QCPAxis *valueAxis)
    : QCPGraph(keyAxis, valueAxis)
{}

void LineGraph::drawLinePlot(QCPPainter *painter, const QVector<QPointF> &lines) const
{
    if (painter->pen().style() == Qt::NoPen || lines.size() < 2) {
        return;
    }
    applyDefaultAntialiasingHint(painter);
    const QPen whole = painter->pen();
    QPen pen = whole;
    const bool solid = pen.style() == Qt::SolidLine;
    const double widths = lengthOf(lines) / std::max(1, clipRect().width());
    if (widths > (solid ? crowdedSolid : crowdedDashed)) {
        pen = QPen(whole.color(), 1);
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
    painter->setPen(whole);
}

} // namespace headkv
