// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRun.h"
#include "core/evaluation/EvaluationSummary.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/ProbeGridView.h"

#include <QString>
#include <functional>
#include <memory>
#include <vector>

namespace headkv {

class FigureGrid;

/// "HeadKV (R)", as figures and tables show a variant without its budget.
[[nodiscard]] QString methodName(const EvaluationVariant &variant);
/// "NIAH", "Reasoning", or the task's own name.
[[nodiscard]] QString taskName(const EvaluationTask &task);
/// "Recall", "F1", …: what a score of that metric is.
[[nodiscard]] QString metricName(AnswerMetric metric);

/// What gives a variant its colour (ChartStyle::seriesColor): its method, but for the second and further score sets of
/// a method, which take those of methods that are not there.
[[nodiscard]] QString colorKey(const EvaluationRun &run, const EvaluationVariant &variant);

/// A figure of the rows of a task against the budget, a line a method; methods without a budget lie across. Rows whose
/// value is not a number are left out.
[[nodiscard]] std::vector<LineSeries> budgetSeries(const EvaluationRun &run, const std::vector<EvaluationRow> &rows,
                                                   std::size_t task,
                                                   const std::function<double(const EvaluationRow &)> &value);
/// Gives a chart the axes of budgetSeries.
void setUpBudgets(LineChart &chart, const EvaluationRun &run, const QString &yLabel, AxisKind yKind);

/// A task's score against the budget with its 95 % interval.
[[nodiscard]] std::vector<LineSeries> accuracySeries(const EvaluationRun &run, const std::vector<EvaluationRow> &rows,
                                                     std::size_t task);
/// The same as charts, one a task side by side.
[[nodiscard]] std::unique_ptr<FigureGrid> accuracyFigure(const EvaluationRun &run,
                                                         const std::vector<EvaluationRow> &rows);
/// Gives a chart the axes of accuracySeries.
void setUpAccuracy(LineChart &chart, const EvaluationRun &run, std::size_t task);

/// A row's grid of lengths and depths, on the scale of 0 to 100 %.
[[nodiscard]] ProbeGridData needleGrid(const EvaluationRun &run, const EvaluationRow &row);
/// The grids of a task's variants: a row a budget, methods side by side, one scale for all. `views`: where they are, by
/// row of `rows`.
struct NeedleGrids
{
    std::unique_ptr<FigureGrid> figure;
    std::vector<std::pair<std::size_t, ProbeGridView *>> views;
};
[[nodiscard]] NeedleGrids needleGrids(const EvaluationRun &run, const std::vector<EvaluationRow> &rows,
                                      const std::vector<std::size_t> &tasks);
/// Those of all tasks that have grids. Errors: Input, where there is none.
[[nodiscard]] std::unique_ptr<FigureGrid> needleGridsFigure(const EvaluationRun &run,
                                                            const std::vector<EvaluationRow> &rows);

} // namespace headkv
