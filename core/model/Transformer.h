// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/HeadId.h"
#include "core/model/TokenRun.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace headkv {

class Computation;
class DenseCache;
class Model;

/// Runs a model's forward pass over a cache, where the model is. Holds scratch space, so one object serves one thread;
/// the model may be shared. All calls look at the control's cancellation once a layer and leave the cache as it was
/// when they throw.
class Transformer
{
public:
    /// Errors: Input, for a vocabulary-only model. All calls also: Memory, where an accelerator has none left.
    explicit Transformer(std::shared_ptr<const Model> model);
    ~Transformer();
    Transformer(const Transformer &) = delete;
    Transformer &operator=(const Transformer &) = delete;

    [[nodiscard]] const Model &model() const noexcept;
    /// An empty cache of the model's shape, which keeps everything.
    [[nodiscard]] DenseCache makeCache() const;
    /// Of such a cache, which holds keys and values in ModelInfo::cacheType.
    [[nodiscard]] std::uint64_t denseBytesPerToken() const;

    /// Heads whose attention output is zero from now on, whatever they attend to. Errors: Usage, for a head that the
    /// model lacks.
    void maskHeads(std::vector<HeadId> heads);

    /// Appends the tokens' keys and values to the cache; computes no logits. Errors: Input, for an id outside the
    /// vocabulary.
    void prefill(std::span<const TokenId> ids, KvCache &cache, const JobControl &control = {}) const;
    /// The same, and returns the next token's logits, [V] in float32, valid until the next call on this object. Needs
    /// at least one token.
    [[nodiscard]] std::span<const float> prefillAndPredict(std::span<const TokenId> ids, KvCache &cache,
                                                           const JobControl &control = {});
    /// Feeds one token and returns the next token's logits, as above.
    [[nodiscard]] std::span<const float> decode(TokenId id, KvCache &cache, AttentionObserver *observer = nullptr,
                                                const JobControl &control = {});
    /// Feeds a few tokens to each of several caches, all in one pass, so that weights are read once. Returns the logits
    /// behind every token, [T, V], as above. A cache that compresses takes one token.
    [[nodiscard]] std::span<const float> decode(std::span<const TokenRun> runs, const JobControl &control = {});
    /// The residual stream behind the last logits, [hidden] in float32, valid as they are: what a run can be compared
    /// by without keeping logits.
    [[nodiscard]] std::span<const float> state() const noexcept { return m_state; }
    /// The logits of such a state; on the CPU the same to the bit. Valid until the next call of this.
    [[nodiscard]] std::span<const float> logitsOfState(std::span<const float> state);
    /// Log-probabilities [V] of the token after each position, in order, handed out one position at a time.
    void logProbabilities(std::span<const TokenId> ids,
                          const std::function<void(std::size_t position, std::span<const float>)> &visit,
                          const JobControl &control = {}) const;

private:
    /// A pass over the runs; their caches have its tokens when it comes to its end, else none of them.
    void run(std::span<const TokenRun> runs, const std::function<void()> &pass) const;
    /// The logits behind tokens of the last pass into m_logits, and the state behind the last of them into m_state.
    void predict(std::int64_t begin, std::int64_t count);

    std::shared_ptr<const Model> m_model;
    std::vector<HeadId> m_masked;
    std::unique_ptr<Computation> m_computation;
    std::vector<float> m_logits;        ///< [T, V]
    std::vector<float> m_logitsOfState; ///< [V]
    std::vector<float> m_state;         ///< [hidden]
};

} // namespace headkv
