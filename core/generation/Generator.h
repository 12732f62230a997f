// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/generation/RunMetrics.h"
#include "core/generation/Sampler.h"
#include "core/text/Vocabulary.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

class Model;

struct GenerationSettings
{
    int maxNewTokens = 256;
    SamplingSettings sampling = {};
    bool ignoreEndOfSequence = false;
};

enum class StopReason { EndOfSequence, TokenLimit, ContextFull, Cancelled };
[[nodiscard]] std::string toString(StopReason reason); ///< "eos", "length", "context", "cancelled"

struct Generation
{
    std::vector<TokenId> promptIds;
    std::vector<TokenId> emittedIds; ///< with an emitted end-of-sequence token
    std::string text;                ///< without it
    StopReason stopReason = StopReason::TokenLimit;
    RunMetrics metrics;
};

/// Called for each token with the text that it completes (whole UTF-8 characters only; may be empty). An id of −1
/// brings the end of a text that stopped inside a character.
using TokenObserver = std::function<void(TokenId id, std::string_view text)>;

/// Prefills the prompt and decodes with the full cache (method "full"). A cancelled run returns what it has.
/// Errors: Input (an empty prompt, an id outside the vocabulary, a prompt longer than the context).
[[nodiscard]] Generation generate(std::shared_ptr<const Model> model, std::vector<TokenId> promptIds,
                                  const GenerationSettings &settings, const JobControl &control = {},
                                  const TokenObserver &observer = {});

} // namespace headkv
