// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/HeadId.h"

#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace headkv {

/// Scores by layer and head.
using ScoreLists = std::map<HeadId, std::vector<double>>;

/// Reads a head-score file whose text is as it should be, several times as fast as a JSON library: the largest have
/// some millions of numbers. Nothing where anything else is found; who wants to know what reads it again with one.
[[nodiscard]] std::optional<ScoreLists> readScoreText(std::string_view text);

} // namespace headkv
