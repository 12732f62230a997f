// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionMethod.h"

namespace headkv {

/// The indices of the highest scores, rising; of equal scores the earlier ones.
[[nodiscard]] KeptTokens highestScores(std::span<const float> scores, std::int64_t count);

/// Of the highest scores of all lists together, how many are each list's; of equal ones the earlier token's counts,
/// then the first list's.
[[nodiscard]] std::vector<std::int64_t> highestByList(std::span<const std::vector<float>> scores, std::int64_t count);

/// ⌊a / b⌋ as Python's float division computes it, which the published formulas are evaluated in.
[[nodiscard]] double floorDivide(double a, double b);

/// Shares out `total` whole tokens near the targets, none above the cap: what stands above it goes to the others in
/// proportion to their shares (evenly where those are 0); fractions go to the largest. Meets the total exactly, or
/// fills every list where the caps forbid that.
[[nodiscard]] std::vector<std::int64_t> shareOut(std::vector<double> targets, std::span<const double> shares,
                                                 std::optional<std::int64_t> cap, std::int64_t total);

} // namespace headkv
