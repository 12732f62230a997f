// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <qcustomplot.h>

namespace headkv {

/// A graph whose line may be long. Drawn as one shape, a line that goes up and down over the whole plot costs the
/// square of its length; here it is drawn in short pieces, and thin and solid where it is so crowded that neither width
/// nor dashes could be seen.
class LineGraph : public QCPGraph
{
    Q_OBJECT
public:
    LineGraph(QCPAxis *keyAxis, QCPAxis *valueAxis);

protected:
    void drawLinePlot(QCPPainter *painter, const QVector<QPointF> &whole) const override;
    void drawScatterPlot(QCPPainter *painter, const QVector<QPointF> &scatters,
                         const QCPScatterStyle &style) const override;
    void drawLegendIcon(QCPPainter *painter, const QRectF &rect) const override;
};

} // namespace headkv
