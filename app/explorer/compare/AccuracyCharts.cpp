// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/AccuracyCharts.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/figures/EvaluationFigures.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/charts/LegendView.h"

#include <algorithm>
#include <set>

namespace headkv {

std::unique_ptr<FigureGrid> AccuracyCharts::make()
{
    constexpr std::size_t mostColumns = 3;
    constexpr int least = 210, leastHeight = 230;
    const std::size_t tasks = run().tasks.size();
    m_charts.clear();
    if (tasks == 0)
        return nullptr;
    auto figure = std::make_unique<FigureGrid>(static_cast<int>(std::min(tasks == 4 ? 2 : tasks, mostColumns)));
    figure->setTitle(tr("Score against budget"));
    for (std::size_t task = 0; task < tasks; ++task) {
        auto chart = std::make_unique<LineChart>();
        setUpAccuracy(*chart, run(), task);
        named(chart.get(), tr("Score against budget: %1").arg(chart->title()));
        chart->setMinimumSize(least, leastHeight);
        chart->setLegendVisible(tasks == 1);
        addMenu(chart.get());
        m_charts.push_back(chart.get());
        figure->add(std::move(chart));
    }
    auto legend = tasks > 1 ? std::make_unique<LegendView>() : nullptr;
    m_legend = legend.get();
    if (legend)
        figure->setSide(std::move(legend));
    return figure;
}

void AccuracyCharts::showRows(const QList<int> &changed)
{
    std::set<std::size_t> tasks;
    for (const int row : changed)
        tasks.insert(rows()[static_cast<std::size_t>(row)].task);
    for (const std::size_t task : tasks)
        m_charts[task]->setSeries(accuracySeries(run(), rows(), task));
    if (m_legend && !tasks.empty())
        m_legend->setSeries(m_charts[*tasks.begin()]->series());
}

} // namespace headkv
