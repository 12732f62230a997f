// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CacheContents.h"
#include "core/compression/HeadBudgets.h"
#include "core/generation/RunMetrics.h"
#include "core/generation/Sampler.h"
#include "core/text/Vocabulary.h"

#include <string>
#include <string_view>
#include <vector>

namespace headkv {

struct GenerationSettings
{
    int maxNewTokens = 256;
    SamplingSettings sampling = {};
    bool ignoreEndOfSequence = false;
    bool pastContext = false; ///< go on behind the context that the model was trained for: where only time is asked for
    std::size_t turnTokens = 0;  ///< of the prompt's end, the user's words and what follows; 0: all of it
    bool reportContents = false; ///< say which tokens are held after prefill
    bool recordStates = false;   ///< keep what others are compared with (Conversation::agreementWith)
};

enum class StopReason { EndOfSequence, TokenLimit, ContextFull, Cancelled };
[[nodiscard]] std::string toString(StopReason reason); ///< "eos", "length", "context", "cancelled"
/// The way back. Errors: Input.
[[nodiscard]] StopReason stopReasonFrom(std::string_view text);

/// What a prompt became.
struct Generation
{
    std::vector<TokenId> historyIds; ///< what stood before the prompt: earlier turns
    std::vector<TokenId> promptIds;
    std::vector<TokenId> emittedIds; ///< with an emitted end-of-sequence token
    std::string text;                ///< without it
    StopReason stopReason = StopReason::TokenLimit;
    RunMetrics metrics;
    int window = 0;            ///< w that was used
    HeadBudgets budgets;       ///< that the prefill worked with
    CacheContents contents;    ///< right after prefill, where asked for
    std::vector<float> states; ///< [emitted, hidden] behind each token's logits, where asked for

    /// Adds what came when it went on (Conversation::proceed).
    void append(Generation next);
};

/// Hears of a run as it goes on, on the run's thread.
class GenerationListener
{
public:
    virtual ~GenerationListener() = default;
    virtual void memoryMeasured(const MemorySample & /*sample*/) {}
    /// Prompt ids, budgets, contents and the metrics of prefill are there.
    virtual void prefillDone(const Generation & /*soFar*/) {}
    /// A token, and the text that it completes (whole UTF-8 characters only; may be empty). An id of −1 brings the end
    /// of a text that stopped inside a character, and no time.
    virtual void tokenMade(TokenId /*id*/, std::string_view /*text*/, double /*milliseconds*/) {}
};

} // namespace headkv
