// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionSettings.h"
#include "core/generation/Agreement.h"
#include "core/generation/Generation.h"
#include "core/model/ModelInfo.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace headkv {

/// A generation with what made it: the file that `headkv generate --report` writes (cli.md) and the Generate page
/// exports and opens.
struct GenerationReport
{
    std::string model; ///< its name
    HeadShape shape;
    std::string device, dtype, weights;
    ElementType cacheType = ElementType::BFloat16;
    std::uint64_t weightBytes = 0;
    double loadSeconds = 0;
    CompressionSettings compression; ///< without importance, which lies in the score file
    std::string scores;              ///< that file, or the name of a score set; empty: none
    GenerationSettings settings;
    Generation generation;
    std::optional<Agreement> agreement; ///< with FullKV, where it was measured

    void takeModel(const ModelInfo &info);
    /// What the budget says of the prompt's tokens, 0…1; 1 for a method without.
    [[nodiscard]] double nominalShare() const;
};

[[nodiscard]] nlohmann::ordered_json describe(const GenerationReport &report);
/// Replaces the file at once or not at all. Errors: Failed.
void writeGenerationReport(const std::filesystem::path &path, const GenerationReport &report);
/// Errors: Input, with the file and what is wrong in it. Tolerates reports without the parts that came later.
[[nodiscard]] GenerationReport readGenerationReport(const std::filesystem::path &path);
/// The same from a document in another one, which `source` names.
[[nodiscard]] GenerationReport generationReportFrom(const nlohmann::ordered_json &document, const std::string &source);
/// Whether a file looks like a report rather than head scores, by how it begins.
[[nodiscard]] bool isGenerationReport(const std::filesystem::path &path);

} // namespace headkv
