// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"
#include "widgets/charts/PlotChart.h"

namespace headkv {

class CellGrid;
class ColorBar;
class HeadMarks;

/// Layers × heads: x layers, y heads, head 0 on top, uninterpolated, with a colour bar. Hover tells, click or Enter
/// pins, arrow keys move the current cell, the wheel zooms, a drag pans, a double click shows all again.
class HeatmapView : public PlotChart
{
    Q_OBJECT
public:
    explicit HeatmapView(QWidget *parent = nullptr);
    ~HeatmapView() override;

    /// Throws Error(Input) where the vectors do not fit the shape. With the shape unchanged only colours are redrawn:
    /// 30 calls a second are cheap. Current cell and pins outside a new shape are dropped.
    void setData(HeatmapData data);
    /// Both at once, drawn once.
    void setData(HeatmapData data, const HeatmapScale &scale);
    [[nodiscard]] const HeatmapData &data() const { return m_data; }

    void setScale(const HeatmapScale &scale);
    [[nodiscard]] const HeatmapScale &scale() const { return m_scale; }
    /// The same range for charts side by side; nothing: the data's own.
    void setRange(const std::optional<ValueRange> &range);
    /// The range in use.
    [[nodiscard]] ValueRange range() const { return m_range; }
    void setColorMap(ColorMap::Name map);
    [[nodiscard]] ColorMap::Name colorMap() const { return m_map; }

    /// Outlines the k heads of the largest values (above 0; ties by layer, then head). 0: none.
    void setTopK(int k);
    [[nodiscard]] int topK() const { return m_topK; }

    /// Pins are numbered from 1 in their order. Replaces them without a signal.
    void setPins(std::vector<HeadCell> pins);
    [[nodiscard]] const std::vector<HeadCell> &pins() const { return m_pins; }

    /// The cell that arrow keys move from; invalid: none.
    void setCurrentCell(HeadCell cell);
    [[nodiscard]] HeadCell currentCell() const { return m_current; }

    /// Outlined besides the current cell: where the mouse is on a chart beside. Invalid: none.
    void setMirroredCell(HeadCell cell);

    /// What zooming and panning shows, in cells: x layers, y heads, cell (l, h) about the point (l, h).
    [[nodiscard]] QRectF visibleCells() const;
    void showCells(const QRectF &cells);

    /// Small multiples on a shared range show the bar once.
    void setColorBarVisible(bool visible);

    /// Layer, head, value ± standard error, share, rank: what the tooltip says.
    [[nodiscard]] QString describe(HeadCell cell) const;
    /// The cell at a pixel of this widget, or an invalid one; and where a cell is.
    [[nodiscard]] HeadCell cellAt(const QPoint &position) const;
    [[nodiscard]] QRectF cellRect(HeadCell cell) const;

    [[nodiscard]] bool isEmpty() const override { return m_data.values.empty(); }
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    void resetView() override;

Q_SIGNALS:
    void hovered(int layer, int head);
    void hoverEnded();
    void currentChanged(int layer, int head);
    void visibleCellsChanged();
    /// The user pinned a head, or took its pin away; pins() has already changed.
    void pinned(int layer, int head);
    void unpinned(int layer, int head);

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;
    void mouseClicked(const QPoint &position) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void recolor();
    void rankTop();
    void updateMarks();
    void togglePin(HeadCell cell);
    void keepInside();
    void scrollTo(HeadCell cell);
    [[nodiscard]] bool contains(HeadCell cell) const;

    HeatmapData m_data;
    HeatmapScale m_scale;
    ValueRange m_range;
    ColorMap::Name m_map = ColorMap::Name::Viridis;
    int m_topK = 0;
    std::vector<HeadCell> m_top;
    std::vector<HeadCell> m_pins;
    HeadCell m_current, m_hovered, m_mirrored;
    CellGrid *m_grid = nullptr;
    HeadMarks *m_marks = nullptr;
    ColorBar *m_bar = nullptr;
};

} // namespace headkv
