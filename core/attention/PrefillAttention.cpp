// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/PrefillAttention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <algorithm>
#include <limits>

namespace headkv {

namespace {

PartialAttention flashAttention(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                                bool causal, double scale)
{
    auto [output, logSumExp] = at::_scaled_dot_product_flash_attention_for_cpu(
        queries.unsqueeze(0), keys.unsqueeze(0), values.unsqueeze(0), 0.0, causal, std::nullopt, scale);
    return {output.squeeze(0), logSumExp.squeeze(0)};
}

/// All queries over all keys. The g query heads of a group are laid end to end, so keys and values are not repeated.
PartialAttention attendToPast(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values, double scale)
{
    const auto [heads, count, dim] = std::tuple(queries.size(0), queries.size(1), queries.size(2));
    const std::int64_t groups = keys.size(0);
    PartialAttention past =
        flashAttention(queries.reshape({groups, heads / groups * count, dim}), keys, values, false, scale);
    return {past.output.reshape({heads, count, dim}), past.logSumExp.reshape({heads, count})};
}

PartialAttention attendToChunk(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                               double scale)
{
    const std::int64_t groupSize = queries.size(0) / keys.size(0);
    return flashAttention(queries, keys.repeat_interleave(groupSize, 0), values.repeat_interleave(groupSize, 0), true,
                          scale);
}

/// Scores of all keys that some query of the chunk sees, under a mask.
PartialAttention attendUnderMask(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                                 const AttentionRule &rule)
{
    const auto [heads, count, dim] = std::tuple(queries.size(0), queries.size(1), queries.size(2));
    const std::int64_t groups = keys.size(0);
    const std::int64_t past = keys.size(1) - count;
    const std::int64_t first = rule.window > 0 ? std::max<std::int64_t>(0, past - rule.window + 1) : 0;
    const std::int64_t seen = keys.size(1) - first;
    const at::Tensor scaled = queries.to(at::kFloat) * rule.scale;
    at::Tensor scores = at::bmm(scaled.reshape({groups, heads / groups * count, dim}),
                                keys.narrow(1, first, seen).to(at::kFloat).transpose(1, 2))
                            .view({heads, count, seen});
    if (rule.softcap > 0)
        scores = at::tanh(scores / rule.softcap) * rule.softcap;
    const at::Tensor distance = at::arange(past, past + count, at::kLong).unsqueeze(1) -
                                at::arange(first, first + seen, at::kLong).unsqueeze(0); // [T, seen]
    at::Tensor masked = distance < 0;
    if (rule.window > 0)
        masked = masked | (distance >= rule.window);
    scores.masked_fill_(masked, -std::numeric_limits<float>::infinity());
    const at::Tensor logSumExp = at::logsumexp(scores, -1); // [H, T]
    const at::Tensor probabilities = scores.sub_(logSumExp.unsqueeze(-1)).exp_();
    const at::Tensor output = at::bmm(probabilities.view({groups, heads / groups * count, seen}),
                                      values.narrow(1, first, seen).to(at::kFloat));
    return {output.view({heads, count, dim}).to(queries.scalar_type()), logSumExp};
}

} // namespace

PartialAttention joinAttention(const PartialAttention &a, const PartialAttention &b)
{
    // exp(a) / (exp(a) + exp(b)) = sigmoid(a − b)
    const at::Tensor weight = at::sigmoid(a.logSumExp - b.logSumExp).unsqueeze(-1);
    return {(a.output * weight + b.output * (1 - weight)).to(b.output.scalar_type()),
            at::logaddexp(a.logSumExp, b.logSumExp)};
}

PartialAttention prefillAttention(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                                  const AttentionRule &rule)
{
    if (rule.softcap > 0 || (rule.window > 0 && rule.window < keys.size(1)))
        return attendUnderMask(queries, keys, values, rule);
    const std::int64_t count = queries.size(1);
    const std::int64_t past = keys.size(1) - count;
    const PartialAttention own =
        attendToChunk(queries, keys.narrow(1, past, count), values.narrow(1, past, count), rule.scale);
    if (past == 0)
        return own;
    return joinAttention(attendToPast(queries, keys.narrow(1, 0, past), values.narrow(1, 0, past), rule.scale), own);
}

} // namespace headkv
