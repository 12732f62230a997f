// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionRule.h"

#include <ATen/core/Tensor.h>

namespace headkv {

/// Attention over a part of the keys: what it gives, and what it weighs beside other parts.
struct PartialAttention
{
    at::Tensor output;    ///< [H, T, D]
    at::Tensor logSumExp; ///< [H, T] of the scores, float32; −∞ where no key is seen
};

/// The attention over both parts' keys, as flash attention joins blocks (Dao 2022).
[[nodiscard]] PartialAttention joinAttention(const PartialAttention &a, const PartialAttention &b);

/// Causal attention of a chunk's queries [H, T, D] over keys and values [G, n, D], of which the last T are the chunk's
/// own: query t sees keys 0 … n − T + t, or the last of them where the rule has a window. Softmax in float32. The part
/// before the chunk needs no mask and the chunk's own part is plainly causal, so each is one fused call. Windows that
/// matter and soft caps are computed plainly, under a mask.
[[nodiscard]] PartialAttention prefillAttention(const at::Tensor &queries, const at::Tensor &keys,
                                                const at::Tensor &values, const AttentionRule &rule);

} // namespace headkv
