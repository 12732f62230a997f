// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionRule.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <span>

namespace headkv {

/// One list of a ragged cache, as attention sees it.
struct RaggedList
{
    at::Tensor keys, values;                 ///< [n, D], any float type
    std::span<const std::int32_t> positions; ///< [n], rising; −1: a compensation token, first here and for windows
    std::int64_t compensated = 0;            ///< tokens that it stands for; its score grows by the logarithm
};

/// Scaled scores [R, n] in float32 of queries [R, D] over a list, −∞ where a query does not see a key: it sees those at
/// its position and before, within the rule's window. The first query has the given position, `each` queries follow one
/// another there (R is a multiple of it), so that the heads of a group lie end to end.
[[nodiscard]] at::Tensor listScores(const at::Tensor &queries, std::int64_t firstPosition, std::int64_t each,
                                    const RaggedList &list, const AttentionRule &rule);

/// Attention over a part of the keys: what it gives, and what it weighs beside other parts.
struct PartialAttention
{
    at::Tensor output;    ///< [H, T, D]
    at::Tensor logSumExp; ///< [H, T] of the scores, float32; −∞ where no key is seen
};

/// The attention over both parts' keys, as flash attention joins blocks (Dao 2022).
[[nodiscard]] PartialAttention joinAttention(const PartialAttention &a, const PartialAttention &b);

/// Attention of queries [H, T, D], the first at the given position, over a layer's lists (as many as query heads, or as
/// KV heads, each of which serves a group). In float32.
[[nodiscard]] PartialAttention raggedAttention(const at::Tensor &queries, std::int64_t firstPosition,
                                               std::span<const RaggedList> lists, const AttentionRule &rule);

} // namespace headkv
