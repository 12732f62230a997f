// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/PrefillAttention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/sigmoid.h>

namespace headkv {

namespace {

/// An attention output [H, T, D] and the log-sum-exp of its scores [H, T] (float32).
struct PartialAttention
{
    at::Tensor output;
    at::Tensor logSumExp;
};

PartialAttention flashAttention(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                                bool causal)
{
    auto [output, logSumExp] = at::_scaled_dot_product_flash_attention_for_cpu(queries.unsqueeze(0), keys.unsqueeze(0),
                                                                               values.unsqueeze(0), 0.0, causal);
    return {output.squeeze(0), logSumExp.squeeze(0)};
}

/// All queries over all keys. The g query heads of a group are laid end to end, so keys and values are not repeated.
PartialAttention attendToPast(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values)
{
    const auto [heads, count, dim] = std::tuple(queries.size(0), queries.size(1), queries.size(2));
    const std::int64_t groups = keys.size(0);
    PartialAttention past = flashAttention(queries.reshape({groups, heads / groups * count, dim}), keys, values, false);
    return {past.output.reshape({heads, count, dim}), past.logSumExp.reshape({heads, count})};
}

PartialAttention attendToChunk(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values)
{
    const std::int64_t groupSize = queries.size(0) / keys.size(0);
    return flashAttention(queries, keys.repeat_interleave(groupSize, 0), values.repeat_interleave(groupSize, 0), true);
}

} // namespace

at::Tensor prefillAttention(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values)
{
    const std::int64_t count = queries.size(1);
    const std::int64_t past = keys.size(1) - count;
    const PartialAttention own = attendToChunk(queries, keys.narrow(1, past, count), values.narrow(1, past, count));
    if (past == 0)
        return own.output;
    const PartialAttention before = attendToPast(queries, keys.narrow(1, 0, past), values.narrow(1, 0, past));
    // exp(a) / (exp(a) + exp(b)) = sigmoid(a − b)
    const at::Tensor weight = at::sigmoid(before.logSumExp - own.logSumExp).unsqueeze(-1);
    return (before.output * weight + own.output * (1 - weight)).to(queries.scalar_type());
}

} // namespace headkv
