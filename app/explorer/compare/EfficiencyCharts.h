// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/compare/TaskCharts.h"

namespace headkv {

class LegendView;
class LineChart;

/// What a method costs against the budget: decoding speed, compression, memory of keys and values.
class EfficiencyCharts : public TaskCharts
{
    Q_OBJECT

public:
    using TaskCharts::TaskCharts;

    /// Speed, time, memory.
    [[nodiscard]] const std::vector<LineChart *> &charts() const { return m_charts; }

protected:
    std::unique_ptr<FigureGrid> make() override;
    void showRows(const QList<int> &rows) override;
    bool isChoice(std::size_t /*task*/) const override { return true; }

private:
    std::vector<LineChart *> m_charts;
    LegendView *m_legend = nullptr;
};

} // namespace headkv
