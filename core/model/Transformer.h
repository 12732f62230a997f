// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/text/Vocabulary.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace headkv {

class DenseCache;
class Model;

/// Sees the attention of decode steps, layer by layer, without changing the forward pass.
class AttentionObserver
{
public:
    virtual ~AttentionObserver() = default;
    /// One layer's attention rows of the token just fed: probabilities [H, keys] in float32, row h at offset h·keys.
    /// The span is valid during the call only.
    virtual void observe(int layer, std::span<const float> probabilities, std::size_t keys) = 0;
};

/// Runs a model's forward pass over a cache. Holds scratch space, so one object serves one thread; the model may be
/// shared. All calls look at the control's cancellation once a layer and leave the cache as it was when they throw.
class Transformer
{
public:
    /// Errors: Input, for a vocabulary-only model.
    explicit Transformer(std::shared_ptr<const Model> model);
    ~Transformer();
    Transformer(const Transformer &) = delete;
    Transformer &operator=(const Transformer &) = delete;

    [[nodiscard]] const Model &model() const noexcept;
    /// An empty cache of the model's shape.
    [[nodiscard]] DenseCache makeCache() const;

    /// Appends the tokens' keys and values to the cache; computes no logits. Errors: Input, for an id outside the
    /// vocabulary.
    void prefill(std::span<const TokenId> ids, DenseCache &cache, const JobControl &control = {}) const;
    /// Feeds one token and returns the next token's logits, [V] in float32, valid until the next call on this object.
    [[nodiscard]] std::span<const float> decode(TokenId id, DenseCache &cache, AttentionObserver *observer = nullptr,
                                                const JobControl &control = {});
    /// Log-probabilities [V] of the token after each position, in order, handed out one position at a time.
    void logProbabilities(std::span<const TokenId> ids,
                          const std::function<void(std::size_t position, std::span<const float>)> &visit,
                          const JobControl &control = {}) const;

private:
    std::shared_ptr<const Model> m_model;
    std::vector<float> m_logits; ///< [V]
};

} // namespace headkv
