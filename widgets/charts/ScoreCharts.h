// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadScores.h"
#include "widgets/charts/HeatmapData.h"

namespace headkv {

/// What a heatmap shows of a score set: the mean scores.
[[nodiscard]] HeatmapData heatmapData(const HeadScores &scores, const HeadScoreSummary &summary);

/// A score set with its name, as a comparison shows it.
struct NamedScores
{
    QString name;
    const HeadScores *scores = nullptr;
    const HeadScoreSummary *summary = nullptr;
};
/// Each head's share in the first less its share in the second, for the symmetric scale and the diverging map; both
/// shares and ranks are told beside. Sets of one shape.
[[nodiscard]] HeatmapData differenceData(const NamedScores &first, const NamedScores &second);

/// The range that shows the values of all of these: for charts side by side.
[[nodiscard]] ValueRange sharedRange(const std::vector<HeatmapData> &charts, const HeatmapScale &scale);

} // namespace headkv
