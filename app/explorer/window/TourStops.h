// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/start/GuidedTour.h"

namespace headkv {

class MainWindow;

/// The program in two minutes, at its own controls, with the sample session open.
[[nodiscard]] std::vector<TourStop> tourStops(MainWindow &window);

} // namespace headkv
