// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/DenseCache.h"

#include "core/attention/AttentionObserver.h"
#include "core/attention/DecodeAttention.h"
#include "core/attention/PrefillAttention.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <algorithm>

namespace headkv {

struct DenseCache::LayerBuffers
{
    at::Tensor keys, values; ///< [G, capacity, D]
    std::int64_t tokens = 0;

    [[nodiscard]] std::int64_t capacity() const { return keys.defined() ? keys.size(1) : 0; }

    void grow(std::int64_t capacity, const at::Tensor &like)
    {
        for (at::Tensor *buffer : {&keys, &values}) {
            at::Tensor larger = at::empty({like.size(0), capacity, like.size(2)}, like.options());
            if (tokens > 0)
                larger.narrow(1, 0, tokens).copy_(buffer->narrow(1, 0, tokens));
            *buffer = std::move(larger);
        }
    }
};

DenseCache::DenseCache(int layers)
    : m_layers(layers)
{}
DenseCache::~DenseCache() = default;
DenseCache::DenseCache(DenseCache &&) noexcept = default;
DenseCache &DenseCache::operator=(DenseCache &&) noexcept = default;

void DenseCache::truncate(std::size_t length)
{
    m_length = std::min(length, m_length);
    for (LayerBuffers &layer : m_layers)
        layer.tokens = static_cast<std::int64_t>(m_length);
}

std::uint64_t DenseCache::usedBytes() const
{
    std::uint64_t bytes = 0;
    for (const LayerBuffers &layer : m_layers) {
        if (layer.keys.defined())
            bytes += 2 * m_length * layer.keys.size(0) * layer.keys.size(2) * layer.keys.element_size();
    }
    return bytes;
}

std::uint64_t DenseCache::allocatedBytes() const
{
    std::uint64_t bytes = 0;
    for (const LayerBuffers &layer : m_layers) {
        if (layer.keys.defined())
            bytes += layer.keys.nbytes() + layer.values.nbytes();
    }
    return bytes;
}

void DenseCache::append(int layer, const AttentionInputs &tokens)
{
    const at::Tensor &keys = tokens.keys;
    LayerBuffers &buffers = m_layers[layer];
    const std::int64_t count = keys.size(1);
    const std::int64_t needed = buffers.tokens + count;
    if (needed > buffers.capacity())
        buffers.grow(std::max({needed, 2 * buffers.capacity(), static_cast<std::int64_t>(m_reserved)}), keys);
    buffers.keys.narrow(1, buffers.tokens, count).copy_(keys);
    buffers.values.narrow(1, buffers.tokens, count).copy_(tokens.values);
    buffers.tokens = needed;
}

void DenseCache::beginPrefill(std::size_t tokens) { m_reserved = std::max(m_reserved, m_length + tokens); }

at::Tensor DenseCache::prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, bool wantsOutput)
{
    append(layer, chunk);
    return wantsOutput ? prefillAttention(chunk.queries, keys(layer), values(layer), rule).output : at::Tensor();
}

void DenseCache::finishLayer(int /*layer*/, const AttentionRule & /*rule*/) {}

at::Tensor DenseCache::decode(int layer, const AttentionInputs &token, const AttentionRule &rule,
                              AttentionObserver *observer)
{
    append(layer, token);
    const DecodeAttention attention = decodeAttention(token.queries.squeeze(1), keys(layer), values(layer), rule);
    if (observer) {
        const at::Tensor &rows = attention.probabilities;
        observer->observe(layer, {rows.const_data_ptr<float>(), static_cast<std::size_t>(rows.numel())},
                          static_cast<std::size_t>(rows.size(1)));
    }
    return attention.output;
}

void DenseCache::commit() { m_length = m_layers.empty() ? 0 : static_cast<std::size_t>(m_layers.front().tokens); }

at::Tensor DenseCache::keys(int layer) const { return m_layers[layer].keys.narrow(1, 0, m_layers[layer].tokens); }

at::Tensor DenseCache::values(int layer) const { return m_layers[layer].values.narrow(1, 0, m_layers[layer].tokens); }

} // namespace headkv
