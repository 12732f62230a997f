// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Bootstrap.h"
#include "core/base/JobControl.h"
#include "core/probe/HeadScores.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace headkv {

/// Percentile bootstrap intervals by head, layer-major.
struct HeadIntervals
{
    std::vector<ValueInterval> means;
    std::vector<ValueInterval> ranks; ///< as HeadScoreSummary::ranks: ties by layer, then head
};

/// Draws as many cases as there are, with replacement, and takes each head's mean over them and its rank among these
/// means; the interval runs from the (1 − coverage)/2 quantile over the resamples to the (1 + coverage)/2 quantile,
/// linear between neighbours (Efron's percentile method). A resample draws the same cases for all heads, since a case's
/// difficulty is theirs in common. The same seed gives the same intervals. Takes 8 bytes for each head and resample.
/// Errors: Usage, for no resample or a coverage outside 0…1; Cancelled.
[[nodiscard]] HeadIntervals bootstrapIntervals(const HeadScores &scores, const BootstrapSettings &settings = {},
                                               const CancellationToken &cancellation = {});

struct StabilitySettings
{
    int splits = 100;
    std::uint64_t seed = 0;
};

/// How alike two sets of so many cases each rank the heads.
struct StabilityPoint
{
    std::size_t cases = 0;
    double correlation = 0; ///< Spearman of the two sets' means, averaged over the splits
    double deviation = 0;   ///< sample standard deviation over the splits; 0 with one split
};

/// Split-half stability of a ranking: how many cases are enough.
struct RankStability
{
    int splits = 0;
    std::vector<StabilityPoint> curve; ///< by rising number of cases; the last has half of them all

    /// With half of the cases in each set. NaN with fewer than two cases.
    [[nodiscard]] double splitHalf() const;
    /// Cases that two sets need to agree to `target` (0…1, both excluded): read off the curve, linear between its
    /// points; beyond its end by the Spearman–Brown formula m·t(1 − r)/(r(1 − t)), m and r being the last point's.
    /// Nothing where there is no positive correlation to go by.
    [[nodiscard]] std::optional<double> casesFor(double target) const;
};

/// Splits the cases at random into halves of ⌊n/2⌋ and compares the means over the first 1, 2, 3, 5, 7, 10, 15, 20, …
/// cases of each half. The same seed gives the same curve. Errors: Usage, for no split; Cancelled.
[[nodiscard]] RankStability rankStability(const HeadScores &scores, const StabilitySettings &settings = {},
                                          const CancellationToken &cancellation = {});

/// What takes longer than a frame to compute of a score set.
struct HeadStatistics
{
    HeadIntervals intervals;
    RankStability stability;
};
[[nodiscard]] HeadStatistics analyse(const HeadScores &scores, const CancellationToken &cancellation = {});

/// The scores of KV groups: a head of the result is the mean of the query heads that share a KV head, example by
/// example. Its shares are the sums of its query heads' shares. Errors: Usage, where `kvHeads` does not divide the
/// number of query heads.
[[nodiscard]] HeadScores groupHeads(const HeadScores &scores, int kvHeads);

} // namespace headkv
