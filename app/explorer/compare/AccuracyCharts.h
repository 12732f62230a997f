// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/compare/TaskCharts.h"

namespace headkv {

class LegendView;
class LineChart;

/// Score against budget by method, a chart a task.
class AccuracyCharts : public TaskCharts
{
    Q_OBJECT

public:
    using TaskCharts::TaskCharts;

    [[nodiscard]] const std::vector<LineChart *> &charts() const { return m_charts; }

protected:
    std::unique_ptr<FigureGrid> make() override;
    void showRows(const QList<int> &rows) override;
    bool isChoice(std::size_t /*task*/) const override { return false; }

private:
    std::vector<LineChart *> m_charts; ///< one a task
    LegendView *m_legend = nullptr;    ///< of several
};

} // namespace headkv
