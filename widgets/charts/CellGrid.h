// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <qcustomplot.h>
#include <vector>

namespace headkv {

/// A plottable of columns × rows equal cells, cell (c, r) about the point (c, r) of the axes. On screen it is one
/// unscaled image, so that a redraw costs the same whatever the number of cells; on vector devices the cells are
/// rectangles.
class CellGrid : public QCPAbstractPlottable
{
    Q_OBJECT
public:
    CellGrid(QCPAxis *columnAxis, QCPAxis *rowAxis);

    /// Cells column by column, [columns·rows]; a transparent colour is a cell with no value.
    void setCells(int columns, int rows, const std::vector<QRgb> &colors);
    /// How cells with no value look: the fill, and lines over it where `hatch` is valid.
    void setMissing(const QColor &fill, const QColor &hatch);
    /// Lines of this colour between the cells; an invalid one for none.
    void setGap(const QColor &color) { m_gap = color; }

    [[nodiscard]] int columns() const { return m_image.width(); }
    [[nodiscard]] int rows() const { return m_image.height(); }
    /// A cell's rectangle in the plot's pixels.
    [[nodiscard]] QRectF cellRect(int column, int row) const;
    /// The cell at a pixel of the plot, or (−1, −1).
    [[nodiscard]] QPoint cellAt(const QPointF &pixel) const;

    double selectTest(const QPointF &pos, bool onlySelectable, QVariant *details = nullptr) const override;
    QCPRange getKeyRange(bool &foundRange, QCP::SignDomain inSignDomain = QCP::sdBoth) const override;
    QCPRange getValueRange(bool &foundRange, QCP::SignDomain inSignDomain = QCP::sdBoth,
                           const QCPRange &inKeyRange = QCPRange()) const override;

protected:
    void draw(QCPPainter *painter) override;
    void drawLegendIcon(QCPPainter *painter, const QRectF &rect) const override;

private:
    void drawImage(QCPPainter *painter) const;
    void drawRectangles(QCPPainter *painter) const;
    void drawHatch(QCPPainter *painter) const;
    void drawGaps(QCPPainter *painter) const;

    QImage m_image;  ///< a pixel a cell
    QImage m_filled; ///< with the missing cells filled in
    QColor m_missing, m_hatch, m_gap;
};

} // namespace headkv
