// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/QuantizedMatrix.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace headkv {

/// A matrix [out, in], in the model's dtype or quantised, and its bias [out] (undefined: none).
struct Linear
{
    at::Tensor weight;                                ///< undefined: quantised
    std::shared_ptr<const QuantizedMatrix> quantized; ///< null: dense
    at::Tensor bias;                                  ///< float32

    [[nodiscard]] std::int64_t outputs() const { return quantized ? quantized->outputs() : weight.size(0); }
    [[nodiscard]] std::int64_t inputs() const { return quantized ? quantized->inputs() : weight.size(1); }
};

/// One layer's weights. Norms are float32; those that a family does not have are undefined. RoPE pairs of queries and
/// keys are (i, i + D/2). Tensors whose type and order are the file's share its memory.
struct LayerWeights
{
    at::Tensor attentionNorm;                          ///< [hidden]
    Linear query, key, value;                          ///< [H·D, hidden], [G·D, hidden], [G·D, hidden]
    at::Tensor queryNorm, keyNorm;                     ///< [D], of each head before rotation
    Linear attentionOutput;                            ///< [hidden, H·D]
    at::Tensor postAttentionNorm, postFeedForwardNorm; ///< [hidden], before the residual sum
    at::Tensor feedForwardNorm;                        ///< [hidden]
    Linear gate, up;                                   ///< [feedForward, hidden]
    Linear down;                                       ///< [hidden, feedForward]
};

struct Weights
{
    /// Writes a token's row [hidden] of the embedding, which stays in the file.
    std::function<void(std::int64_t token, float *row)> embed;
    std::vector<LayerWeights> layers;
    at::Tensor outputNorm;   ///< [hidden]
    Linear output;           ///< [V, hidden]
    std::uint64_t bytes = 0; ///< of all tensors but the embedding, those shared with the file too
    bool quantized = false;  ///< some layers are held in four bits
};

} // namespace headkv
