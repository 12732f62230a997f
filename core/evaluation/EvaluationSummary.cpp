// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationSummary.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

namespace headkv {

namespace {

/// A row's results, and what is summed over them.
struct RowSums
{
    std::vector<double> scores;
    double prefill = 0, compress = 0, kvBytes = 0;
    double inverseRates = 0; ///< seconds a token, of the cases where it was measured
    int rates = 0;

    void add(const EvaluationResult &result)
    {
        scores.push_back(result.score);
        prefill += result.prefillSeconds;
        compress += result.compressSeconds;
        kvBytes += static_cast<double>(result.kvBytesPrompt);
        if (result.decodeTokensPerSecond > 0) {
            inverseRates += 1 / result.decodeTokensPerSecond;
            ++rates;
        }
    }
};

/// Mean scores by [length][depth].
class ScoreGrid
{
public:
    explicit ScoreGrid(const EvaluationTask &task)
        : m_depths(task.depths.size())
        , m_sums(task.lengths.size() * m_depths)
        , m_counts(m_sums.size())
    {}

    void add(const EvaluationCase &item, double score)
    {
        if (!item.lengthIndex || !item.depthIndex)
            return;
        const std::size_t cell = *item.lengthIndex * m_depths + *item.depthIndex;
        m_sums[cell] += score;
        ++m_counts[cell];
    }

    [[nodiscard]] std::vector<std::vector<double>> means() const
    {
        std::vector<std::vector<double>> rows;
        for (std::size_t cell = 0; cell < m_sums.size(); ++cell) {
            if (cell % m_depths == 0)
                rows.emplace_back();
            rows.back().push_back(m_counts[cell] > 0 ? m_sums[cell] / m_counts[cell]
                                                     : std::numeric_limits<double>::quiet_NaN());
        }
        return rows;
    }

private:
    std::size_t m_depths;
    std::vector<double> m_sums;
    std::vector<int> m_counts;
};

/// Results in case order, so that what is drawn from them does not depend on the order they came in.
std::vector<const EvaluationResult *> inOrder(const EvaluationRun &run)
{
    std::vector<const EvaluationResult *> results;
    for (const EvaluationResult &result : run.results)
        results.push_back(&result);
    std::ranges::sort(results, {},
                      [](const EvaluationResult *one) { return std::tuple(one->task, one->variant, one->item); });
    return results;
}

/// Of its results, in case order.
EvaluationRow rowOf(const EvaluationRun &run, std::size_t taskIndex, std::size_t variant,
                    std::span<const EvaluationResult *const> results)
{
    const EvaluationTask &task = run.tasks[taskIndex];
    EvaluationRow row;
    row.task = taskIndex;
    row.variant = variant;
    RowSums sums;
    ScoreGrid grid(task);
    for (const EvaluationResult *result : results) {
        sums.add(*result);
        grid.add(task.cases[result->item], result->score);
        row.kvBytesPeak = std::max(row.kvBytesPeak, result->kvBytesPeak);
    }
    row.grid = grid.means();
    row.cases = results.size();
    if (results.empty())
        return row;
    const auto count = static_cast<double>(results.size());
    for (const double score : sums.scores)
        row.score += score / count;
    row.interval = bootstrapMean(sums.scores);
    row.prefillSeconds = sums.prefill / count;
    row.compressSeconds = sums.compress / count;
    row.kvBytesPrompt = static_cast<std::uint64_t>(sums.kvBytes / count);
    if (sums.rates > 0)
        row.decodeTokensPerSecond = sums.rates / sums.inverseRates;
    return row;
}

/// A task's scores under a variant, by case.
std::map<std::size_t, double> scoresOf(const EvaluationRun &run, std::size_t task, std::size_t variant)
{
    std::map<std::size_t, double> scores;
    for (const EvaluationResult &result : run.results) {
        if (result.task == task && result.variant == variant)
            scores.emplace(result.item, result.score);
    }
    return scores;
}

} // namespace

std::vector<EvaluationRow> summarize(const EvaluationRun &run)
{
    const std::vector<const EvaluationResult *> results = inOrder(run);
    std::vector<EvaluationRow> rows;
    auto begin = results.begin();
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
            const auto end = std::find_if(begin, results.end(), [&](const EvaluationResult *result) {
                return result->task != task || result->variant != variant;
            });
            rows.push_back(rowOf(run, task, variant, {begin, end}));
            begin = end;
        }
    }
    return rows;
}

EvaluationRow summarizeRow(const EvaluationRun &run, std::size_t task, std::size_t variant)
{
    std::vector<const EvaluationResult *> results;
    for (const EvaluationResult &result : run.results) {
        if (result.task == task && result.variant == variant)
            results.push_back(&result);
    }
    std::ranges::sort(results, {}, &EvaluationResult::item);
    return rowOf(run, task, variant, results);
}

PairedComparison compareVariants(const EvaluationRun &run, std::size_t task, std::size_t a, std::size_t b)
{
    const std::map<std::size_t, double> ofA = scoresOf(run, task, a), ofB = scoresOf(run, task, b);
    std::vector<double> first, second;
    for (const auto &[item, score] : ofA) {
        if (const auto other = ofB.find(item); other != ofB.end()) {
            first.push_back(score);
            second.push_back(other->second);
        }
    }
    return comparePairs(first, second);
}

std::vector<BudgetComparison> compareBudgets(const EvaluationRun &run, const std::vector<EvaluationRow> &rows)
{
    std::vector<BudgetComparison> comparisons;
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        std::map<int, std::vector<const EvaluationRow *>> byBudget;
        for (const EvaluationRow &row : rows) {
            if (row.task == task && row.cases > 0)
                byBudget[run.variants[row.variant].budget()].push_back(&row);
        }
        for (const auto &[budget, peers] : byBudget) {
            if (peers.size() < 2)
                continue;
            const EvaluationRow &best = **std::ranges::max_element(peers, {}, &EvaluationRow::score);
            BudgetComparison comparison{task, budget, best.variant, {}, {}};
            for (const EvaluationRow *row : peers) {
                if (row == &best)
                    continue;
                comparison.others.push_back(row->variant);
                comparison.distances.push_back(compareVariants(run, task, best.variant, row->variant));
            }
            comparisons.push_back(std::move(comparison));
        }
    }
    return comparisons;
}

} // namespace headkv
