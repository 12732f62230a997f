// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace headkv {

namespace {

/// The lists of highest importance keep everything; the others the first tokens, the last, and the mean of those
/// between as one token of their weight (Tang et al. 2024).
class RazorAttention : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;
    [[nodiscard]] TokenScoring scoring() const override { return TokenScoring::Place; }
    [[nodiscard]] bool compensates() const override { return true; }
    [[nodiscard]] KeptTokens select(const LayerCandidates &candidates, std::size_t list,
                                    std::int64_t capacity) const override
    {
        return sinksAndRecents(candidates.counts[list], capacity + window());
    }

protected:
    void fill(HeadBudgets &budgets, std::optional<std::int64_t> promptTokens) const override
    {
        const std::int64_t everything = everythingOf(promptTokens, window(), "razor");
        const std::vector<double> importance = shares();
        std::vector<std::size_t> order(importance.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t list) { return importance[list]; });
        order.resize(
            static_cast<std::size_t>(std::llrint(static_cast<double>(order.size()) * settings().retrievalShare)));
        budgets.capacities.assign(importance.size(), base());
        for (const std::size_t list : order)
            budgets.capacities[list] = std::max(everything, base());
    }
};

} // namespace

MethodInfo razorAttention()
{
    return {.id = "razor",
            .name = "RazorAttention",
            .summary = "Retrieval heads keep every token, the others the first, the last and one mean of the rest.",
            .hasWindow = false,
            .hasScores = true,
            .hasSinks = true,
            .make = makeMethod<RazorAttention>};
}

} // namespace headkv
