// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionRule.h"

#include <ATen/core/Tensor.h>

namespace headkv {

struct DecodeAttention
{
    at::Tensor output;        ///< [H, D]
    at::Tensor probabilities; ///< [H, n], float32, contiguous
};

/// Attention of one token's queries [H, D] over keys and values [G, n, D], the last of which are its own:
/// softmax(scale·q·Kᵀ) in float32. Keys outside the rule's window have probability 0.
[[nodiscard]] DecodeAttention decodeAttention(const at::Tensor &query, const at::Tensor &keys, const at::Tensor &values,
                                              const AttentionRule &rule);

} // namespace headkv
