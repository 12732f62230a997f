// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace headkv {

/// The β that sliders and charts offer. What β does depends on how far it is above 1: the scale is logarithmic in
/// β − 1, so that 1.005 and 1.01 stand as far apart as 2 and 3.
inline constexpr double leastBeta = 1.005;
inline constexpr double greatestBeta = 20;

/// The place of a β on the scale, 0…1; beyond its ends, the end.
[[nodiscard]] double betaPosition(double beta);
/// The β at a place, to three decimals.
[[nodiscard]] double betaAt(double position);
/// In its shortest form: "1.005", "2".
[[nodiscard]] QString formatBeta(double beta);

} // namespace headkv
