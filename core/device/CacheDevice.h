// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionShape.h"
#include "core/compression/CompressionMethod.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace headkv {

class RaggedLayer;
struct AttentionInputs;
struct AttentionRule;

/// Attention of a step's queries [H, position + 1], 0 where a key is not held; null where nobody looks.
using Probabilities = std::vector<float>;

/// What caches ask of the place where a layer's keys and values lie: the host, or an accelerator. The vectors that they
/// are given and write lie there, in its type. One object holds scratch space and serves one thread.
class CacheDevice
{
public:
    /// stored: of what caches keep; whole: of a layer in a prefill, before it is compressed; vectors: of what forward
    /// passes hand over.
    CacheDevice(const AttentionShape &shape, at::TensorOptions stored, at::TensorOptions whole,
                at::TensorOptions vectors)
        : m_shape(shape)
        , m_stored(stored)
        , m_whole(whole)
        , m_vectors(vectors)
    {}
    virtual ~CacheDevice() = default;
    CacheDevice(const CacheDevice &) = delete;
    CacheDevice &operator=(const CacheDevice &) = delete;

    [[nodiscard]] const AttentionShape &shape() const { return m_shape; }
    [[nodiscard]] at::TensorOptions stored() const { return m_stored; }
    [[nodiscard]] at::TensorOptions whole() const { return m_whole; }
    /// Vectors [T, heads·D] as [heads, T, D]: a view.
    [[nodiscard]] at::Tensor byHead(const void *vectors, std::int64_t tokens, std::int64_t heads) const;

    /// Writes the tokens' keys and values to [G, capacity, D], from a row on.
    virtual void store(const AttentionInputs &tokens, const at::Tensor &keys, const at::Tensor &values,
                       std::int64_t row) = 0;
    /// Causal attention of a chunk's queries over the first `count` rows of [G, capacity, D], the last of which are the
    /// chunk's own; writes [T, H·D], and the logarithms [H, T] of the sums of exp(score) where they are wanted.
    virtual void attendToChunk(const AttentionInputs &chunk, const at::Tensor &keys, const at::Tensor &values,
                               std::int64_t count, const AttentionRule &rule, void *output, at::Tensor *logSumExps) = 0;
    /// The same for one token, stored already; writes [H·D].
    virtual void attendToAll(const AttentionInputs &token, const at::Tensor &keys, const at::Tensor &values,
                             std::int64_t count, const AttentionRule &rule, void *output,
                             Probabilities *probabilities) = 0;
    /// Appends a token to every list and attends to them.
    virtual void appendAndAttend(const AttentionInputs &token, RaggedLayer &layer, std::int64_t position,
                                 const AttentionRule &rule, void *output, Probabilities *probabilities) = 0;

    /// Whether the same can be told without a word of what changes from token to token (see RepeatableSteps).
    [[nodiscard]] virtual bool repeatsSteps() const { return false; }
    /// Readies a layer for a token: room, and on the device the lists' index and the position. The number of the index.
    virtual std::uint64_t prepareToken(RaggedLayer &layer, std::int64_t position);
    /// Appends a token that was prepared to every list and attends to them, but for noting it in the layer.
    virtual void enqueueToken(const AttentionInputs &token, RaggedLayer &layer, const AttentionRule &rule,
                              void *output);

    /// SnapKV's scores of a first turn's tokens (see TokenScores.h) by its last queries [H, w, D] over keys [G, T, D]:
    /// [lists, T − w], by row those of a list. Undefined: the device has no faster way than list by list.
    [[nodiscard]] virtual at::Tensor windowScores(const at::Tensor &queries, const at::Tensor &keys, std::int64_t lists,
                                                  const AttentionRule &rule, const CompressionSettings &settings);
    /// Of the first counts[i] − window scores of each row the capacities[i] highest, of equal ones the earlier; then
    /// the window: indices, rising. Nothing: the host is to choose.
    [[nodiscard]] virtual std::optional<std::vector<KeptTokens>> keepHighest(const at::Tensor &scores,
                                                                             std::span<const std::int64_t> counts,
                                                                             std::span<const std::int64_t> capacities,
                                                                             std::int64_t window);
    /// Of the `places` highest of those scores, of all rows together, how many are each row's; of equal ones the
    /// earlier token's counts, then the first row's. Nothing: the host is to count.
    [[nodiscard]] virtual std::optional<std::vector<std::int64_t>> highestByList(const at::Tensor &scores,
                                                                                 std::span<const std::int64_t> counts,
                                                                                 std::int64_t places,
                                                                                 std::int64_t window);
    /// Waits until all that was asked for is done, so that clocks are right.
    virtual void finish() const {}

private:
    AttentionShape m_shape;
    at::TensorOptions m_stored, m_whole, m_vectors;
};

/// Of each layer; layers that lie together share one.
using LayerDevices = std::vector<std::shared_ptr<CacheDevice>>;

} // namespace headkv
