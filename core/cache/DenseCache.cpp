// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/DenseCache.h"

#include "core/attention/AttentionObserver.h"
#include "core/attention/DecodeAttention.h"
#include "core/attention/PrefillAttention.h"
#include "core/cache/KeyValueBuffer.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <algorithm>
#include <c10/core/InferenceMode.h>

namespace headkv {

struct DenseCache::LayerBuffers
{
    at::Tensor keys, values; ///< [G, capacity, D]
    std::int64_t tokens = 0;

    [[nodiscard]] std::int64_t capacity() const { return keys.defined() ? keys.size(1) : 0; }

    void grow(std::int64_t capacity, const AttentionShape &shape, ElementType type)
    {
        for (at::Tensor *buffer : {&keys, &values}) {
            at::Tensor larger = at::empty({shape.kvHeads, capacity, shape.dim}, scalarType(type));
            if (tokens > 0)
                larger.narrow(1, 0, tokens).copy_(buffer->narrow(1, 0, tokens));
            *buffer = std::move(larger);
        }
    }
};

/// What attention takes, without an allocation a token.
struct DenseCache::Scratch
{
    DecodeAttention attention;
    std::vector<KeyValueRows> groups;
    std::vector<DecodeList> lists;
    std::vector<float> probabilities;
};

DenseCache::DenseCache(int layers, const AttentionShape &shape, ElementType type)
    : m_layers(layers)
    , m_scratch(std::make_unique<Scratch>())
    , m_shape(shape)
    , m_type(type)
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

void DenseCache::takePrefix(const DenseCache &other, std::size_t length)
{
    const c10::InferenceMode guard; // as the buffers were made
    truncate(0);
    const auto tokens = static_cast<std::int64_t>(std::min(length, other.m_length));
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        LayerBuffers &here = m_layers[i];
        if (tokens > here.capacity())
            here.grow(std::max(tokens, static_cast<std::int64_t>(m_reserved)), m_shape, m_type);
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
        buffers.grow(std::max({needed, 2 * buffers.capacity(), static_cast<std::int64_t>(m_reserved)}), m_shape,
                     m_type);
    m_scratch->groups.clear();
    for (std::int64_t group = 0; group < m_shape.kvHeads; ++group) {
        const std::int64_t offset = group * buffers.capacity() * m_shape.dim;
        const KeyValueBuffer rows = bufferOf(buffers.keys, buffers.values, offset, m_shape.dim);
        storeRows(tokens, group, m_shape, rows, buffers.tokens);
        m_scratch->groups.push_back(rows.rows());
    }
    buffers.tokens = needed;
}

void DenseCache::beginPrefill(std::size_t tokens) { m_reserved = std::max(m_reserved, m_length + tokens); }

void DenseCache::prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, float *output)
{
    append(layer, chunk);
    if (output)
        prefillAttention(chunk.queries, chunk.tokens, m_shape, m_scratch->groups, m_layers[layer].tokens, rule,
                         m_type == ElementType::Float32, output);
}

void DenseCache::finishLayer(int /*layer*/, const AttentionRule & /*rule*/) {}

void DenseCache::decode(int layer, const AttentionInputs &token, const AttentionRule &rule, AttentionObserver *observer,
                        float *output)
{
    append(layer, token);
    Scratch &scratch = *m_scratch;
    const std::int64_t keys = m_layers[layer].tokens;
    scratch.lists.clear();
    for (const KeyValueRows &rows : scratch.groups)
        scratch.lists.push_back({rows, keys, {}, 0});
    scratch.attention.attend(token.queries, m_shape.queryHeads, scratch.lists, keys - 1, rule, output,
                             observer ? &scratch.probabilities : nullptr);
    if (observer)
        observer->observe(layer, scratch.probabilities, static_cast<std::size_t>(keys));
}

void DenseCache::commit() { m_length = m_layers.empty() ? 0 : static_cast<std::size_t>(m_layers.front().tokens); }

} // namespace headkv
