// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"

namespace headkv {

/// Layer, head, value ± standard error, share and rank of a cell that is in the data, a line each.
[[nodiscard]] QString describeHead(const HeatmapData &data, HeadCell cell);
/// A row for each head: layer, head, value, and what else there is.
[[nodiscard]] QString heatmapCsv(const HeatmapData &data);

} // namespace headkv
