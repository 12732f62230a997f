// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/EfficiencyCharts.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/figures/EvaluationFigures.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/charts/LegendView.h"

#include <array>
#include <limits>

namespace headkv {

namespace {

struct Cost
{
    const char *title;
    const char *axis;
    AxisKind kind;
    double (*of)(const EvaluationRow &row); ///< NaN: not measured
};

constexpr std::array<Cost, 3> costs{{
    {"Decoding speed", "Tokens a second", AxisKind::Number,
     [](const EvaluationRow &row) {
         return row.decodeTokensPerSecond > 0 ? row.decodeTokensPerSecond : std::numeric_limits<double>::quiet_NaN();
     }},
    {"Compression time", "Seconds a prompt", AxisKind::Number,
     [](const EvaluationRow &row) { return row.compressSeconds; }},
    {"Memory of keys and values", "Behind the prompt", AxisKind::Bytes,
     [](const EvaluationRow &row) { return static_cast<double>(row.kvBytesPrompt); }},
}};

} // namespace

std::unique_ptr<FigureGrid> EfficiencyCharts::make()
{
    constexpr int least = 210, leastHeight = 230;
    m_charts.clear();
    if (run().tasks.empty())
        return nullptr;
    auto figure = std::make_unique<FigureGrid>();
    figure->setTitle(tr("Efficiency, %1").arg(taskName(run().tasks[task()])));
    for (const Cost &cost : costs) {
        auto chart = std::make_unique<LineChart>();
        chart->setTitle(tr(cost.title));
        setUpBudgets(*chart, run(), tr(cost.axis), cost.kind);
        named(chart.get(), tr("%1 against budget").arg(chart->title()));
        chart->setMinimumSize(least, leastHeight);
        chart->setLegendVisible(false); // one for all
        addMenu(chart.get());
        m_charts.push_back(chart.get());
        figure->add(std::move(chart));
    }
    auto legend = std::make_unique<LegendView>();
    m_legend = legend.get();
    figure->setSide(std::move(legend));
    return figure;
}

void EfficiencyCharts::showRows(const QList<int> & /*rows*/)
{
    if (m_charts.empty())
        return;
    for (std::size_t i = 0; i < m_charts.size(); ++i)
        m_charts[i]->setSeries(budgetSeries(run(), rows(), task(), costs[i].of));
    m_legend->setSeries(m_charts.back()->series()); // every method has memory
}

} // namespace headkv
