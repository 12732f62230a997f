// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"

#include <qcustomplot.h>

namespace headkv {

class CellGrid;

/// What is drawn over a heatmap's cells: outlines of the top heads, numbered pins, the current cell. On a layer of its
/// own, so that moving the current cell does not redraw the plot.
class HeadMarks : public QCPLayerable
{
    Q_OBJECT
public:
    HeadMarks(QCustomPlot *plot, const CellGrid *grid, const QString &layer);

    std::vector<HeadCell> top;
    std::vector<HeadCell> pins;
    HeadCell current;
    HeadCell mirrored; ///< where a chart beside is pointed at
    QColor accent, ink,
        paper; ///< of the current cell; of outlines: a dark and a light line, so that they show on any colour
    QFont font;

protected:
    void applyDefaultAntialiasingHint(QCPPainter *painter) const override;
    QRect clipRect() const override;
    void draw(QCPPainter *painter) override;

private:
    void drawTop(QCPPainter *painter) const;
    void drawPin(QCPPainter *painter, HeadCell cell, int number) const;
    void drawCurrent(QCPPainter *painter) const;
    void drawMirrored(QCPPainter *painter) const;

    const CellGrid *m_grid;
};

} // namespace headkv
