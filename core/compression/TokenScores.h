// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/RaggedAttention.h"
#include "core/compression/CompressionSettings.h"

namespace headkv {

/// SnapKV's scores of a list's tokens (Li et al. 2024): the attention rows of the last queries [h, w, D], the first of
/// which has the given position, over the list [n, D]; their mean; without the last `window` columns; pooled. The h
/// heads that share the list (one, or a group) count alike. [n − window], n > window.
[[nodiscard]] at::Tensor windowScores(const at::Tensor &queries, std::int64_t firstPosition, const RaggedList &list,
                                      const AttentionRule &rule, const CompressionSettings &settings);

/// H2O's (Zhang et al. 2023): adds the sums over queries [h, T, D] of their attention rows, meant over the h heads, to
/// sums [≥ n].
void addColumnSums(at::Tensor &sums, const at::Tensor &queries, std::int64_t firstPosition, const RaggedList &list,
                   const AttentionRule &rule);

} // namespace headkv
