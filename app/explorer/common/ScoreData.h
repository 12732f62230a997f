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
/// Nothing where the set at this index is not from the session's last probe. With groups of `groupSize` query heads,
/// `head` is a group, whose score is its heads' mean.
[[nodiscard]] std::optional<HeadByCase> scoresByCase(const Session &session, int scoreSet, HeadCell head,
                                                     int groupSize = 1);

/// N of Eq. 2: the tokens of an answer in the middle of the cases of the session's last probe. Nothing for a set that
/// is not of that probe, or where another equation scored it.
[[nodiscard]] std::optional<int> answerTokens(const Session &session, int scoreSet);

} // namespace headkv
