// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadScores.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headkv {

/// The layout that FYYFU/HeadKV publishes: {"0-0": [..], "0-1": [..], …}, keys "LAYER-HEAD" by query head in
/// layer-major order. Reading tolerates keys in any order, integers and a trailing newline. Errors: Input, saying where
/// (JSON path): a missing or extra head, lists of unequal length, a non-finite or negative score, an empty file or
/// list.
[[nodiscard]] HeadScores readHeadScores(const std::filesystem::path &path);
[[nodiscard]] HeadScores parseHeadScores(std::string_view json, const std::string &source);
/// Errors: Input, naming both shapes, where the scores are not those of such a model.
void requireShape(const HeadScores &scores, int layers, int heads, const std::string &source);
/// What methods go by: the heads' shares of the mean scores, [layers·heads]. Errors: Input, for scores of another shape
/// or that are all 0; `source` begins the message.
[[nodiscard]] std::vector<double> importanceOf(const HeadScores &scores, int layers, int heads,
                                               const std::string &source);

[[nodiscard]] std::string formatHeadScores(const HeadScores &scores);
/// Writes the file, and provenance (model, sha256, settings, date, program version) to its SCORES.meta.json, both
/// atomically.
void writeHeadScores(const std::filesystem::path &path, const HeadScores &scores, const nlohmann::json &meta);
/// SCORES.json → SCORES.meta.json
[[nodiscard]] std::filesystem::path headScoreMetaPath(const std::filesystem::path &scores);

} // namespace headkv
