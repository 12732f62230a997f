// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/CacheDevice.h"

namespace headkv {

/// Any device that LibTorch knows, by its operators: an accelerator, or, for tests, the CPU. Vectors, keys and values
/// have one type; sums are float32.
class TensorDevice : public CacheDevice
{
public:
    TensorDevice(const AttentionShape &shape, at::Device device, at::ScalarType type);

    void store(const AttentionInputs &tokens, const at::Tensor &keys, const at::Tensor &values,
               std::int64_t row) override;
    void attendToChunk(const AttentionInputs &chunk, const at::Tensor &keys, const at::Tensor &values,
                       std::int64_t count, const AttentionRule &rule, void *output, at::Tensor *logSumExps) override;
    void attendToAll(const AttentionInputs &token, const at::Tensor &keys, const at::Tensor &values, std::int64_t count,
                     const AttentionRule &rule, void *output, Probabilities *probabilities) override;
    void appendAndAttend(const AttentionInputs &token, RaggedLayer &layer, std::int64_t position,
                         const AttentionRule &rule, void *output, Probabilities *probabilities) override;
    [[nodiscard]] std::optional<std::vector<KeptTokens>> keepHighest(const at::Tensor &scores,
                                                                     std::span<const std::int64_t> counts,
                                                                     std::span<const std::int64_t> capacities,
                                                                     std::int64_t window) override;
    [[nodiscard]] std::optional<std::vector<std::int64_t>> highestByList(const at::Tensor &scores,
                                                                         std::span<const std::int64_t> counts,
                                                                         std::int64_t places,
                                                                         std::int64_t window) override;
    void finish() const override;

protected:
    /// What the rows of a token's attention over the lists weigh, by position: for observers.
    [[nodiscard]] Probabilities probabilitiesOf(const at::Tensor &queries, const RaggedLayer &layer,
                                                std::int64_t position, const AttentionRule &rule) const;

private:
    [[nodiscard]] bool hasFlashAttention(const AttentionRule &rule) const;
    /// By blocks of queries, each with its scores in memory.
    void attendByBlocks(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                        const AttentionRule &rule, const at::Tensor &output, at::Tensor *logSumExps) const;
};

} // namespace headkv
