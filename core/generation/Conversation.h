// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/compression/CompressedCache.h"
#include "core/generation/RunMetrics.h"
#include "core/generation/Sampler.h"
#include "core/model/Transformer.h"
#include "core/text/Utf8.h"
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
    std::size_t turnTokens = 0;  ///< of the prompt's end, the user's words and what follows; 0: all of it
    bool reportContents = false; ///< say which tokens are held after prefill
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
    int window = 0;         ///< w that was used
    HeadBudgets budgets;    ///< that the prefill worked with
    CacheContents contents; ///< right after prefill, where asked for
};

/// Called for each token with the text that it completes (whole UTF-8 characters only; may be empty). An id of −1
/// brings the end of a text that stopped inside a character.
using TokenObserver = std::function<void(TokenId id, std::string_view text)>;

/// A model's talk with one cache. Each turn's prompt is appended and compressed together with what the cache holds.
class Conversation
{
public:
    /// Errors: Input (a vocabulary-only model), Usage (settings out of range).
    Conversation(std::shared_ptr<const Model> model, CompressionSettings compression);
    ~Conversation();

    /// Prefills the ids behind what was said, and decodes. A cancelled run returns what it has; one that is cancelled
    /// in prefill leaves the cache as it was. Errors: Input (an empty prompt, an id outside the vocabulary, more tokens
    /// than the context), Memory (said before starting), Usage (a budget below the window).
    [[nodiscard]] Generation say(std::vector<TokenId> ids, const GenerationSettings &settings,
                                 const JobControl &control = {}, const TokenObserver &observer = {});
    /// Goes on where the last turn was cancelled or reached its limit, as if it had not stopped: the same tokens for
    /// the same sampling, whose random numbers go on, too. The result holds what is new. Errors: Usage, where nothing
    /// waits to go on.
    [[nodiscard]] Generation proceed(const GenerationSettings &settings, const JobControl &control = {},
                                     const TokenObserver &observer = {});
    [[nodiscard]] const CompressedCache &cache() const noexcept { return m_cache; }

private:
    class Turn;

    std::shared_ptr<const Model> m_model;
    CompressionSettings m_compression;
    Transformer m_transformer;
    CompressedCache m_cache;
    std::vector<TokenId> m_unfed; ///< not in the cache: a turn's last token, or a prompt whose prefill was cancelled
    Sampler m_sampler{{}};
    Utf8Stream m_text; ///< bytes of a character that a cancelled turn has begun
};

/// One turn of a new conversation.
[[nodiscard]] Generation generate(std::shared_ptr<const Model> model, std::vector<TokenId> promptIds,
                                  const GenerationSettings &settings, const CompressionSettings &compression = {},
                                  const JobControl &control = {}, const TokenObserver &observer = {});

} // namespace headkv
