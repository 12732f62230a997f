// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/compression/CompressionSettings.h"

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace headkv {

class Model;

struct SpeedBenchmarkSettings
{
    std::vector<int> promptLengths;           ///< tokens
    std::vector<int> newTokens;               ///< decoded behind each, past the model's context if need be
    std::vector<CompressionSettings> methods; ///< each with its budget
    int repeats = 3;
    std::string text; ///< what prompts are cut from; repeated where it is too short
};

/// One row of the efficiency table: medians over the repeats.
struct SpeedRow
{
    std::string method;
    int budget = 0; ///< 0: the method has none
    Granularity granularity = Granularity::QueryHead;
    int promptTokens = 0, newTokens = 0;
    double prefillTokensPerSecond = 0; ///< compression included
    double compressShare = 0;          ///< of that time, 0…1
    double decodeTokensPerSecond = 0;  ///< of the tokens after the first; 0 where there is no other
    double totalSeconds = 0;           ///< from the prompt to the last token
    double keptTokens = 0;             ///< of the prompt, in the mean list
    std::uint64_t kvBytesPeak = 0;     ///< of entries held, up to the last token
    std::uint64_t rssPeakBytes = 0;    ///< of the process while the longest of newTokens ran
    std::uint64_t devicePeakBytes = 0; ///< likewise, on the accelerators; 0 on the CPU
};

/// A row of what `headkv bench` writes.
[[nodiscard]] nlohmann::ordered_json describe(const SpeedRow &row);

/// Runs each prompt length under each method to the largest of newTokens, `repeats` times in turns; rows of fewer
/// tokens are the same runs up to there. In the order promptLengths, methods, newTokens. Errors: as a conversation's;
/// Cancelled.
[[nodiscard]] std::vector<SpeedRow> runSpeedBenchmark(const std::shared_ptr<const Model> &model,
                                                      const SpeedBenchmarkSettings &settings,
                                                      const JobControl &control = {});

} // namespace headkv
