// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/DecodeAttention.h"
#include "core/device/CacheDevice.h"
#include "core/kernels/ElementType.h"

namespace headkv {

/// The CPU, by the kernels of core/kernels: vectors in float32, keys and values as the model's cache type says.
class HostDevice : public CacheDevice
{
public:
    HostDevice(const AttentionShape &shape, ElementType type);

    void store(const AttentionInputs &tokens, const at::Tensor &keys, const at::Tensor &values,
               std::int64_t row) override;
    void attendToChunk(const AttentionInputs &chunk, const at::Tensor &keys, const at::Tensor &values,
                       std::int64_t count, const AttentionRule &rule, void *output, at::Tensor *logSumExps) override;
    void attendToAll(const AttentionInputs &token, const at::Tensor &keys, const at::Tensor &values, std::int64_t count,
                     const AttentionRule &rule, void *output, Probabilities *probabilities) override;
    void appendAndAttend(const AttentionInputs &token, RaggedLayer &layer, std::int64_t position,
                         const AttentionRule &rule, void *output, Probabilities *probabilities) override;

private:
    ElementType m_type;
    DecodeAttention m_attention;
    std::vector<KeyValueRows> m_groups; ///< of the chunk, without an allocation a call
    std::vector<DecodeList> m_lists;    ///< of the token, likewise
};

} // namespace headkv
