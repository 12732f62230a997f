// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cache/KvCache.h"
#include "core/compression/CacheContents.h"
#include "core/compression/CompressionMethod.h"
#include "core/model/ModelInfo.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace headkv {

struct ModelConfig;

/// Bytes of a cache's keys and values: of the entries held, and of the buffers that hold them.
struct CacheBytes
{
    std::uint64_t used = 0, allocated = 0;
};

/// Keys and values under a compression method: each list keeps its own tokens. A prefill computes a layer with all its
/// tokens, in float32, then keeps what the method says before the next layer starts. So at most one layer is
/// ever whole. Decoded tokens are all kept; the next prefill compresses anew from what is there and what is new.
class CompressedCache : public KvCache
{
public:
    CompressedCache(const ModelConfig &config, Granularity granularity, ElementType type);
    ~CompressedCache() override;
    CompressedCache(CompressedCache &&) noexcept;
    CompressedCache &operator=(CompressedCache &&) noexcept;

    /// A cache of its own, buffers included, as this one was before its last so many decoded tokens.
    [[nodiscard]] CompressedCache copyBefore(std::size_t tokens) const;

    /// For the next prefills. Its granularity is the cache's.
    void setMethod(std::shared_ptr<const CompressionMethod> method);
    /// Makes room behind the lists for so many decoded tokens at the next prefill.
    void reserve(std::int64_t tokens);

    [[nodiscard]] std::size_t length() const noexcept override { return m_length; }
    /// Now; during a prefill with the layer that is whole.
    [[nodiscard]] CacheBytes bytes() const;
    /// The most of both since the cache was made.
    [[nodiscard]] CacheBytes peakBytes() const noexcept { return m_peak; }
    [[nodiscard]] CacheContents contents() const;
    /// [layers] entries in all lists.
    [[nodiscard]] std::vector<std::int64_t> entriesByLayer() const;
    /// Spent on compressing in the last prefill, as if alone; and what of that another cache spent (follow()).
    [[nodiscard]] double compressSeconds() const { return m_compressSeconds; }
    [[nodiscard]] double sharedSeconds() const { return m_sharedSeconds; }
    /// The budgets that the last prefill worked with.
    [[nodiscard]] const HeadBudgets &budgets() const noexcept { return m_budgets; }

    void beginPrefill(std::size_t tokens) override;
    /// Keeps of the prefill that `leader` has begun: the leader takes each chunk before this one, which asks for no
    /// output. Both are empty.
    void follow(const CompressedCache &leader);
    void prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, float *output) override;
    void finishLayer(int layer, const AttentionRule &rule) override;
    void decode(int layer, const AttentionInputs &token, const AttentionRule &rule, AttentionObserver *observer,
                float *output) override;
    void commit() override;
    void rollback() override;

private:
    struct State;
    struct Turn;

    /// Attention of a later turn's chunk: to what is kept, and to the turn's own keys.
    void attendToBoth(int layer, const AttentionInputs &chunk, const AttentionRule &rule, float *output) const;
    void sumColumns(int layer, const AttentionInputs &chunk, const AttentionRule &rule);
    /// Tokens that a list could keep: its own, but for a compensation token, and the turn's.
    [[nodiscard]] std::int64_t tokensOf(int layer, std::size_t list) const;
    [[nodiscard]] LayerCandidates score(int layer, const AttentionRule &rule);
    /// Another cache has computed what this one needs, too.
    void takeShared(double seconds);
    [[nodiscard]] std::vector<float> columnScores(int layer, std::size_t list, std::int64_t count) const;
    [[nodiscard]] std::vector<float> scoresByWindow(int layer, std::size_t list, const AttentionRule &rule) const;
    void compress(int layer, const AttentionRule &rule);
    void notePeak();

    std::unique_ptr<State> m_state;
    std::shared_ptr<const CompressionMethod> m_method;
    HeadBudgets m_budgets;
    std::size_t m_length = 0;
    std::int64_t m_reserved = 0;
    double m_compressSeconds = 0, m_sharedSeconds = 0;
    CacheBytes m_peak;
};

} // namespace headkv
