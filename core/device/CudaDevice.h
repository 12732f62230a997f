// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/CudaKernels.h"
#include "core/device/TensorDevice.h"

#include <map>

namespace headkv {

/// A CUDA device: the kernels of core/cuda where LibTorch's operators would be many. Its calls are on LibTorch's
/// present stream. The host's emulation of the kernels runs it on the CPU, for tests.
class CudaDevice : public TensorDevice
{
public:
    /// Whether the kernels know such heads and such a type.
    [[nodiscard]] static bool fits(const AttentionShape &shape, at::ScalarType type);
    /// Of a device with so many multiprocessors.
    CudaDevice(const AttentionShape &shape, at::Device device, at::ScalarType type, int multiprocessors);

    void appendAndAttend(const AttentionInputs &token, RaggedLayer &layer, std::int64_t position,
                         const AttentionRule &rule, void *output, Probabilities *probabilities) override;
    [[nodiscard]] bool repeatsSteps() const override { return true; }
    std::uint64_t prepareToken(RaggedLayer &layer, std::int64_t position) override;
    void enqueueToken(const AttentionInputs &token, RaggedLayer &layer, const AttentionRule &rule,
                      void *output) override;
    [[nodiscard]] at::Tensor windowScores(const at::Tensor &queries, const at::Tensor &keys, std::int64_t lists,
                                          const AttentionRule &rule, const CompressionSettings &settings) override;
    [[nodiscard]] std::optional<std::vector<KeptTokens>> keepHighest(const at::Tensor &scores,
                                                                     std::span<const std::int64_t> counts,
                                                                     std::span<const std::int64_t> capacities,
                                                                     std::int64_t window) override;

private:
    [[nodiscard]] cuda::Type type() const;
    [[nodiscard]] at::Tensor bytes(std::size_t count) const;
    [[nodiscard]] at::Tensor onDevice(const std::vector<std::int32_t> &values) const;
    [[nodiscard]] cuda::Stream stream() const;
    /// Of decode attention over so many lists.
    [[nodiscard]] void *workspace(int lists);

    int m_multiprocessors;
    at::Tensor m_position; ///< [1] of the token that was prepared
    std::int64_t m_positionThere = -1;
    std::map<int, at::Tensor> m_workspaces; ///< by lists
    at::Tensor m_begins;                    ///< [lists] first entries that a window shows
    at::Tensor m_scoreSpace;                ///< of the window's scores
};

} // namespace headkv
