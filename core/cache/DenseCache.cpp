// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/DenseCache.h"

#include "core/attention/AttentionObserver.h"
#include "core/device/CacheDevice.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <algorithm>
#include <c10/core/InferenceMode.h>

namespace headkv {

struct DenseCache::LayerBuffers
{
    std::shared_ptr<CacheDevice> device;
    at::Tensor keys, values; ///< [G, capacity, D]
    std::int64_t tokens = 0;

    [[nodiscard]] std::int64_t capacity() const { return keys.defined() ? keys.size(1) : 0; }

    void grow(std::int64_t capacity)
    {
        const AttentionShape &shape = device->shape();
        for (at::Tensor *buffer : {&keys, &values}) {
            at::Tensor larger = at::empty({shape.kvHeads, capacity, shape.dim}, device->stored());
            if (tokens > 0)
                larger.narrow(1, 0, tokens).copy_(buffer->narrow(1, 0, tokens));
            *buffer = std::move(larger);
        }
    }
};

DenseCache::DenseCache(LayerDevices devices)
{
    for (std::shared_ptr<CacheDevice> &device : devices)
        m_layers.push_back({std::move(device), {}, {}, 0});
}
DenseCache::~DenseCache() = default;
DenseCache::DenseCache(DenseCache &&) noexcept = default;
DenseCache &DenseCache::operator=(DenseCache &&) noexcept = default;

void DenseCache::truncate(std::size_t length)
{
    m_length = std::min(length, m_length);
    for (LayerBuffers &layer : m_layers)
        layer.tokens = static_cast<std::int64_t>(m_length);
}

void DenseCache::takePrefix(const DenseCache &other, std::size_t length)
{
    const c10::InferenceMode guard; // as the buffers were made
    truncate(0);
    const auto tokens = static_cast<std::int64_t>(std::min(length, other.m_length));
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        LayerBuffers &here = m_layers[i];
        if (tokens > here.capacity())
            here.grow(std::max(tokens, static_cast<std::int64_t>(m_reserved)));
        if (tokens > 0) {
            here.keys.narrow(1, 0, tokens).copy_(other.m_layers[i].keys.narrow(1, 0, tokens));
            here.values.narrow(1, 0, tokens).copy_(other.m_layers[i].values.narrow(1, 0, tokens));
        }
        here.tokens = tokens;
    }
    m_length = static_cast<std::size_t>(tokens);
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
    LayerBuffers &buffers = m_layers[layer];
    const std::int64_t needed = buffers.tokens + tokens.tokens;
    if (needed > buffers.capacity())
        buffers.grow(std::max({needed, 2 * buffers.capacity(), static_cast<std::int64_t>(m_reserved)}));
    buffers.device->store(tokens, buffers.keys, buffers.values, buffers.tokens);
    buffers.tokens = needed;
}

void DenseCache::beginPrefill(std::size_t tokens) { m_reserved = std::max(m_reserved, m_length + tokens); }

void DenseCache::prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output)
{
    append(layer, chunk);
    const LayerBuffers &buffers = m_layers[layer];
    if (output)
        buffers.device->attendToChunk(chunk, buffers.keys, buffers.values, buffers.tokens, rule, output, nullptr);
}

void DenseCache::finishLayer(int /*layer*/, const AttentionRule & /*rule*/) {}

void DenseCache::decode(int layer, const AttentionInputs &token, const AttentionRule &rule, AttentionObserver *observer,
                        void *output)
{
    append(layer, token);
    const LayerBuffers &buffers = m_layers[layer];
    buffers.device->attendToAll(token, buffers.keys, buffers.values, buffers.tokens, rule, output,
                                observer ? &m_probabilities : nullptr);
    if (observer)
        observer->observe(layer, m_probabilities, static_cast<std::size_t>(buffers.tokens));
}

void DenseCache::commit() { m_length = m_layers.empty() ? 0 : static_cast<std::size_t>(m_layers.front().tokens); }

} // namespace headkv
