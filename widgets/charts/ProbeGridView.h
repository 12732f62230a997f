// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/PlotChart.h"
#include "widgets/theme/ColorMap.h"

#include <vector>

namespace headkv {

class CellGrid;
class ColorBar;

/// The cases of one length and depth.
struct ProbeGridCell
{
    int passed = 0;
    int done = 0;
    int total = 0;
    double score =
        -1; ///< mean score of the cases done, 0…1, where the grid shows that; below 0: the share of passed cases
};

/// A needle-in-a-haystack grid.
struct ProbeGridData
{
    std::vector<int> lengths;         ///< tokens
    std::vector<double> depths;       ///< 0 (start of the text) … 1 (its end)
    std::vector<ProbeGridCell> cells; ///< [lengths·depths], length by length
    int runningLength = -1;           ///< index of the cell that runs now; −1: none
    int runningDepth = -1;
    QString valueLabel = QStringLiteral("Passed");

    [[nodiscard]] std::size_t index(std::size_t length, std::size_t depth) const
    {
        return length * depths.size() + depth;
    }
};

/// Length × depth: x lengths, y depths with 0 on top; a cell takes the colour of the share of its cases that passed so
/// far, is hatched before it has run and outlined while it runs.
class ProbeGridView : public PlotChart
{
    Q_OBJECT
public:
    explicit ProbeGridView(QWidget *parent = nullptr);
    ~ProbeGridView() override;

    /// Throws Error(Input) where the cells do not fit lengths × depths. Cheap to call after each case.
    void setData(ProbeGridData data);
    [[nodiscard]] const ProbeGridData &data() const { return m_data; }
    [[nodiscard]] QSize leastFigureSize() const override { return {180, 150}; }
    void setColorMap(ColorMap::Name map);
    /// Small multiples show the bar once.
    void setColorBarVisible(bool visible);

    /// What the tooltip says.
    [[nodiscard]] QString describe(std::size_t length, std::size_t depth) const;
    [[nodiscard]] QRectF cellRect(std::size_t length, std::size_t depth) const;

    [[nodiscard]] bool isEmpty() const override { return m_data.cells.empty(); }
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;

Q_SIGNALS:
    /// A click or the space bar on a cell: indices into lengths and depths.
    void cellClicked(int length, int depth);
    /// A double click or Enter on it, after cellClicked().
    void cellActivated(int length, int depth);

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;
    void mouseClicked(const QPoint &position) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    class Labels;

    void recolor();
    [[nodiscard]] static double value(const ProbeGridCell &cell); ///< 0…1; NaN before the first case

    ProbeGridData m_data;
    ColorMap::Name m_map = ColorMap::Name::Viridis;
    QPoint m_hovered{-1, -1};
    QPoint m_current{0, 0}; ///< that the arrow keys move; shown while the chart has the focus
    CellGrid *m_grid = nullptr;
    Labels *m_labels = nullptr;
    ColorBar *m_bar = nullptr;
};

} // namespace headkv
