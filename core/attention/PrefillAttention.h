// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionRule.h"
#include "core/attention/AttentionShape.h"
#include "core/kernels/Kernels.h"

#include <cstdint>
#include <span>

namespace headkv {

/// Causal attention of a chunk's queries [T, H·D] over each KV head's keys and values (G of them, n tokens each), of
/// which the last T are the chunk's own: query t sees keys 0 … n − T + t, or the last of them where the rule has a
/// window. Products are float32, or of rounded numbers where it need not be exact. Writes [T, H·D], and the logarithms
/// [T, H] of the sums of exp(score), unless they are null. Threads take blocks of queries as they come free.
void prefillAttention(const float *queries, std::int64_t tokens, const AttentionShape &shape,
                      std::span<const KeyValueRows> keyValues, std::int64_t keys, const AttentionRule &rule, bool exact,
                      float *output, float *logSumExps = nullptr);

} // namespace headkv
