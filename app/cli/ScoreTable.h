// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadStatistics.h"

#include <nlohmann/json_fwd.hpp>

namespace headkv {

/// layers, heads, examples, zero_share, nonzero_heads, gini, top, layer_share, lorenz. With intervals, each of the top
/// heads has its own.
[[nodiscard]] nlohmann::ordered_json describeScores(const HeadScores &scores, std::size_t top,
                                                    const HeadIntervals &intervals = {});
/// The split-half correlation, how many cases are enough by it, and the curve.
[[nodiscard]] nlohmann::ordered_json describeStability(const RankStability &stability);

/// The strongest heads as an aligned table on standard output.
void printScoreTable(const HeadScores &scores, std::size_t top, const HeadIntervals &intervals = {});
/// The same in a sentence or two.
void printStability(const RankStability &stability);

} // namespace headkv
