// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRun.h"
#include "core/evaluation/EvaluationSummary.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/ProbeGridView.h"

#include <QString>
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

/// A task's score against the budget, a line a method with its 95 % interval; methods without a budget lie across.
[[nodiscard]] std::vector<LineSeries> accuracySeries(const EvaluationRun &run, const std::vector<EvaluationRow> &rows,
                                                     std::size_t task);
/// The same as charts, one a task side by side.
[[nodiscard]] std::unique_ptr<FigureGrid> accuracyFigure(const EvaluationRun &run);
/// Gives a chart the axes of accuracySeries.
void setUpAccuracy(LineChart &chart, const EvaluationRun &run, std::size_t task);

/// A row's grid of lengths and depths, on the scale of 0 to 100 %.
[[nodiscard]] ProbeGridData needleGrid(const EvaluationRun &run, const EvaluationRow &row);
/// The grids of all variants: a row a budget, methods side by side. Tasks without grids are left out. Errors: Input,
/// where there is none.
[[nodiscard]] std::unique_ptr<FigureGrid> needleGridsFigure(const EvaluationRun &run);

} // namespace headkv
