// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/EvaluationFigures.h"

#include "core/base/Error.h"
#include "core/compression/CompressionMethod.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "widgets/charts/FigureGrid.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <map>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::EvaluationFigures", text); }

/// The smallest and the largest budget; 0 and 1 where no method has one.
std::pair<int, int> budgetRange(const EvaluationRun &run)
{
    std::pair range(0, 0);
    for (const EvaluationVariant &variant : run.variants) {
        const int budget = variant.compression.budget;
        if (!variant.hasBudget())
            continue;
        range = {range.first == 0 ? budget : std::min(range.first, budget), std::max(range.second, budget)};
    }
    return range.second > 0 ? range : std::pair(0, 1);
}

void addPoint(LineSeries &line, double x, const EvaluationRow &row)
{
    line.x.push_back(x);
    line.y.push_back(row.score);
    line.errors.push_back(row.interval.high - row.score);
    line.errorsBelow.push_back(row.score - row.interval.low);
}

/// Each method that has score sets beside each other needs colours of its own for them.
bool isAmongSets(const EvaluationRun &run, const EvaluationVariant &variant)
{
    return std::ranges::any_of(run.variants, [&variant](const EvaluationVariant &other) {
        return other.compression.method == variant.compression.method && other.scores != variant.scores;
    });
}

/// By budget, the rows of a task; budget 0: none.
std::map<int, std::vector<const EvaluationRow *>> byBudget(const EvaluationRun &run,
                                                           const std::vector<EvaluationRow> &rows, std::size_t task)
{
    std::map<int, std::vector<const EvaluationRow *>> groups;
    for (const EvaluationRow &row : rows) {
        const EvaluationVariant &variant = run.variants[row.variant];
        if (row.task == task && !row.grid.empty())
            groups[variant.hasBudget() ? variant.compression.budget : 0].push_back(&row);
    }
    return groups;
}

std::unique_ptr<ProbeGridView> gridOf(const EvaluationRun &run, const EvaluationRow &row)
{
    constexpr int small = 260;
    auto view = std::make_unique<ProbeGridView>();
    const EvaluationVariant &variant = run.variants[row.variant];
    const QString name = methodName(variant);
    view->setTitle(variant.hasBudget() ? tr("%1, budget %2").arg(name).arg(variant.compression.budget) : name);
    view->setData(needleGrid(run, row));
    view->setMinimumSize(small, small * 3 / 4);
    return view;
}

} // namespace

QString methodName(const EvaluationVariant &variant)
{
    const auto name = compressionMethod(variant.compression.method).name;
    const QString method = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    return variant.scores.empty() ? method
                                  : QStringLiteral("%1 (%2)").arg(method, QString::fromStdString(variant.scores));
}

QString taskName(const EvaluationTask &task)
{
    if (task.name == needleTask)
        return tr("NIAH");
    return task.name == reasoningTask ? tr("Reasoning") : QString::fromStdString(task.name);
}

QString metricName(AnswerMetric metric)
{
    switch (metric) {
    case AnswerMetric::Rouge1Recall:
        return tr("Recall (ROUGE-1)");
    case AnswerMetric::QaF1:
        return tr("Token F1");
    case AnswerMetric::RougeL:
        return tr("ROUGE-L");
    case AnswerMetric::Classification:
        return tr("Accuracy");
    case AnswerMetric::Retrieval:
        return tr("Right paragraph");
    case AnswerMetric::Count:
        return tr("Right count");
    case AnswerMetric::CodeSimilarity:
        return tr("Similarity of code");
    }
    return {};
}

std::vector<LineSeries> accuracySeries(const EvaluationRun &run, const std::vector<EvaluationRow> &rows,
                                       std::size_t task)
{
    std::vector<LineSeries> series;
    const auto [first, last] = budgetRange(run);
    for (const EvaluationRow &row : rows) {
        if (row.task != task || row.cases == 0)
            continue;
        const EvaluationVariant &variant = run.variants[row.variant];
        const QString name = methodName(variant);
        auto line = std::ranges::find(series, name, &LineSeries::name);
        if (line == series.end()) {
            series.emplace_back();
            line = series.end() - 1;
            line->name = name;
            line->method = isAmongSets(run, variant) ? QString() : QString::fromStdString(variant.compression.method);
        }
        line->points = variant.hasBudget();
        if (variant.hasBudget()) {
            addPoint(*line, variant.compression.budget, row);
        } else {
            line->x = {static_cast<double>(first), static_cast<double>(last)};
            line->y = {row.score, row.score};
        }
    }
    return series;
}

void setUpAccuracy(LineChart &chart, const EvaluationRun &run, std::size_t task)
{
    constexpr double best = 100, margin = 0.08;
    const auto [first, last] = budgetRange(run);
    const double edge = margin * (last - first);
    chart.setTitle(taskName(run.tasks[task]));
    chart.setAxes(tr("Budget a head (tokens)"), AxisKind::Tokens,
                  tr("%1, 0…100").arg(metricName(run.tasks[task].metric)), AxisKind::Number);
    chart.setXRange(first - edge, last + edge);
    chart.setYRange(0, best);
}

std::unique_ptr<FigureGrid> accuracyFigure(const EvaluationRun &run)
{
    constexpr int columns = 3;
    const std::vector<EvaluationRow> rows = summarize(run);
    auto figure = std::make_unique<FigureGrid>(columns);
    figure->setTitle(tr("Score against budget"));
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        auto chart = std::make_unique<LineChart>();
        setUpAccuracy(*chart, run, task);
        chart->setSeries(accuracySeries(run, rows, task));
        figure->add(std::move(chart));
    }
    return figure;
}

ProbeGridData needleGrid(const EvaluationRun &run, const EvaluationRow &row)
{
    constexpr double percent = 100;
    const EvaluationTask &task = run.tasks[row.task];
    ProbeGridData data;
    data.lengths = task.lengths;
    data.depths = task.depths;
    data.valueLabel = metricName(task.metric);
    data.cells.resize(data.lengths.size() * data.depths.size());
    for (const EvaluationCase &item : task.cases) {
        if (item.lengthIndex && item.depthIndex)
            ++data.cells[data.index(*item.lengthIndex, *item.depthIndex)].total;
    }
    for (const EvaluationResult &result : run.results) {
        const EvaluationCase &item = task.cases[result.task == row.task ? result.item : 0];
        if (result.task == row.task && result.variant == row.variant && item.lengthIndex && item.depthIndex)
            ++data.cells[data.index(*item.lengthIndex, *item.depthIndex)].done;
    }
    for (std::size_t length = 0; length < row.grid.size(); ++length) {
        for (std::size_t depth = 0; depth < row.grid[length].size(); ++depth) {
            if (!std::isnan(row.grid[length][depth]))
                data.cells[data.index(length, depth)].score = row.grid[length][depth] / percent;
        }
    }
    return data;
}

std::unique_ptr<FigureGrid> needleGridsFigure(const EvaluationRun &run)
{
    const std::vector<EvaluationRow> rows = summarize(run);
    auto figure = std::make_unique<FigureGrid>();
    figure->setTitle(tr("Needles by length and depth"));
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        for (const auto &[budget, group] : byBudget(run, rows, task)) {
            for (const EvaluationRow *row : group)
                figure->add(gridOf(run, *row));
            figure->endRow();
        }
    }
    if (figure->isEmpty())
        throw Error(ErrorKind::Input, "there is no grid of lengths and depths; evaluate the task niah or reasoning");
    return figure;
}

} // namespace headkv
