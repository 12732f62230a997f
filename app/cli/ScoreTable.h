// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadScores.h"

#include <nlohmann/json_fwd.hpp>

namespace headkv {

/// layers, heads, examples, zero_share, top, layer_share, lorenz.
[[nodiscard]] nlohmann::ordered_json describeScores(const HeadScores &scores, std::size_t top);

/// The strongest heads as an aligned table on standard output.
void printScoreTable(const HeadScores &scores, std::size_t top);

} // namespace headkv
