// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Chart.h"

#include <memory>
#include <vector>

class QGridLayout;
class QPainter;

namespace headkv {

/// Charts in rows as one figure: for export, and to look at.
class FigureGrid : public Chart
{
    Q_OBJECT

public:
    static constexpr int oneRow = 1 << 16;

    /// Rows of so many columns.
    explicit FigureGrid(int columns = oneRow, QWidget *parent = nullptr);

    /// Adds a chart behind the last; the grid owns it.
    void add(std::unique_ptr<Chart> chart);
    /// Leaves a place empty.
    void skip();
    /// The next chart begins a row.
    void endRow();
    /// A chart at the right edge, as high as all rows and as wide as its figureSize(): a scale that all share. The grid
    /// owns it.
    void setSide(std::unique_ptr<Chart> chart);

    [[nodiscard]] bool isEmpty() const override;
    /// The charts' own, one after another, with the title of each in a column `panel` before them.
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    /// Its charts' own, smaller where there are many columns.
    [[nodiscard]] QSize figureSize() const override;
    [[nodiscard]] QSize leastFigureSize() const override;

protected:
    void paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors) override;
    void restyle() override;

private:
    struct Place
    {
        Chart *chart;
        int row, column;
    };
    [[nodiscard]] QSize cells() const; ///< columns and rows in use
    void paintPart(QPainter &painter, const Chart &chart, const QRect &place, double scale, bool vectors) const;

    QGridLayout *m_grid;
    Chart *m_side = nullptr;
    int m_columns;
    std::vector<Place> m_places;
    int m_row = 0, m_column = 0; ///< of the next
};

} // namespace headkv
