// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/EvaluationFigures.h"

#include "core/base/Error.h"
#include "core/compression/CompressionMethod.h"
#include "core/evaluation/EvaluationNames.h"
#include "widgets/charts/ColorScaleView.h"
#include "widgets/charts/FigureGrid.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::EvaluationFigures", text); }

/// The smallest and the largest budget; 1 and 2 where no method has one.
std::pair<int, int> budgetRange(const EvaluationRun &run)
{
    std::pair range(0, 0);
    for (const EvaluationVariant &variant : run.variants) {
        const int budget = variant.compression.budget;
        if (!variant.hasBudget())
            continue;
        range = {range.first == 0 ? budget : std::min(range.first, budget), std::max(range.second, budget)};
    }
    return range.second > 0 ? range : std::pair(1, 2);
}

/// The line of the row's method; a new one, where there is none yet.
LineSeries &lineOf(std::vector<LineSeries> &series, const EvaluationRun &run, const EvaluationRow &row)
{
    const EvaluationVariant &variant = run.variants[row.variant];
    const QString name = methodName(variant);
    auto line = std::ranges::find(series, name, &LineSeries::name);
    if (line == series.end()) {
        series.emplace_back();
        line = series.end() - 1;
        line->name = name;
        line->method = colorKey(run, variant);
    }
    line->points = variant.hasBudget();
    return *line;
}

/// By budget, the rows of a task; budget 0: none.
std::map<int, std::vector<const EvaluationRow *>> byBudget(const EvaluationRun &run,
                                                           const std::vector<EvaluationRow> &rows, std::size_t task)
{
    std::map<int, std::vector<const EvaluationRow *>> groups;
    for (const EvaluationRow &row : rows) {
        if (row.task == task && !row.grid.empty())
            groups[run.variants[row.variant].budget()].push_back(&row);
    }
    return groups;
}

std::unique_ptr<ProbeGridView> gridOf(const EvaluationRun &run, const EvaluationRow &row)
{
    auto view = std::make_unique<ProbeGridView>();
    const EvaluationVariant &variant = run.variants[row.variant];
    const QString name = methodName(variant);
    view->setTitle(variant.hasBudget() ? tr("%1, B %2").arg(name).arg(variant.compression.budget) : name);
    view->setData(needleGrid(run, row));
    view->setColorBarVisible(false); // all share one
    return view;
}

} // namespace

QString methodName(const EvaluationVariant &variant) { return QString::fromStdString(displayName(variant)); }

QString taskName(const EvaluationTask &task) { return QString::fromStdString(displayName(task)); }

