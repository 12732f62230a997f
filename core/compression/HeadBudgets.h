// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionSettings.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headkv {

/// How many tokens each list of a model keeps. Plain data.
struct HeadBudgets
{
    int layers = 0;
    int lists = 0; ///< a layer: query heads or KV heads, by granularity
    Granularity granularity = Granularity::QueryHead;
    int window = 0;                       ///< w
    std::vector<std::int64_t> capacities; ///< [layers·lists], layer-major: tokens beside the window, not negative
    std::int64_t nominalTotal = 0;        ///< layers·lists·(B − w), which rounding and clamping may miss
    bool compensates = false;             ///< a list that drops tokens has one more entry in their place

    [[nodiscard]] std::int64_t total() const; ///< of the capacities
    /// Entries that a list holds after a prompt of n tokens: min(C, n − w) + w, and its compensation token.
    [[nodiscard]] std::int64_t entries(std::size_t list, std::int64_t promptTokens) const;
    [[nodiscard]] std::int64_t totalEntries(std::int64_t promptTokens) const;
};

/// How unequal budgets are.
struct Concentration
{
    double gini = 0; ///< 0: all equal; towards 1: few lists have everything
    std::int64_t largest = 0, smallest = 0;
};
[[nodiscard]] Concentration concentration(const HeadBudgets &budgets);

} // namespace headkv
