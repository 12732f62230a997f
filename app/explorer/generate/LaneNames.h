// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Lane.h"

namespace headkv {

/// How a lane is called and coloured beside the others.
struct LaneName
{
    QString title;
    QString brief; ///< the method's name where no other lane has it, else the title
    /// Whose colour it has (ChartStyle::seriesColor): its method's, or, where an earlier lane has the same method, that
    /// of one which none of the lanes has.
    QString method;

    bool operator==(const LaneName &) const = default;
};

/// One a lane; no two titles are the same.
[[nodiscard]] std::vector<LaneName> laneNames(const std::vector<Lane> &lanes);

/// Spent on decoding: RunMetrics' own figure once the lane has stopped, until then what its tokens took.
[[nodiscard]] double decodingSeconds(const Lane &lane);
/// Tokens that were said: RunMetrics' own figure once the lane has stopped, until then prompt and tokens.
[[nodiscard]] std::size_t contextUsed(const Lane &lane);

} // namespace headkv