QString colorKey(const EvaluationRun &run, const EvaluationVariant &variant)
{
    std::vector<std::string> free; // the strongest colours stand last
    for (const MethodInfo &info : compressionMethods()) {
        const auto ofIt = [&info](const EvaluationVariant &one) { return one.compression.method == info.id; };
        if (std::ranges::none_of(run.variants, ofIt))
            free.emplace_back(info.id);
    }
    std::map<std::string, std::string> keys; // by method and set
    std::set<std::string> taken;
    for (const EvaluationVariant &one : run.variants) {
        if (keys.contains(one.method()))
            continue;
        std::string key = one.compression.method;
        if (taken.contains(key) && !free.empty()) {
            key = free.back();
            free.pop_back();
        }
        while (taken.contains(key))
            key += '+';
        taken.insert(key);
        keys.emplace(one.method(), std::move(key));
    }
    return QString::fromStdString(keys.at(variant.method()));
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

std::vector<LineSeries> budgetSeries(const EvaluationRun &run, const std::vector<EvaluationRow> &rows, std::size_t task,
                                     const std::function<double(const EvaluationRow &)> &value)
{
    std::vector<LineSeries> series;
    const auto [first, last] = budgetRange(run);
    for (const EvaluationRow &row : rows) {
        const double y = row.task == task && row.cases > 0 ? value(row) : std::numeric_limits<double>::quiet_NaN();
        if (std::isnan(y))
            continue;
        LineSeries &line = lineOf(series, run, row);
        if (const EvaluationVariant &variant = run.variants[row.variant]; variant.hasBudget()) {
            line.x.push_back(variant.compression.budget);
            line.y.push_back(y);
        } else {
            line.x = {static_cast<double>(first), static_cast<double>(last)};
            line.y = {y, y};
        }
    }
    return series;
}

std::vector<LineSeries> accuracySeries(const EvaluationRun &run, const std::vector<EvaluationRow> &rows,
                                       std::size_t task)
{
    std::vector<LineSeries> series = budgetSeries(run, rows, task, [](const EvaluationRow &row) { return row.score; });
    for (const EvaluationRow &row : rows) {
        if (row.task != task || row.cases == 0 || !run.variants[row.variant].hasBudget())
            continue;
        LineSeries &line = lineOf(series, run, row);
        line.errors.push_back(row.interval.high - row.score);
        line.errorsBelow.push_back(row.score - row.interval.low);
    }
    return series;
}

void setUpBudgets(LineChart &chart, const EvaluationRun &run, const QString &yLabel, AxisKind yKind)
{
    constexpr double margin = 0.08, least = 1.2;
    const auto [first, last] = budgetRange(run);
    const double edge = std::max(least, std::pow(static_cast<double>(last) / first, margin));
    chart.setAxes(tr("Budget a head (tokens)"), AxisKind::LogTokens, yLabel, yKind);
    chart.setXRange(first / edge, last * edge);
}

void setUpAccuracy(LineChart &chart, const EvaluationRun &run, std::size_t task)
{
    constexpr double best = 100;
    chart.setTitle(taskName(run.tasks[task]));
    setUpBudgets(chart, run, tr("%1, 0…100").arg(metricName(run.tasks[task].metric)), AxisKind::Number);
    chart.setYRange(0, best);
}

std::unique_ptr<FigureGrid> accuracyFigure(const EvaluationRun &run, const std::vector<EvaluationRow> &rows)
{
    constexpr int columns = 3;
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
        if (result.task != row.task || result.variant != row.variant)
            continue;
        const EvaluationCase &item = task.cases[result.item];
        if (item.lengthIndex && item.depthIndex)
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

NeedleGrids needleGrids(const EvaluationRun &run, const std::vector<EvaluationRow> &rows,
                        const std::vector<std::size_t> &tasks)
{
    NeedleGrids grids{std::make_unique<FigureGrid>(), {}};
    grids.figure->setTitle(tr("Needles by length and depth"));
    for (const std::size_t task : tasks) {
        auto groups = byBudget(run, rows, task);
        const std::vector<const EvaluationRow *> without = std::exchange(groups[0], {});
        const auto addAll = [&](const std::vector<const EvaluationRow *> &group) {
            for (const EvaluationRow *row : group) {
                auto view = gridOf(run, *row);
                grids.views.emplace_back(row - rows.data(), view.get());
                grids.figure->add(std::move(view));
            }
        };
        addAll(without); // beside the smallest budget
        bool isFirst = true;
        for (const auto &[budget, group] : groups) {
            if (budget == 0)
                continue;
            for (std::size_t i = 0; !isFirst && i < without.size(); ++i)
                grids.figure->skip();
            addAll(group);
            grids.figure->endRow();
            isFirst = false;
        }
        grids.figure->endRow();
    }
    if (!grids.views.empty())
        grids.figure->setSide(std::make_unique<ColorScaleView>(
            ColorMap::Name::Viridis, metricName(run.tasks[rows[grids.views.front().first].task].metric)));
    return grids;
}

std::unique_ptr<FigureGrid> needleGridsFigure(const EvaluationRun &run, const std::vector<EvaluationRow> &rows)
{
    std::vector<std::size_t> tasks(run.tasks.size());
    std::iota(tasks.begin(), tasks.end(), std::size_t{0});
    NeedleGrids grids = needleGrids(run, rows, tasks);
    if (grids.views.empty())
        throw Error(ErrorKind::Input, "there is no grid of lengths and depths; evaluate the task niah or reasoning");
    return std::move(grids.figure);
}

} // namespace headkv
