// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/HeadScores.h"

#include "core/base/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>

namespace headkv {

namespace {

double meanOf(std::span<const double> values)
{
    return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standardErrorOf(std::span<const double> values, double mean)
{
    if (values.size() < 2)
        return 0;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    const auto count = static_cast<double>(values.size());
    return std::sqrt(squares / (count - 1) / count);
}

std::vector<double> meansOf(const HeadScores &scores)
{
    std::vector<double> means;
    for (const std::vector<double> &values : scores.values)
        means.push_back(meanOf(values));
    return means;
}

/// Indices by falling value; equal values keep their order, which is by layer, then head.
std::vector<std::size_t> orderByFalling(const std::vector<double> &values)
{
    // Values beside their indices: a sort that looks each up elsewhere takes twice as long.
    std::vector<std::pair<double, std::size_t>> pairs;
    pairs.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        pairs.emplace_back(-values[i], i);
    std::ranges::sort(pairs);
    std::vector<std::size_t> order(values.size());
    std::ranges::transform(pairs, order.begin(), &std::pair<double, std::size_t>::second);
    return order;
}

/// Ranks from 1, equal values sharing the average of theirs.
std::vector<double> averageRanks(const std::vector<double> &values)
{
    const std::vector<std::size_t> order = orderByFalling(values);
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]])
            ++end;
        for (std::size_t i = begin; i < end; ++i)
            ranks[order[i]] = static_cast<double>(begin + 1 + end) / 2;
        begin = end;
    }
    return ranks;
}

/// Pearson's r; 0 where one of the two is constant.
double correlation(const std::vector<double> &a, const std::vector<double> &b)
{
    const double meanA = meanOf(a);
    const double meanB = meanOf(b);
    double product = 0;
    double squareA = 0;
    double squareB = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += (a[i] - meanA) * (b[i] - meanB);
        squareA += (a[i] - meanA) * (a[i] - meanA);
        squareB += (b[i] - meanB) * (b[i] - meanB);
    }
    return squareA > 0 && squareB > 0 ? product / std::sqrt(squareA * squareB) : 0;
}

/// As HeadScoreSummary has it, from the Lorenz curve: 1 − 2 · the area under it, by trapezoids.
double giniOf(const std::vector<double> &lorenz)
{
    if (lorenz.size() < 2 || !(lorenz.back() > 0))
        return 0;
    double area = 0;
    for (std::size_t i = 1; i < lorenz.size(); ++i)
        area += (lorenz[i - 1] + lorenz[i]) / 2;
    return 1 - 2 * area / static_cast<double>(lorenz.size() - 1);
}

/// Cumulative share of the k smallest values, k = 0 … size.
std::vector<double> lorenzCurve(std::vector<double> shares)
{
    std::ranges::sort(shares);
    std::vector<double> curve{0};
    for (const double share : shares)
        curve.push_back(curve.back() + share);
    return curve;
}

} // namespace

HeadScoreSummary summarize(const HeadScores &scores)
{
    HeadScoreSummary summary;
    summary.means = meansOf(scores);
    for (std::size_t i = 0; i < scores.headCount(); ++i)
        summary.standardErrors.push_back(standardErrorOf(scores.values[i], summary.means[i]));
    const double sum = std::accumulate(summary.means.begin(), summary.means.end(), 0.0);
    for (const double mean : summary.means)
        summary.shares.push_back(sum > 0 ? mean / sum : 0);
    const std::vector<std::size_t> order = orderByFalling(summary.means);
    summary.ranks.resize(order.size());
    for (std::size_t place = 0; place < order.size(); ++place)
        summary.ranks[order[place]] = static_cast<int>(place) + 1;
    summary.layerShares.resize(scores.layers);
    for (std::size_t i = 0; i < summary.shares.size(); ++i)
        summary.layerShares[i / scores.heads] += summary.shares[i];
    summary.lorenz = lorenzCurve(summary.shares);
    summary.gini = giniOf(summary.lorenz);
    summary.nonzeroHeads =
        static_cast<std::size_t>(std::ranges::count_if(summary.means, [](double mean) { return mean > 0; }));
    if (!summary.means.empty())
        summary.zeroShare = 1 - static_cast<double>(summary.nonzeroHeads) / static_cast<double>(summary.means.size());
    return summary;
}

std::vector<RankedHead> topHeads(const HeadScores &scores, const HeadScoreSummary &summary, std::size_t k)
{
    std::vector<RankedHead> heads;
    for (const std::size_t i : orderByFalling(summary.means)) {
        if (heads.size() == k)
            break;
        heads.push_back({static_cast<int>(i) / scores.heads, static_cast<int>(i) % scores.heads, summary.means[i],
                         summary.shares[i]});
    }
    return heads;
}

double HeadScoreComparison::topOverlap(std::size_t k) const
{
    k = std::min(k, firstOrder.size());
    if (k == 0)
        return 0;
    const std::unordered_set<std::size_t> top(secondOrder.begin(),
                                              secondOrder.begin() + static_cast<std::ptrdiff_t>(k));
    const auto shared = std::count_if(firstOrder.begin(), firstOrder.begin() + static_cast<std::ptrdiff_t>(k),
                                      [&](std::size_t i) { return top.contains(i); });
    return static_cast<double>(shared) / static_cast<double>(k);
}

double spearman(const std::vector<double> &a, const std::vector<double> &b)
{
    return correlation(averageRanks(a), averageRanks(b));
}

HeadScoreComparison compare(const HeadScores &first, const HeadScores &second)
{
    if (first.layers != second.layers || first.heads != second.heads)
        throw Error(ErrorKind::Input, "score sets of " + std::to_string(first.layers) + " × " +
                                          std::to_string(first.heads) + " and " + std::to_string(second.layers) +
                                          " × " + std::to_string(second.heads) +
                                          " heads cannot be compared; both must come from models of one shape");
    const HeadScoreSummary a = summarize(first);
    const HeadScoreSummary b = summarize(second);
    HeadScoreComparison comparison;
    comparison.spearman = spearman(a.means, b.means);
    comparison.pearson = correlation(a.means, b.means);
    comparison.firstOrder = orderByFalling(a.means);
    comparison.secondOrder = orderByFalling(b.means);
    comparison.difference.assign(first.layers, std::vector<double>(first.heads));
    for (std::size_t i = 0; i < a.shares.size(); ++i)
        comparison.difference[i / first.heads][i % first.heads] = a.shares[i] - b.shares[i];
    return comparison;
}

} // namespace headkv
