// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadScores.h"

#include <QString>
#include <memory>

namespace headkv {

/// A named set of head scores: from a probe or a file.
struct ScoreSet
{
    QString name;   ///< e.g. "R (SmolLM2 135M)"
    QString origin; ///< the file, or "probe"
    std::shared_ptr<const HeadScores> scores;
    std::shared_ptr<const HeadScoreSummary> summary;
    QString metaJson; ///< provenance for SCORES.meta.json; empty: unknown
};

/// With the summary of the scores.
[[nodiscard]] ScoreSet makeScoreSet(const QString &name, const QString &origin, HeadScores scores,
                                    const QString &metaJson);

} // namespace headkv
