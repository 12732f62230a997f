// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cache/KvCache.h"

#include <cstdint>
#include <vector>

namespace headkv {

/// Keys and values of every token, the same for all heads: FullKV. One buffer a layer for each, [G, capacity, D]; grows
/// by doubling. Dropping the last tokens is free, which is what prefix reuse stands on.
class DenseCache : public KvCache
{
public:
    explicit DenseCache(int layers);
    ~DenseCache() override;
    DenseCache(DenseCache &&) noexcept;
    DenseCache &operator=(DenseCache &&) noexcept;

    [[nodiscard]] std::size_t length() const noexcept override { return m_length; }
    /// Keeps the first tokens, and drops what was appended since the last commit. Needs length <= length().
    void truncate(std::size_t length);
    /// Makes room for tokens in all, so that appending up to there moves nothing.
    void reserve(std::size_t tokens) noexcept { m_reserved = tokens; }
    /// Bytes of the tokens held, keys and values of all layers; and of the buffers.
    [[nodiscard]] std::uint64_t usedBytes() const;
    [[nodiscard]] std::uint64_t allocatedBytes() const;

    void beginPrefill(std::size_t tokens) override;
    at::Tensor prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, bool wantsOutput) override;
    void finishLayer(int layer, const AttentionRule &rule) override;
    at::Tensor decode(int layer, const AttentionInputs &token, const AttentionRule &rule,
                      AttentionObserver *observer) override;
    void commit() override;
    void rollback() override { truncate(m_length); }

    /// What the layer has, [G, tokens, D], appended tokens included: views, valid until the next append.
    [[nodiscard]] at::Tensor keys(int layer) const;
    [[nodiscard]] at::Tensor values(int layer) const;

private:
    void append(int layer, const AttentionInputs &tokens);

    struct LayerBuffers;
    std::vector<LayerBuffers> m_layers;
    std::size_t m_length = 0;
    std::size_t m_reserved = 0;
};

} // namespace headkv
