// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace at {
class Tensor;
}

namespace headkv {

class AttentionObserver;
struct AttentionRule;

/// One layer's queries [H, T, D], keys and values [G, T, D] of new tokens.
struct AttentionInputs
{
    const at::Tensor &queries, &keys, &values;
};

/// What a forward pass asks of a cache: to keep keys and values, and to attend to what it has kept. A pass is either a
/// prefill (beginPrefill, then for each layer prefill for its chunks and finishLayer) or a decode step (decode for each
/// layer); commit() ends it, rollback() takes it back.
class KvCache
{
public:
    virtual ~KvCache() = default;

    /// Tokens that went in, kept or not: the next one's position.
    [[nodiscard]] virtual std::size_t length() const noexcept = 0;

    virtual void beginPrefill(std::size_t tokens) = 0;
    /// Takes a layer's next chunk and returns its attention [H, T, D]; nothing where no output is wanted.
    virtual at::Tensor prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule,
                               bool wantsOutput) = 0;
    /// All chunks of the layer are there: a cache that compresses does it now, before the next layer starts.
    virtual void finishLayer(int layer, const AttentionRule &rule) = 0;

    /// Takes one token and returns its attention, [H, D]. The observer, if any, sees the rows.
    virtual at::Tensor decode(int layer, const AttentionInputs &token, const AttentionRule &rule,
                              AttentionObserver *observer) = 0;

    virtual void commit() = 0;
    virtual void rollback() = 0;

protected:
    KvCache() = default;
    KvCache(KvCache &&) = default;
    KvCache &operator=(KvCache &&) = default;
};

} // namespace headkv
