// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <vector>

namespace headkv {

/// A matrix [out, in] in the model's dtype and its bias [out] (undefined: none).
struct Linear
{
    at::Tensor weight, bias;
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
    at::Tensor embedding; ///< [V, hidden]
    std::vector<LayerWeights> layers;
    at::Tensor outputNorm;   ///< [hidden]
    Linear output;           ///< [V, hidden]; the embedding itself where the model ties them
    std::uint64_t bytes = 0; ///< of all tensors, those shared with the file too
};

} // namespace headkv
