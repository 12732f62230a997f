// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cache/KvCache.h"
#include "core/cache/RepeatableSteps.h"
#include "core/compression/CacheContents.h"
#include "core/compression/CompressionMethod.h"
#include "core/model/ModelInfo.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace at {
class Tensor;
}

namespace headkv {

class CacheDevice;
class Model;

/// Bytes of a cache's keys and values: of the entries held, and of the buffers that hold them.
struct CacheBytes
{
    std::uint64_t used = 0, allocated = 0;
};

/// Keys and values under a compression method: each list keeps its own tokens. A prefill computes a layer with all its
/// tokens, in float32, then keeps what the method says before the next layer starts. So at most one layer is
/// ever whole. Decoded tokens are all kept; the next prefill compresses anew from what is there and what is new.
class CompressedCache : public KvCache, private RepeatableSteps
{
public:
    /// On the model's devices, or on those given for its layers; the model must outlive it.
    CompressedCache(const Model &model, Granularity granularity);
    CompressedCache(const Model &model, Granularity granularity, std::vector<std::shared_ptr<CacheDevice>> devices);
    ~CompressedCache() override;
    CompressedCache(CompressedCache &&) noexcept;
    CompressedCache &operator=(CompressedCache &&) noexcept;

    /// A cache of its own, buffers included, as this one was before its last so many decoded tokens. Errors: Memory.
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
    void prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output) override;
    void finishLayer(int layer, const AttentionRule &rule) override;
    void decode(int layer, const AttentionInputs &token, const AttentionRule &rule, AttentionObserver *observer,
                void *output) override;
    [[nodiscard]] RepeatableSteps *repeatableSteps() override;
    void commit() override;
    void rollback() override;

private:
    struct State;

    /// Attention of a later turn's chunk: to what is kept, and to the turn's own keys.
    void attendToBoth(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output) const;
    void sumColumns(int layer, const AttentionInputs &chunk, const AttentionRule &rule);
    /// Tokens that a list could keep: its own, but for a compensation token, and the turn's.
    [[nodiscard]] std::int64_t tokensOf(int layer, std::size_t list) const;
    [[nodiscard]] std::vector<std::int64_t> counts(int layer) const; ///< those of all lists
    /// [lists, most]: the first counts − w of a row are a list's; undefined where the method scores by place.
    [[nodiscard]] at::Tensor scores(int layer, const AttentionRule &rule);
    template <typename Score>
    [[nodiscard]] at::Tensor scoresOfLists(int layer, Score score) const;
    /// Another cache has computed what this one needs, too.
    void takeShared(double seconds);
    [[nodiscard]] at::Tensor columnScores(int layer, std::size_t list) const;
    [[nodiscard]] at::Tensor scoresByWindow(int layer, std::size_t list, const AttentionRule &rule) const;
    /// What each list keeps of its candidates; nothing: all.
    [[nodiscard]] std::vector<std::optional<KeptTokens>> choose(int layer, const AttentionRule &rule,
                                                                std::span<const std::int64_t> allocated);
    void compress(int layer, const AttentionRule &rule);
    void notePeak();

    [[nodiscard]] std::vector<std::uint64_t> prepare() override;
    void enqueue(int layer, const AttentionInputs &token, const AttentionRule &rule, void *output) override;
    void note() override;

    std::unique_ptr<State> m_state;
    std::shared_ptr<const CompressionMethod> m_method;
    HeadBudgets m_budgets;
    std::size_t m_length = 0;
    std::int64_t m_reserved = 0;
    double m_compressSeconds = 0, m_sharedSeconds = 0;
    CacheBytes m_peak;
};

} // namespace headkv
