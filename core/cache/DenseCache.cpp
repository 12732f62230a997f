// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/DenseCache.h"

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

void DenseCache::append(int layer, const at::Tensor &keys, const at::Tensor &values)
{
    LayerBuffers &buffers = m_layers[layer];
    const std::int64_t count = keys.size(1);
    const std::int64_t needed = buffers.tokens + count;
    if (needed > buffers.capacity())
        buffers.grow(std::max({needed, 2 * buffers.capacity(), static_cast<std::int64_t>(m_reserved)}), keys);
    buffers.keys.narrow(1, buffers.tokens, count).copy_(keys);
    buffers.values.narrow(1, buffers.tokens, count).copy_(values);
    buffers.tokens = needed;
}

void DenseCache::commit() { m_length = m_layers.empty() ? 0 : static_cast<std::size_t>(m_layers.front().tokens); }

at::Tensor DenseCache::keys(int layer) const { return m_layers[layer].keys.narrow(1, 0, m_layers[layer].tokens); }

at::Tensor DenseCache::values(int layer) const { return m_layers[layer].values.narrow(1, 0, m_layers[layer].tokens); }

} // namespace headkv
