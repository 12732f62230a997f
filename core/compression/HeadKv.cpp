// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"
#include "core/compression/TokenSelection.h"

#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

/// SnapKV's selection with a budget by importance (Fu et al. 2025, section 3.2): every list keeps b − ⌊b/β⌋, and what
/// that leaves is shared out by importance.
class HeadKv : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;

protected:
    void fill(HeadBudgets &budgets, std::optional<std::int64_t> promptTokens) const override
    {
        const auto b = static_cast<double>(base());
        const double pooled = floorDivide(b, *settings().beta); // what each list puts into the pool
        const double pool = pooled * listCount();
        const std::vector<double> importance = shares();
        std::vector<double> targets(importance.size());
        for (std::size_t list = 0; list < targets.size(); ++list)
            targets[list] = importance[list] * pool + (b - pooled);
        if (settings().redistribute) {
            const auto cap =
                promptTokens ? std::optional(std::max<std::int64_t>(*promptTokens - window(), 0)) : std::nullopt;
            budgets.capacities = shareOut(std::move(targets), importance, cap, budgets.nominalTotal);
            return;
        }
        for (const double target : targets) // half to even, as torch.round
            budgets.capacities.push_back(std::llrint(target));
    }
};

} // namespace

MethodInfo headKv()
{
    return {.id = "headkv",
            .name = "HeadKV",
            .summary = "SnapKV with a budget for each head by its importance.",
            .hasScores = true,
            .beta = 1.2,
            .leastBeta = 1,
            .betaAboveLeast = true,
            .make = makeMethod<HeadKv>};
}

} // namespace headkv
