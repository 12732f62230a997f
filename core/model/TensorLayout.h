// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/StoredTensor.h"

#include <array>
#include <cstdint>
#include <vector>

namespace headkv {

class Checkpoint;

/// Rows of a stored tensor that make one of the model's. A null tensor: the model has none.
struct TensorPart
{
    const StoredTensor *tensor = nullptr;
    std::int64_t firstRow = 0;
    std::int64_t rows = 0;
    // Where rotary pairs lie side by side: the head dimension and how many of it are rotated; else 0.
    std::int64_t pairedHeadDim = 0;
    std::int64_t pairedDims = 0;
};

struct LinearParts
{
    TensorPart weight, bias;
};

/// Where one layer's tensors lie; the members are those of LayerWeights.
struct LayerParts
{
    TensorPart attentionNorm, queryNorm, keyNorm, postAttentionNorm, feedForwardNorm, postFeedForwardNorm;
    LinearParts query, key, value, attentionOutput, gate, up, down;

    [[nodiscard]] std::array<const LinearParts *, 7> linears() const
    {
        return {&query, &key, &value, &attentionOutput, &gate, &up, &down};
    }
    [[nodiscard]] std::array<const TensorPart *, 6> norms() const
    {
        return {&attentionNorm, &queryNorm, &keyNorm, &postAttentionNorm, &feedForwardNorm, &postFeedForwardNorm};
    }
};

struct TensorLayout
{
    TensorPart embedding, outputNorm;
    LinearParts output; ///< null weight: the embedding
    std::vector<LayerParts> layers;
};

/// Finds every tensor of a model and checks its shape against the configuration; tensors that no part of the model uses
/// are refused, for they would change the numbers. Errors: Input.
[[nodiscard]] TensorLayout findTensors(const Checkpoint &checkpoint);

} // namespace headkv
