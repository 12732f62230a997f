// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionMethod.h"
#include "core/model/ModelInfo.h"
#include "sessions/Lane.h"
#include "sessions/ScoreSet.h"
#include "sessions/SessionDocument.h"

#include <optional>
#include <vector>

namespace headkv {

/// What a user sets of one lane. A value.
struct LaneChoice
{
    std::string method = "full";
    int budget = 128;
    std::optional<int> window; ///< nothing: auto
    double beta = 0;           ///< of methods that have one
    Granularity granularity = Granularity::QueryHead;
    std::shared_ptr<const HeadScores> scores; ///< one of the session's sets, of methods that need them

    bool operator==(const LaneChoice &) const = default;
};

/// A method with its own settings, and the first score set where it needs one.
[[nodiscard]] LaneChoice laneChoice(std::string_view method, const std::vector<ScoreSet> &sets);
/// What a page begins with: FullKV, and HeadKV where there are scores, else SnapKV.
[[nodiscard]] std::vector<LaneChoice> defaultLanes(const std::vector<ScoreSet> &sets);
/// The next lane to add: the first of FullKV, HeadKV, SnapKV, StreamingLLM that is not there yet.
[[nodiscard]] LaneChoice nextLane(const std::vector<LaneChoice> &lanes, const std::vector<ScoreSet> &sets);
/// As a session keeps it, with the number of its score set; and back, where the method is known.
[[nodiscard]] SessionLane keptLane(const LaneChoice &choice, const std::vector<ScoreSet> &sets);
[[nodiscard]] std::optional<LaneChoice> laneChoice(const SessionLane &kept, const std::vector<ScoreSet> &sets);
/// For the session: with the importance of the heads.
[[nodiscard]] LaneSettings laneSettings(const LaneChoice &choice, const std::vector<ScoreSet> &sets);
/// Why the lane cannot run with this model, in one line that names the method; empty: it can.
[[nodiscard]] QString laneProblem(const LaneChoice &choice, const ModelInfo &model, const std::vector<ScoreSet> &sets);

} // namespace headkv
