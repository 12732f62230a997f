// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/HeadStatistics.h"

#include "core/base/Error.h"
#include "core/base/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace headkv {

namespace {

/// [examples · heads], example by example: sums over cases then run along the heads.
std::vector<double> byExample(const HeadScores &scores)
{
    const std::size_t heads = scores.headCount();
    std::vector<double> result(heads * scores.examples());
    for (std::size_t head = 0; head < heads; ++head) {
        for (std::size_t example = 0; example < scores.examples(); ++example)
            result[example * heads + head] = scores.values[head][example];
    }
    return result;
}

/// sums += weight · values
void addWeighted(std::span<double> sums, std::span<const double> values, double weight)
{
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] += weight * values[i];
}

/// The means of one resample, [heads]. A block of heads at a time stays in the fastest cache.
void resampleMeans(std::span<double> means, std::span<const double> values, Random &random)
{
    constexpr std::size_t block = 1024;
    const std::size_t examples = values.size() / means.size();
    std::vector<int> times(examples, 0);
    for (std::size_t i = 0; i < examples; ++i)
        ++times[drawBelow(random, examples)];
    std::ranges::fill(means, 0);
    for (std::size_t begin = 0; begin < means.size(); begin += block) {
        const std::size_t size = std::min(block, means.size() - begin);
        for (std::size_t example = 0; example < examples; ++example) {
            if (times[example] > 0)
                addWeighted(means.subspan(begin, size), values.subspan(example * means.size() + begin, size),
                            times[example]);
        }
    }
    for (double &mean : means)
        mean /= static_cast<double>(examples);
}

/// Puts ranks in the place of values: 1 = the largest, ties by index.
void replaceByRanks(std::span<double> values, std::vector<std::pair<double, std::uint32_t>> &order)
{
    order.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        order[i] = {-values[i], static_cast<std::uint32_t>(i)};
    // Heads without a score tie at the end, in their order: there is nothing to sort.
    const auto zeros =
        std::stable_partition(order.begin(), order.end(), [](const auto &one) { return one.first != 0; });
    std::sort(order.begin(), zeros);
    for (std::size_t place = 0; place < order.size(); ++place)
        values[order[place].second] = static_cast<double>(place) + 1;
}

/// By column of a matrix [rows · columns].
std::vector<ValueInterval> intervalsOf(std::span<const double> matrix, std::size_t rows, double coverage,
                                       const CancellationToken &cancellation)
{
    constexpr std::size_t block = 8; // columns that share a cache line
    const std::size_t columns = matrix.size() / rows;
    std::vector<ValueInterval> intervals(columns);
    std::vector<double> gathered(rows * block);
    for (std::size_t begin = 0; begin < columns; begin += block) {
        cancellation.throwIfCancelled();
        const std::size_t count = std::min(block, columns - begin);
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t i = 0; i < count; ++i)
                gathered[i * rows + row] = matrix[row * columns + begin + i];
        }
        for (std::size_t i = 0; i < count; ++i) {
            const std::span<double> column(gathered.data() + i * rows, rows);
            intervals[begin + i] = centralInterval(column, coverage);
        }
    }
    return intervals;
}

/// 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, … below `most`, then `most`.
std::vector<std::size_t> caseCounts(std::size_t most)
{
    std::vector<std::size_t> counts;
    for (std::size_t power = 1; power < most; power *= 10) {
        for (const std::size_t tenths : {10, 15, 20, 30, 50, 70}) {
            if (power * tenths % 10 == 0 && power * tenths / 10 < most)
                counts.push_back(power * tenths / 10);
        }
    }
    if (most > 0)
        counts.push_back(most);
    return counts;
}

StabilityPoint pointOf(std::size_t cases, const std::vector<double> &correlations)
{
    const auto count = static_cast<double>(correlations.size());
    StabilityPoint point{cases, std::accumulate(correlations.begin(), correlations.end(), 0.0) / count, 0};
    double squares = 0;
    for (const double correlation : correlations)
        squares += (correlation - point.correlation) * (correlation - point.correlation);
    point.deviation = correlations.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
    return point;
}

} // namespace

