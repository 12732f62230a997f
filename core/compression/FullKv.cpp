// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"

namespace headkv {

namespace {

/// Keeps everything.
class FullKv : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;
    [[nodiscard]] TokenScoring scoring() const override { return TokenScoring::Place; }

protected:
    void fill(HeadBudgets &budgets, std::optional<std::int64_t> promptTokens) const override
    {
        budgets.capacities.assign(static_cast<std::size_t>(listCount()), everythingOf(promptTokens, window(), "full"));
        budgets.nominalTotal = budgets.total();
    }
};

} // namespace

MethodInfo fullKv()
{
    return {.id = "full",
            .name = "FullKV",
            .summary = "Keeps every token.",
            .hasBudget = false,
            .hasWindow = false,
            .make = makeMethod<FullKv>};
}

} // namespace headkv
