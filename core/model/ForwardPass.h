// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionRule.h"
#include "core/base/JobControl.h"
#include "core/cache/KvCache.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/model/HeadId.h"
#include "core/model/Products.h"
#include "core/model/RotaryEmbedding.h"
#include "core/model/TokenRun.h"

#include <ATen/core/Tensor.h>
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace headkv {

class Model;
struct LayerWeights;
struct Weights;

/// A buffer that grows to the largest size that was asked of it.
class Buffer
{
public:
    float *of(std::int64_t rows, std::int64_t columns)
    {
        m_values.resize(std::max(m_values.size(), static_cast<std::size_t>(rows * columns)));
        return m_values.data();
    }

private:
    std::vector<float> m_values;
};

/// Memory of a forward pass, kept from one to the next.
struct ForwardScratch
{
    Buffer hidden;                           ///< [T, hidden]: the residual stream of all tokens
    Buffer normal, update;                   ///< [T, hidden] of a chunk, as the following
    Buffer queries, keys, values, attention; ///< [T, H·D], [T, G·D], [T, G·D], [T, H·D]
    Buffer gate, up;                         ///< [T, feedForward]
    Activations activations;
};

/// One forward pass over new tokens, T in all runs. Everything between products is float32.
class ForwardPass
{
public:
    /// The output of masked heads is zero.
    ForwardPass(const Model &model, ForwardScratch &scratch, std::span<const TokenRun> runs,
                std::span<const HeadId> masked, const JobControl &control);

    /// One run, layer by layer over all tokens, in chunks. Returns the residual stream after the last layer, [T,
    /// hidden]: true for the last `outputs` tokens at least; of the others nobody reads the last layer's output.
    const float *prefill(std::int64_t outputs);
    /// A few tokens, each with its attention by itself. Returns the residual stream after the last layer, [T, hidden].
    const float *decode();

private:
    float *embed();
    RotaryEmbedding rotary(const RopeConfig &config) const;
    AttentionRule ruleOf(int layer) const;
    std::int64_t queryColumns() const { return std::int64_t{m_config.queryHeads} * m_config.headDim; }
    std::int64_t keyColumns() const { return std::int64_t{m_config.kvHeads} * m_config.headDim; }

    /// Queries, keys and values of the tokens from `begin` on.
    AttentionInputs project(int layer, std::int64_t begin, std::int64_t count);
    /// Queries or keys of a token: normalised by head where the family does, and rotated where the layer does.
    void position(int layer, float *vectors, int heads, const at::Tensor &norm, std::int64_t offset) const;
    void attendOneByOne(int layer, const AttentionInputs &tokens, float *attention);
    /// The rest of a layer, from its attention [count, H·D] on.
    void finishTokens(int layer, std::int64_t begin, std::int64_t count, float *attention);
    void maskHeads(int layer, float *attention, std::int64_t count) const;
    /// hidden += down(activation(gate(x)) · up(x)), x the normalised hidden states.
    void feedForward(const LayerWeights &weights, float *hidden, std::int64_t count);
    /// hidden += the activations' product, which some families normalise first.
    void addProduct(const Linear &linear, const at::Tensor &norm, float *hidden, std::int64_t count);

    const ModelConfig &m_config;
    const Weights &m_weights;
    ForwardScratch &m_scratch;
    std::span<const TokenRun> m_runs;
    std::span<const HeadId> m_masked;
    const JobControl &m_control;
    std::int64_t m_tokens;
    float *m_hidden; ///< [T, hidden]
    RotaryEmbedding m_rotary;
    std::optional<RotaryEmbedding> m_localRotary; ///< of layers with a window
};

/// RMSNorm of rows [count, hidden], in place where `out` is the rows.
void normalizeRows(const float *rows, const at::Tensor &weight, float *out, std::int64_t count, double epsilon);

} // namespace headkv
