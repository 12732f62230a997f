// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace headkv {

class Chart;

/// How `headkv figure` draws heatmaps.
struct HeatmapLook
{
    HeatmapScale scale;
    ColorMap::Name colors = ColorMap::Name::Viridis;
    int top = 0;     ///< strongest heads to outline
    int kvHeads = 0; ///< show KV groups of that many a layer; 0: query heads
};

using FigureFiles = std::vector<std::filesystem::path>;

/// Head scores, or the budgets that `headkv allocate` writes, by layer and head; several files side by side on one
/// range. Errors: Input; Usage, for scores beside budgets.
[[nodiscard]] std::unique_ptr<Chart> heatmapFigure(const FigureFiles &files, const HeatmapLook &look);
/// The Lorenz curves of score files. Errors: Input.
[[nodiscard]] std::unique_ptr<Chart> lorenzFigure(const FigureFiles &files, const HeatmapLook &look);
/// Each head's share in the first of two score files less its share in the second. Errors: Input; Usage, for another
/// number of files.
[[nodiscard]] std::unique_ptr<Chart> differenceFigure(const FigureFiles &files, const HeatmapLook &look);

} // namespace headkv
