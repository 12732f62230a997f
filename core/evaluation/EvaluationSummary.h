// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Bootstrap.h"
#include "core/evaluation/EvaluationRun.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headkv {

/// A task under a variant: a row of the table.
struct EvaluationRow
{
    std::size_t task = 0, variant = 0; ///< into the run's lists
    std::size_t cases = 0;             ///< answered
    double score = 0;                  ///< mean over them, 0…100; 0 without one
    ValueInterval interval;            ///< 95 %, bootstrap over cases
    double prefillSeconds = 0;         ///< mean; compression not counted
    double compressSeconds = 0;        ///< mean
    double decodeTokensPerSecond = 0;  ///< of the cases where it was measured; 0: none
    std::uint64_t kvBytesPrompt = 0;   ///< mean, right after prefill
    std::uint64_t kvBytesPeak = 0;     ///< the most
    /// Mean score by [length][depth]; NaN: not there yet. Empty where the task is no grid.
    std::vector<std::vector<double>> grid;
};

/// A row for each task and variant, tasks first.
[[nodiscard]] std::vector<EvaluationRow> summarize(const EvaluationRun &run);

/// One of them: what has to be computed anew after an answer.
[[nodiscard]] EvaluationRow summarizeRow(const EvaluationRun &run, std::size_t task, std::size_t variant);

/// Scores of the cases that both variants have answered, a − b.
[[nodiscard]] PairedComparison compareVariants(const EvaluationRun &run, std::size_t task, std::size_t a,
                                               std::size_t b);

/// The variants that a reader compares within a task: those of one budget (0: without one).
struct BudgetComparison
{
    std::size_t task = 0;
    int budget = 0;
    std::size_t best = 0;                    ///< the variant of the greatest score, the first of equals
    std::vector<std::size_t> others;         ///< variants
    std::vector<PairedComparison> distances; ///< best − other, by other
};

/// Of the run's rows, by task, then budget; budgets with one variant are left out, and variants without an answer.
[[nodiscard]] std::vector<BudgetComparison> compareBudgets(const EvaluationRun &run,
                                                           const std::vector<EvaluationRow> &rows);

} // namespace headkv
