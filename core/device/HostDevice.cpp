// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/HostDevice.h"

#include "core/attention/PrefillAttention.h"
#include "core/cache/KeyValueBuffer.h"
#include "core/cache/RaggedLayer.h"

#include <ATen/ops/empty.h>

namespace headkv {

namespace {

const float *queriesOf(const AttentionInputs &inputs) { return static_cast<const float *>(inputs.queries); }

/// The rows of one KV head in buffers [G, capacity, D].
KeyValueBuffer groupOf(const at::Tensor &keys, const at::Tensor &values, std::int64_t group)
{
    return bufferOf(keys, values, group * keys.stride(0), keys.size(2));
}

} // namespace

HostDevice::HostDevice(const AttentionShape &shape, ElementType type)
    : CacheDevice(shape, scalarType(type), at::kFloat, at::kFloat)
    , m_type(type)
{}

void HostDevice::store(const AttentionInputs &tokens, const at::Tensor &keys, const at::Tensor &values,
                       std::int64_t row)
{
    for (std::int64_t group = 0; group < shape().kvHeads; ++group)
        storeRows(tokens, group, shape(), groupOf(keys, values, group), row);
}

void HostDevice::attendToChunk(const AttentionInputs &chunk, const at::Tensor &keys, const at::Tensor &values,
                               std::int64_t count, const AttentionRule &rule, void *output, at::Tensor *logSumExps)
{
    m_groups.clear();
    for (std::int64_t group = 0; group < shape().kvHeads; ++group)
        m_groups.push_back(groupOf(keys, values, group).rows());
    at::Tensor sums; // [T, H]
    if (logSumExps)
        sums = at::empty({chunk.tokens, shape().queryHeads}, at::kFloat);
    prefillAttention(queriesOf(chunk), chunk.tokens, shape(), m_groups, count, rule, m_type == ElementType::Float32,
                     static_cast<float *>(output), logSumExps ? sums.mutable_data_ptr<float>() : nullptr);
    if (logSumExps)
        *logSumExps = sums.transpose(0, 1);
}

void HostDevice::attendToAll(const AttentionInputs &token, const at::Tensor &keys, const at::Tensor &values,
                             std::int64_t count, const AttentionRule &rule, void *output, Probabilities *probabilities)
{
    m_lists.clear();
    for (std::int64_t group = 0; group < shape().kvHeads; ++group)
        m_lists.push_back({groupOf(keys, values, group).rows(), count, {}, 0});
    m_attention.attend(queriesOf(token), shape().queryHeads, m_lists, count - 1, rule, static_cast<float *>(output),
                       probabilities);
}

void HostDevice::appendAndAttend(const AttentionInputs &token, RaggedLayer &layer, std::int64_t position,
                                 const AttentionRule &rule, void *output, Probabilities *probabilities)
{
    layer.appendToken(token, shape(), position);
    layer.listsForDecoding(m_lists);
    m_attention.attend(queriesOf(token), shape().queryHeads, m_lists, position, rule, static_cast<float *>(output),
                       probabilities);
}

} // namespace headkv
