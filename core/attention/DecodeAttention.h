// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace headkv {

struct DecodeAttention
{
    at::Tensor output;        ///< [H, D]
    at::Tensor probabilities; ///< [H, n], float32, contiguous
};

/// Attention of one token's queries [H, D] over all keys and values [G, n, D]: softmax(q·Kᵀ/√D) in float32.
[[nodiscard]] DecodeAttention decodeAttention(const at::Tensor &query, const at::Tensor &keys,
                                              const at::Tensor &values);

} // namespace headkv
