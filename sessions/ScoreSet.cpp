// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/ScoreSet.h"

#include <utility>

namespace headkv {

ScoreSet makeScoreSet(const QString &name, const QString &origin, HeadScores scores, const QString &metaJson)
{
    auto summary = std::make_shared<const HeadScoreSummary>(summarize(scores));
    return {name, origin, std::make_shared<const HeadScores>(std::move(scores)), std::move(summary), metaJson};
}

} // namespace headkv
