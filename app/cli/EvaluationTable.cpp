// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/EvaluationTable.h"

#include "core/evaluation/EvaluationSummary.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

/// What stands behind a row's score: "best", or p of its distance from the best.
std::map<std::pair<std::size_t, std::size_t>, std::string> marksOf(const EvaluationRun &run,
                                                                   const std::vector<EvaluationRow> &rows)
{
    std::map<std::pair<std::size_t, std::size_t>, std::string> marks; // by task and variant
    for (const BudgetComparison &comparison : compareBudgets(run, rows)) {
        marks[{comparison.task, comparison.best}] = "best";
        for (std::size_t i = 0; i < comparison.others.size(); ++i) {
            char text[16];
            std::snprintf(text, sizeof text, "%.3f", comparison.distances[i].p);
            marks[{comparison.task, comparison.others[i]}] = text;
        }
    }
    return marks;
}

std::string budgetOf(const EvaluationVariant &variant)
{
    return variant.hasBudget() ? std::to_string(variant.compression.budget) : "-";
}

void printRow(const EvaluationRun &run, const EvaluationRow &row, const std::string &mark)
{
    const EvaluationVariant &variant = run.variants[row.variant];
    char rate[16] = "-";
    if (row.decodeTokensPerSecond > 0)
        std::snprintf(rate, sizeof rate, "%.1f", row.decodeTokensPerSecond);
    std::printf("%-14.14s %-18.18s %6s %6.1f  %5.1f-%5.1f %6s %6zu %10.2f %10.3f %9s %9.2f\n",
                run.tasks[row.task].name.c_str(), variant.method().c_str(), budgetOf(variant).c_str(), row.score,
                row.interval.low, row.interval.high, mark.c_str(), row.cases, row.prefillSeconds, row.compressSeconds,
                rate, static_cast<double>(row.kvBytesPrompt) / 1e6);
}

} // namespace

void printEvaluation(const EvaluationRun &run)
{
    std::printf("%-14s %-18s %6s %6s  %11s %6s %6s %10s %10s %9s %9s\n", "task", "method", "budget", "score", "95 %",
                "p", "cases", "prefill s", "compress s", "decode/s", "KV MB");
    const std::vector<EvaluationRow> rows = summarize(run);
    const auto marks = marksOf(run, rows);
    for (const EvaluationRow &row : rows) {
        const auto mark = marks.find({row.task, row.variant});
        if (row.cases > 0)
            printRow(run, row, mark != marks.end() ? mark->second : "");
    }
}

Json describeComparisons(const EvaluationRun &run)
{
    const auto name = [&run](std::size_t variant) { return run.variants[variant].method(); };
    Json list = Json::array();
    for (const BudgetComparison &comparison : compareBudgets(run, summarize(run))) {
        Json others = Json::array();
        for (std::size_t i = 0; i < comparison.others.size(); ++i) {
            const PairedComparison &distance = comparison.distances[i];
            others.push_back({{"method", name(comparison.others[i])},
                              {"difference", distance.difference},
                              {"interval", {distance.interval.low, distance.interval.high}},
                              {"p", distance.p}});
        }
        list.push_back({{"task", run.tasks[comparison.task].name},
                        {"budget", comparison.budget > 0 ? Json(comparison.budget) : Json()},
                        {"best", name(comparison.best)},
                        {"others", others}});
    }
    return list;
}

} // namespace headkv
