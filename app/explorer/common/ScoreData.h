// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"

#include <optional>

namespace headkv {

class Session;

/// A head's mean score over the passed cases of each length and depth of the session's probe.
struct HeadByCase
{
    std::vector<int> lengths;
    std::vector<double> depths;
    std::vector<double> means; ///< [lengths·depths], length by length; NaN: no case passed
};
/// Nothing where the set at this index is not from the session's last probe.
[[nodiscard]] std::optional<HeadByCase> scoresByCase(const Session &session, int scoreSet, HeadCell head);

} // namespace headkv
