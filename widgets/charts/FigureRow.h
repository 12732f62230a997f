// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Chart.h"

#include <memory>
#include <vector>

namespace headkv {

/// Charts side by side as one figure: for export, and to look at.
class FigureRow : public Chart
{
    Q_OBJECT

public:
    explicit FigureRow(QWidget *parent = nullptr);

    /// Adds a chart at the right; the row owns it.
    void add(std::unique_ptr<Chart> chart);

    [[nodiscard]] bool isEmpty() const override;
    /// The charts' own, one after another, with the title of each in a column `panel` before them.
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    [[nodiscard]] QSize figureSize() const override;

protected:
    void paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors) override;
    void restyle() override;

private:
    std::vector<Chart *> m_charts;
};

} // namespace headkv
