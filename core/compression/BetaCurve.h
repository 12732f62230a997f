// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/HeadBudgets.h"

#include <array>
#include <vector>

namespace headkv {

/// The settings of β that the paper reports on.
inline constexpr std::array publishedBetas{1.005, 1.01, 1.1, 1.2, 1.5, 2.0, 5.0, 10.0};

/// How unequal HeadKV's budgets are at one β.
struct BetaPoint
{
    double beta = 0;
    Concentration concentration;
};

/// Over the published settings of β and a grid between them, rising: what β does to a score set. The settings' own β
/// and method do not matter. Errors: as makeCompressionMethod.
[[nodiscard]] std::vector<BetaPoint> betaCurve(const HeadShape &shape, const CompressionSettings &settings);

} // namespace headkv
