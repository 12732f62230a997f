// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace headkv {

/// A score for each query head on each passed example: what a probe finds and what a head-score file holds. Plain data.
struct HeadScores
{
    int layers = 0;
    int heads = 0;                           ///< query heads a layer
    std::vector<std::vector<double>> values; ///< [layers·heads][examples], layer-major; every head has as many examples

    HeadScores() = default;
    HeadScores(int layerCount, int headCount)
        : layers(layerCount)
        , heads(headCount)
        , values(static_cast<std::size_t>(layerCount) * headCount)
    {}

    [[nodiscard]] std::size_t index(int layer, int head) const
    {
        return static_cast<std::size_t>(layer) * heads + head;
    }
    [[nodiscard]] std::size_t headCount() const { return values.size(); }
    [[nodiscard]] std::size_t examples() const { return values.empty() ? 0 : values.front().size(); }
};

/// One head's place in a ranking.
struct RankedHead
{
    int layer = 0;
    int head = 0;
    double mean = 0;
    double share = 0; ///< of the sum over all heads, 0…1
};

/// Figures derived from HeadScores, computed once. All vectors by head are layer-major, [layers·heads].
struct HeadScoreSummary
{
    std::vector<double> means;          ///< over examples
    std::vector<double> standardErrors; ///< sample standard deviation / √examples; 0 with fewer than two examples
    std::vector<double> shares;         ///< means / their sum (L1 importance); all 0 where the sum is 0
    std::vector<int> ranks;             ///< 1 = largest mean; ties by layer, then head
    std::vector<double> layerShares;    ///< [layers], shares summed over a layer's heads
    std::vector<double> lorenz;         ///< [heads+1]: cumulative share of the k smallest heads, from 0 to 1
    double zeroShare = 0;               ///< heads whose mean is exactly 0, 0…1
    double gini = 0; ///< Σᵢ(2i − n − 1)·xᵢ / (n·Σx) of the means, rising: 0 all equal (or all 0), towards 1 all in one
    std::size_t nonzeroHeads = 0;
};

[[nodiscard]] HeadScoreSummary summarize(const HeadScores &scores);
/// The k heads of largest mean, ties by layer, then head. The summary is the scores' own.
[[nodiscard]] std::vector<RankedHead> topHeads(const HeadScores &scores, const HeadScoreSummary &summary,
                                               std::size_t k);

/// The k at which the strongest heads of two sets are compared everywhere.
inline constexpr std::array<std::size_t, 4> overlapCounts{10, 20, 50, 100};

/// Two score sets of one shape held against each other.
struct HeadScoreComparison
{
    double spearman = 0;                         ///< of the means, ties by average rank
    double pearson = 0;                          ///< of the means
    std::vector<std::vector<double>> difference; ///< [layers][heads]: share in the first less share in the second

    /// Share of the first set's top k heads that are among the second's top k, 0…1 (k is clamped to the number of
    /// heads).
    [[nodiscard]] double topOverlap(std::size_t k) const;

    std::vector<std::size_t> firstOrder, secondOrder; ///< head indices by falling mean
};

/// Spearman's rank correlation, ties by average rank; 0 where one of the two is constant. Equal lengths.
[[nodiscard]] double spearman(const std::vector<double> &a, const std::vector<double> &b);
/// Errors: Input, where the shapes differ.
[[nodiscard]] HeadScoreComparison compare(const HeadScores &first, const HeadScores &second);

} // namespace headkv
