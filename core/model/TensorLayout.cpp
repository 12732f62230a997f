// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/TensorLayout.h"

#include "core/checkpoint/Checkpoint.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace headkv {

namespace {

using Shape = std::vector<std::int64_t>;

std::string describe(const auto &shape)
{
    std::string text = "[";
    for (const auto size : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

class Finder
{
public:
    explicit Finder(const Checkpoint &checkpoint)
        : m_checkpoint(checkpoint)
        , m_config(checkpoint.config())
    {}

    TensorLayout find()
    {
        TensorLayout layout;
        layout.embedding = required("token_embd.weight", {m_config.vocabularySize, m_config.hiddenSize});
        layout.outputNorm = required("output_norm.weight", {m_config.hiddenSize});
        layout.output = {optional("output.weight", {m_config.vocabularySize, m_config.hiddenSize}),
                         optional("output.bias", {m_config.vocabularySize})};
        if (m_config.tiedEmbeddings)
            layout.output.weight = {};
        for (int i = 0; i < m_config.layers; ++i)
            layout.layers.push_back(layer("blk." + std::to_string(i) + "."));
        // Factors of the rotary frequencies belong to the configuration.
        for (const char *name : {"rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight"})
            m_used.insert(m_checkpoint.tensors().find(name));
        for (const StoredTensor &tensor : m_checkpoint.tensors().all()) {
            if (!m_used.contains(&tensor))
                m_checkpoint.fail("tensor " + m_checkpoint.storedName(tensor.name).substr(0, 80) +
                                  " is not part of a " + m_config.architecture + " model of " +
                                  std::to_string(m_config.layers) + " layers as it is known here");
        }
        return layout;
    }

private:
    TensorPart optional(const std::string &name, const Shape &shape)
    {
        const StoredTensor *tensor = m_checkpoint.tensors().find(name);
        if (!tensor)
            return {};
        if (!std::ranges::equal(tensor->shape, shape,
                                [](std::uint64_t a, std::int64_t b) { return a == static_cast<std::uint64_t>(b); }))
            m_checkpoint.fail("tensor " + m_checkpoint.storedName(name) + " has shape " + describe(tensor->shape) +
                              ", its configuration asks for " + describe(shape));
        m_used.insert(tensor);
        return {tensor, 0, shape.front()};
    }

    TensorPart required(const std::string &name, const Shape &shape)
    {
        const TensorPart part = optional(name, shape);
        if (!part.tensor)
            m_checkpoint.fail("tensor " + m_checkpoint.storedName(name) + " is missing; the file is incomplete");
        return part;
    }

    LinearParts linear(const std::string &name, std::int64_t out, std::int64_t in)
    {
        return {required(name + ".weight", {out, in}), optional(name + ".bias", {out})};
    }

    static TensorPart rows(const TensorPart &whole, std::int64_t first, std::int64_t count)
    {
        return whole.tensor ? TensorPart{whole.tensor, first, count} : TensorPart{};
    }
    static LinearParts rows(const LinearParts &whole, std::int64_t first, std::int64_t count)
    {
        return {rows(whole.weight, first, count), rows(whole.bias, first, count)};
    }

    /// Queries, keys and values, which some families store as one matrix.
    void findAttention(const std::string &prefix, LayerParts &parts)
    {
        const std::int64_t queries = std::int64_t{m_config.queryHeads} * m_config.headDim;
        const std::int64_t keys = std::int64_t{m_config.kvHeads} * m_config.headDim;
        if (m_checkpoint.tensors().find(prefix + "attn_qkv.weight")) {
            const LinearParts fused = linear(prefix + "attn_qkv", queries + 2 * keys, m_config.hiddenSize);
            parts.query = rows(fused, 0, queries);
            parts.key = rows(fused, queries, keys);
            parts.value = rows(fused, queries + keys, keys);
        } else {
            parts.query = linear(prefix + "attn_q", queries, m_config.hiddenSize);
            parts.key = linear(prefix + "attn_k", keys, m_config.hiddenSize);
            parts.value = linear(prefix + "attn_v", keys, m_config.hiddenSize);
        }
        if (m_config.adjacentPairs) {
            for (TensorPart *part : {&parts.query.weight, &parts.query.bias, &parts.key.weight, &parts.key.bias}) {
                part->pairedHeadDim = m_config.headDim;
                part->pairedDims = m_config.rope.dimensions;
            }
        }
        parts.queryNorm = optional(prefix + "attn_q_norm.weight", {m_config.headDim});
        parts.keyNorm = optional(prefix + "attn_k_norm.weight", {m_config.headDim});
        parts.attentionOutput = linear(prefix + "attn_output", m_config.hiddenSize, queries);
    }

    /// Gate and up, which some families store as one matrix.
    void findFeedForward(const std::string &prefix, LayerParts &parts)
    {
        const std::int64_t size = m_config.feedForwardSize;
        if (m_checkpoint.tensors().find(prefix + "ffn_gate.weight")) {
            parts.gate = linear(prefix + "ffn_gate", size, m_config.hiddenSize);
            parts.up = linear(prefix + "ffn_up", size, m_config.hiddenSize);
        } else {
            const LinearParts fused = linear(prefix + "ffn_up", 2 * size, m_config.hiddenSize);
            parts.gate = rows(fused, 0, size);
            parts.up = rows(fused, size, size);
        }
        parts.down = linear(prefix + "ffn_down", m_config.hiddenSize, size);
    }

    LayerParts layer(const std::string &prefix)
    {
        LayerParts parts;
        parts.attentionNorm = required(prefix + "attn_norm.weight", {m_config.hiddenSize});
        findAttention(prefix, parts);
        parts.postAttentionNorm = optional(prefix + "post_attention_norm.weight", {m_config.hiddenSize});
        parts.feedForwardNorm = required(prefix + "ffn_norm.weight", {m_config.hiddenSize});
        findFeedForward(prefix, parts);
        parts.postFeedForwardNorm = optional(prefix + "post_ffw_norm.weight", {m_config.hiddenSize});
        return parts;
    }

    const Checkpoint &m_checkpoint;
    const ModelConfig &m_config;
    std::unordered_set<const StoredTensor *> m_used;
};

} // namespace

TensorLayout findTensors(const Checkpoint &checkpoint) { return Finder(checkpoint).find(); }

} // namespace headkv
