// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionSettings.h"
#include "core/evaluation/EvaluationTask.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headkv {

/// A method with its budget and, where it needs them, a score set: what the same cases are answered with.
struct EvaluationVariant
{
    CompressionSettings compression;
    std::string scores; ///< the set's name, e.g. "R"; empty: none

    [[nodiscard]] bool hasBudget() const;
    [[nodiscard]] int budget() const; ///< 0: it has none
    /// "headkv (R)": its name without the budget.
    [[nodiscard]] std::string method() const;
};

/// What a cache is compressed by.
enum class CompressionMoment {
    Question, ///< once the question has been read: the published setting
    Context,  ///< before the question is known; several questions are put to one compressed context
};
[[nodiscard]] std::string toString(CompressionMoment moment); ///< "question", "context"

/// A case answered by one variant.
struct EvaluationResult
{
    std::size_t task = 0, item = 0, variant = 0; ///< into the run's lists
    std::vector<TokenId> emittedIds;             ///< with an emitted end-of-sequence token
    std::string text;                            ///< without it
    double score = 0;                            ///< 0…100, by the task's metric
    int window = 0;                              ///< w that was used
    double prefillSeconds = 0;                   ///< of the prompt; shared by the variants, compression not counted
    double compressSeconds = 0;                  ///< of this variant, as if alone
    double decodeTokensPerSecond = 0;            ///< 0: not measured, since answers were decoded side by side
    std::uint64_t kvBytesPrompt = 0;             ///< of entries held right after prefill
    std::uint64_t kvBytesPeak = 0;               ///< as if the variant had run alone
};

/// Tasks × variants, as far as they are answered. Plain data.
struct EvaluationRun
{
    CompressionMoment moment = CompressionMoment::Question;
    std::vector<EvaluationTask> tasks;
    std::vector<EvaluationVariant> variants;
    std::vector<std::string> skipped;      ///< errors of lines that were left out of tasks
    std::vector<EvaluationResult> results; ///< in order of completion
    double seconds = 0;                    ///< of all sessions that worked on it
    bool cancelled = false;

    [[nodiscard]] std::size_t answers() const; ///< that there will be: cases × variants
};

} // namespace headkv
