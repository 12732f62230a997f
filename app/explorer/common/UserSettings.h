// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"
#include "widgets/theme/ColorMap.h"

class QSettings;

namespace headkv {

/// How a model that is loaded next is computed, as the user has set it: automatic where nothing is set, or nothing that
/// this version knows.
[[nodiscard]] ModelOptions storedModelOptions(const QSettings &settings);
void storeModelOptions(QSettings &settings, const ModelOptions &options);

/// The colours of heatmaps.
[[nodiscard]] ColorMap::Name storedColorMap(const QSettings &settings);
void storeColorMap(QSettings &settings, ColorMap::Name map);

} // namespace headkv
