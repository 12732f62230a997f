// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/compression/CompressedCache.h"
#include "core/generation/Agreement.h"
#include "core/generation/Generation.h"
#include "core/model/Transformer.h"
#include "core/text/Utf8.h"
#include "core/text/Vocabulary.h"

#include <memory>
#include <vector>

namespace headkv {

class Model;

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
                                 const JobControl &control = {}, GenerationListener *listener = nullptr);
    /// Goes on where the last turn was cancelled or reached its limit, as if it had not stopped: the same tokens for
    /// the same sampling, whose random numbers go on, too. The result holds what is new. Errors: Usage, where nothing
    /// waits to go on.
    [[nodiscard]] Generation proceed(const GenerationSettings &settings, const JobControl &control = {},
                                     GenerationListener *listener = nullptr);
    /// How near this conversation's last turn comes to what FullKV said to the same prompt: `reference` has its emitted
    /// ids and states. The ids are fed to a copy of the cache as prefill left it; the conversation stays as it is.
    /// Errors: Usage, where no turn was begun or the reference has no states; Memory; Cancelled.
    [[nodiscard]] Agreement agreementWith(const Generation &reference, const JobControl &control = {});
    [[nodiscard]] const CompressedCache &cache() const noexcept { return m_cache; }

private:
    class Turn;

    std::shared_ptr<const Model> m_model;
    CompressionSettings m_compression;
    Transformer m_transformer;
    CompressedCache m_cache;
    std::vector<TokenId> m_history; ///< what went into the cache, by position
    std::vector<TokenId> m_unfed;   ///< not in the cache: a turn's last token, or a prompt whose prefill was cancelled
    Sampler m_sampler{{}};
    std::vector<float> m_prefillState; ///< [hidden] behind the first token of the last turn
    std::size_t m_prefilled = 0;       ///< length of the cache right after its prefill
    Utf8Stream m_text;                 ///< bytes of a character that a cancelled turn has begun
};

/// One turn of a new conversation.
[[nodiscard]] Generation generate(std::shared_ptr<const Model> model, std::vector<TokenId> promptIds,
                                  const GenerationSettings &settings, const CompressionSettings &compression = {},
                                  const JobControl &control = {}, GenerationListener *listener = nullptr);

} // namespace headkv
