// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionSettings.h"
#include "core/evaluation/EvaluationRun.h"
#include "core/probe/ProbeSettings.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// The importance of heads, for methods that need it.
struct NamedImportance
{
    std::string name;           ///< e.g. "R"
    std::string origin;         ///< the file; empty: none
    std::vector<double> values; ///< [layers·H], as CompressionSettings has it
};

/// How tasks of documents are made from files.
struct DocumentSettings
{
    std::string formats;        ///< a file of prompt formats; empty: the program's own
    int maxPromptTokens = 0;    ///< longer prompts lose their middle; 0: as many as the context holds with the answer
    int maxCases = 0;           ///< of a dataset, its first; 0: all
    bool skipMalformed = false; ///< lines that cannot be read are left out, else refused
};

/// What is to be evaluated, before a model plans it.
struct EvaluationRequest
{
    /// "niah", "reasoning", "documents" (the program's own questions), or a JSONL file in LongBench's layout.
    std::vector<std::string> tasks;
    ProbeSettings needles;                    ///< of niah and reasoning: lengths, depths, haystack, answers' length
    std::vector<Needle> reasoningNeedles;     ///< needles' own are niah's
    DocumentSettings documents;               ///< of the other tasks
    std::vector<CompressionSettings> methods; ///< without budget and importance
    std::vector<int> budgets;                 ///< each method that has one with each
    std::vector<NamedImportance> scoreSets;   ///< each method that needs one with each
    CompressionMoment moment = CompressionMoment::Question;
    std::optional<ChatFormat> chatFormat; ///< around a prompt; nothing: the model's
};

/// What a report says of a request, and the way back, but for the haystack's text: only its name (haystackNamed).
/// Errors: nlohmann's, where it is malformed.
[[nodiscard]] nlohmann::ordered_json describe(const EvaluationRequest &request);
[[nodiscard]] EvaluationRequest evaluationRequestFrom(const nlohmann::ordered_json &json);

} // namespace headkv
