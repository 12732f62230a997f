// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/HeadBudgets.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace headkv {

/// The heads that budgets are for, and what is known of the rest of the model.
struct BudgetTarget
{
    HeadShape shape;
    std::uint64_t bytesPerEntry = 0; ///< of the keys and values of one token in one list; 0: not known
};

/// budget, window (as used), β and the rest, as the method reads them.
[[nodiscard]] nlohmann::ordered_json describe(const CompressionSettings &settings, int window);
/// What `headkv allocate` writes: the settings, a row of capacities a layer, and figures. promptTokens: those that the
/// budgets were allocated for.
[[nodiscard]] nlohmann::ordered_json describe(const CompressionSettings &settings, const HeadBudgets &budgets,
                                              const BudgetTarget &target, std::optional<std::int64_t> promptTokens);

} // namespace headkv
