// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cache/KvCache.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace headkv {

class CacheDevice;

/// Keys and values of every token, the same for all heads: FullKV. One buffer a layer for each, [G, capacity, D]; grows
/// by doubling. Dropping the last tokens is free, which is what prefix reuse stands on.
class DenseCache : public KvCache
{
public:
    /// With the device of each layer.
    explicit DenseCache(std::vector<std::shared_ptr<CacheDevice>> devices);
    ~DenseCache() override;
    DenseCache(DenseCache &&) noexcept;
    DenseCache &operator=(DenseCache &&) noexcept;

    [[nodiscard]] std::size_t length() const noexcept override { return m_length; }
    /// Keeps the first tokens, and drops what was appended since the last commit. Needs length <= length().
    void truncate(std::size_t length);
    /// Becomes a copy of another cache's first tokens; of one of the same shape and type.
    void takePrefix(const DenseCache &other, std::size_t length);
    /// Makes room for tokens in all, so that appending up to there moves nothing.
    void reserve(std::size_t tokens) noexcept { m_reserved = tokens; }
    /// Bytes of the tokens held, keys and values of all layers; and of the buffers.
    [[nodiscard]] std::uint64_t usedBytes() const;
    [[nodiscard]] std::uint64_t allocatedBytes() const;

    void beginPrefill(std::size_t tokens) override;
    void prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output) override;
    void finishLayer(int layer, const AttentionRule &rule) override;
    void decode(int layer, const AttentionInputs &token, const AttentionRule &rule, AttentionObserver *observer,
                void *output) override;
    void commit() override;
    void rollback() override { truncate(m_length); }

private:
    void append(int layer, const AttentionInputs &tokens);

    struct LayerBuffers;
    std::vector<LayerBuffers> m_layers;
    std::vector<float> m_probabilities; ///< for observers
    std::size_t m_length = 0;
    std::size_t m_reserved = 0;
};

} // namespace headkv
