// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionRule.h"

#include <ATen/core/Tensor.h>

namespace headkv {

/// Causal attention of a chunk's queries [H, T, D] over keys and values [G, n, D], of which the last T are the chunk's
/// own: query t sees keys 0 … n − T + t, or the last of them where the rule has a window. Softmax in float32. Returns
/// [H, T, D]. The part before the chunk needs no mask and the chunk's own part is plainly causal, so each is one fused
/// call; the two are joined by their log-sum-exp, as flash attention joins blocks (Dao 2022). Windows that matter and
/// soft caps are computed plainly, under a mask.
[[nodiscard]] at::Tensor prefillAttention(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                                          const AttentionRule &rule);

} // namespace headkv
