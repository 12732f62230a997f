// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <vector>

namespace headkv {

/// One layer's weights. Matrices are [out, in], in the model's dtype; norms are float32. Products that share an input
/// are one matrix.
struct LayerWeights
{
    at::Tensor attentionNorm;   ///< [hidden]
    at::Tensor qkv;             ///< [(H + 2G)·D, hidden]: queries, then keys, then values; RoPE pairs are (i, i + D/2)
    at::Tensor attentionOutput; ///< [hidden, H·D]
    at::Tensor feedForwardNorm; ///< [hidden]
    at::Tensor gateUp;          ///< [2·feedForward, hidden]: gate, then up
    at::Tensor down;            ///< [hidden, feedForward]
};

struct Weights
{
    at::Tensor embedding; ///< [V, hidden]
    std::vector<LayerWeights> layers;
    at::Tensor outputNorm; ///< [hidden]
    at::Tensor output;     ///< [V, hidden]; the embedding itself where the model ties them

    [[nodiscard]] std::uint64_t bytes() const;
};

} // namespace headkv