HeadIntervals bootstrapIntervals(const HeadScores &scores, const BootstrapSettings &settings,
                                 const CancellationToken &cancellation)
{
    checkBootstrap(settings);
    const std::size_t heads = scores.headCount();
    if (heads == 0 || scores.examples() == 0)
        return {};
    const std::vector<double> values = byExample(scores);
    const auto resamples = static_cast<std::size_t>(settings.resamples);
    std::vector<double> matrix(resamples * heads);
    const auto row = [&](std::size_t resample) { return std::span(matrix).subspan(resample * heads, heads); };
    Random random(settings.seed);
    for (std::size_t resample = 0; resample < resamples; ++resample) {
        cancellation.throwIfCancelled();
        resampleMeans(row(resample), values, random);
    }
    HeadIntervals intervals;
    intervals.means = intervalsOf(matrix, resamples, settings.coverage, cancellation);
    std::vector<std::pair<double, std::uint32_t>> order;
    for (std::size_t resample = 0; resample < resamples; ++resample) {
        cancellation.throwIfCancelled();
        replaceByRanks(row(resample), order);
    }
    intervals.ranks = intervalsOf(matrix, resamples, settings.coverage, cancellation);
    return intervals;
}

RankStability rankStability(const HeadScores &scores, const StabilitySettings &settings,
                            const CancellationToken &cancellation)
{
    if (settings.splits < 1)
        throw Error(ErrorKind::Usage, "rank stability needs at least one split");
    const std::size_t heads = scores.headCount();
    const std::vector<double> values = byExample(scores);
    const std::size_t half = scores.examples() / 2;
    const std::vector<std::size_t> counts = caseCounts(half);
    std::vector<std::vector<double>> correlations(counts.size());
    std::vector<std::size_t> cases(scores.examples());
    std::iota(cases.begin(), cases.end(), std::size_t{0});
    Random random(settings.seed);
    for (int split = 0; split < settings.splits && half > 0; ++split) {
        shuffle(std::span(cases), random);
        // Sums rank as means do.
        std::vector<double> first(heads, 0), second(heads, 0);
        std::size_t added = 0;
        for (std::size_t point = 0; point < counts.size(); ++point) {
            cancellation.throwIfCancelled();
            for (; added < counts[point]; ++added) {
                addWeighted(first, std::span(values).subspan(cases[added] * heads, heads), 1);
                addWeighted(second, std::span(values).subspan(cases[half + added] * heads, heads), 1);
            }
            correlations[point].push_back(spearman(first, second));
        }
    }
    RankStability stability{settings.splits, {}};
    for (std::size_t point = 0; point < counts.size(); ++point)
        stability.curve.push_back(pointOf(counts[point], correlations[point]));
    return stability;
}

double RankStability::splitHalf() const
{
    return curve.empty() ? std::numeric_limits<double>::quiet_NaN() : curve.back().correlation;
}

std::optional<double> RankStability::casesFor(double target) const
{
    if (curve.empty())
        return {};
    const auto reached =
        std::ranges::find_if(curve, [target](const StabilityPoint &point) { return point.correlation >= target; });
    if (reached == curve.begin())
        return static_cast<double>(reached->cases);
    const StabilityPoint &before = *std::prev(reached);
    const auto cases = static_cast<double>(before.cases);
    if (reached != curve.end())
        return std::lerp(cases, static_cast<double>(reached->cases),
                         (target - before.correlation) / (reached->correlation - before.correlation));
    if (before.correlation <= 0)
        return {};
    return cases * target * (1 - before.correlation) / (before.correlation * (1 - target));
}

HeadStatistics analyse(const HeadScores &scores, const CancellationToken &cancellation)
{
    return {bootstrapIntervals(scores, {}, cancellation), rankStability(scores, {}, cancellation)};
}

HeadScores groupHeads(const HeadScores &scores, int kvHeads)
{
    if (kvHeads < 1 || scores.heads % kvHeads != 0)
        throw Error(ErrorKind::Usage, std::to_string(scores.heads) + " query heads cannot share " +
                                          std::to_string(kvHeads) +
                                          " KV heads evenly; give a number that divides them");
    const int size = scores.heads / kvHeads;
    HeadScores groups(scores.layers, kvHeads);
    for (std::size_t group = 0; group < groups.headCount(); ++group) {
        std::vector<double> &sums = groups.values[group];
        sums.assign(scores.examples(), 0);
        for (int member = 0; member < size; ++member)
            addWeighted(sums, scores.values[group * size + member], 1);
        for (double &sum : sums)
            sum /= size;
    }
    return groups;
}

} // namespace headkv
