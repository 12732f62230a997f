// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/TensorDevice.h"

#include "core/attention/AttentionRule.h"
#include "core/attention/RaggedAttention.h"
#include "core/cache/KvCache.h"
#include "core/cache/RaggedLayer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_flash_attention_forward.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>
#include <algorithm>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <limits>
#include <numeric>

namespace headkv {

namespace {

/// Queries whose scores over all keys are held at once.
constexpr std::int64_t queryBlock = 256;

/// Scores [G, g, T, n] in float32 of queries [H, T, D], the last of which stands at the last key of [G, n, D]; −∞ where
/// a query does not see a key.
at::Tensor denseScores(const at::Tensor &queries, const at::Tensor &keys, const AttentionRule &rule)
{
    const std::int64_t groups = keys.size(0), count = keys.size(1), tokens = queries.size(1);
    at::Tensor scores = at::matmul((queries.to(at::kFloat) * rule.scale).reshape({groups, -1, queries.size(2)}),
                                   keys.to(at::kFloat).transpose(1, 2))
                            .view({groups, -1, tokens, count});
    if (rule.softcap > 0)
        scores = at::tanh(scores / rule.softcap) * rule.softcap;
    const at::TensorOptions options = scores.options().dtype(at::kLong);
    const at::Tensor distance =
        at::arange(count - tokens, count, options).unsqueeze(1) - at::arange(count, options).unsqueeze(0);
    const at::Tensor hidden = rule.window > 0 ? (distance < 0).logical_or_(distance >= rule.window) : distance < 0;
    return scores.masked_fill_(hidden, -std::numeric_limits<float>::infinity());
}

Probabilities onHost(const at::Tensor &tensor)
{
    const at::Tensor host = tensor.to(at::kFloat).cpu().contiguous();
    return {host.const_data_ptr<float>(), host.const_data_ptr<float>() + host.numel()};
}

} // namespace

TensorDevice::TensorDevice(const AttentionShape &shape, at::Device device, at::ScalarType type)
    : CacheDevice(shape, at::TensorOptions(type).device(device), at::TensorOptions(type).device(device),
                  at::TensorOptions(type).device(device))
{}

void TensorDevice::store(const AttentionInputs &tokens, const at::Tensor &keys, const at::Tensor &values,
                         std::int64_t row)
{
    keys.narrow(1, row, tokens.tokens).copy_(byHead(tokens.keys, tokens.tokens, shape().kvHeads));
    values.narrow(1, row, tokens.tokens).copy_(byHead(tokens.values, tokens.tokens, shape().kvHeads));
}

bool TensorDevice::hasFlashAttention(const AttentionRule &rule) const
{
    return stored().device().is_cuda() && stored().dtype() != at::kFloat && rule.softcap == 0 && shape().dim % 8 == 0 &&
           shape().dim <= 256;
}

void TensorDevice::attendToChunk(const AttentionInputs &chunk, const at::Tensor &keys, const at::Tensor &values,
                                 std::int64_t count, const AttentionRule &rule, void *output, at::Tensor *logSumExps)
{
    const at::Tensor queries = byHead(chunk.queries, chunk.tokens, shape().queryHeads);
    const at::Tensor result = byHead(output, chunk.tokens, shape().queryHeads);
    const at::Tensor seenKeys = keys.narrow(1, 0, count), seenValues = values.narrow(1, 0, count);
    if (!hasFlashAttention(rule)) {
        attendByBlocks(queries, seenKeys, seenValues, rule, result, logSumExps);
        return;
    }
    // As flash attention has them, [1, T, heads, D]; its last query stands at the last key. In groups as they are.
    const auto batch = [](const at::Tensor &tensor) { return tensor.transpose(0, 1).unsqueeze(0); };
    const std::int64_t before = rule.window > 0 ? rule.window - 1 : -1, behind = rule.window > 0 ? 0 : -1; // −1: all
    const auto attention =
        at::_flash_attention_forward(batch(queries), batch(seenKeys), batch(seenValues), {}, {}, chunk.tokens, count,
                                     0.0, rule.window == 0, false, rule.scale, before, behind);
    result.copy_(std::get<0>(attention).squeeze(0).transpose(0, 1));
    if (logSumExps)
        *logSumExps = std::get<1>(attention).squeeze(0);
}

void TensorDevice::attendByBlocks(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values,
                                  const AttentionRule &rule, const at::Tensor &output, at::Tensor *logSumExps) const
{
    const std::int64_t heads = queries.size(0), tokens = queries.size(1), count = keys.size(1);
    if (logSumExps)
        *logSumExps = at::empty({heads, tokens}, queries.options().dtype(at::kFloat));
    const at::Tensor exactValues = values.to(at::kFloat);
    for (std::int64_t begin = 0; begin < tokens; begin += queryBlock) {
        const std::int64_t rows = std::min(queryBlock, tokens - begin);
        const std::int64_t end = count - tokens + begin + rows; // keys that the block sees
        const std::int64_t first = rule.window > 0 ? std::max<std::int64_t>(0, end - rows + 1 - rule.window) : 0;
        const at::Tensor scores =
            denseScores(queries.narrow(1, begin, rows), keys.narrow(1, first, end - first), rule); // [G, g, rows, n]
        const at::Tensor weights = at::softmax(scores, -1).view({keys.size(0), -1, end - first});
        output.narrow(1, begin, rows)
            .copy_(at::matmul(weights, exactValues.narrow(1, first, end - first)).view({heads, rows, -1}));
        if (logSumExps)
            logSumExps->narrow(1, begin, rows).copy_(at::logsumexp(scores, -1).view({heads, rows}));
    }
}

void TensorDevice::attendToAll(const AttentionInputs &token, const at::Tensor &keys, const at::Tensor &values,
                               std::int64_t count, const AttentionRule &rule, void *output,
                               Probabilities *probabilities)
{
    const std::int64_t heads = shape().queryHeads;
    const at::Tensor scores =
        denseScores(byHead(token.queries, 1, heads), keys.narrow(1, 0, count), rule); // [G, g, 1, n]
    const at::Tensor weights = at::softmax(scores, -1).view({shape().kvHeads, -1, count});
    byHead(output, 1, heads)
        .copy_(at::matmul(weights, values.narrow(1, 0, count).to(at::kFloat)).view({heads, 1, shape().dim}));
    if (probabilities)
        *probabilities = onHost(weights);
}

void TensorDevice::appendAndAttend(const AttentionInputs &token, RaggedLayer &layer, std::int64_t position,
                                   const AttentionRule &rule, void *output, Probabilities *probabilities)
{
    layer.append(byHead(token.keys, 1, shape().kvHeads), byHead(token.values, 1, shape().kvHeads), position);
    const at::Tensor queries = byHead(token.queries, 1, shape().queryHeads);
    byHead(output, 1, shape().queryHeads).copy_(raggedAttention(queries, position, layer.views(), rule).output);
    if (probabilities)
        *probabilities = probabilitiesOf(queries, layer, position, rule);
}

Probabilities TensorDevice::probabilitiesOf(const at::Tensor &queries, const RaggedLayer &layer, std::int64_t position,
                                            const AttentionRule &rule) const
{
    const std::int64_t keys = position + 1;
    const auto heads = queries.size(0) / static_cast<std::int64_t>(layer.lists());
    Probabilities all(static_cast<std::size_t>(queries.size(0) * keys), 0);
    for (std::size_t i = 0; i < layer.lists(); ++i) {
        const RaggedList list = layer.list(i);
        const auto first = static_cast<std::int64_t>(i) * heads;
        const at::Tensor scores = listScores(queries.narrow(0, first, heads).squeeze(1), position, 1, list, rule);
        const Probabilities rows = onHost(at::nan_to_num(at::softmax(scores, -1))); // a window may show nothing
        for (std::size_t entry = 0; entry < rows.size(); ++entry) {
            const auto head = first + static_cast<std::int64_t>(entry / list.positions.size());
            if (const std::int32_t at = list.positions[entry % list.positions.size()]; at >= 0)
                all[static_cast<std::size_t>(head * keys + at)] = rows[entry];
        }
    }
    return all;
}

std::optional<std::vector<KeptTokens>> TensorDevice::keepHighest(const at::Tensor &scores,
                                                                 std::span<const std::int64_t> counts,
                                                                 std::span<const std::int64_t> capacities,
                                                                 std::int64_t window)
{
    std::vector<KeptTokens> kept(counts.size());
    for (std::size_t list = 0; list < counts.size(); ++list) {
        const std::int64_t candidates = std::max<std::int64_t>(0, counts[list] - window);
        const std::int64_t count = std::min(capacities[list], candidates);
        const at::Tensor row = scores.select(0, static_cast<std::int64_t>(list)).narrow(0, 0, candidates);
        const auto order = std::get<1>(row.sort(true, 0, true)).narrow(0, 0, count);
        const at::Tensor tokens = std::get<0>(order.sort()).to(at::kInt).cpu();
        kept[list].assign(tokens.const_data_ptr<std::int32_t>(), tokens.const_data_ptr<std::int32_t>() + count);
        for (std::int64_t token = candidates; token < counts[list]; ++token)
            kept[list].push_back(static_cast<std::int32_t>(token));
    }
    return kept;
}

std::optional<std::vector<std::int64_t>> TensorDevice::highestByList(const at::Tensor &scores,
                                                                     std::span<const std::int64_t> counts,
                                                                     std::int64_t places, std::int64_t window)
{
    std::vector<std::int64_t> candidates;
    for (const std::int64_t count : counts)
        candidates.push_back(std::max<std::int64_t>(0, count - window));
    const std::int64_t all = std::accumulate(candidates.begin(), candidates.end(), std::int64_t{0});
    const std::int64_t taken = std::min(places, all), most = std::ranges::max(candidates);
    if (taken <= 0)
        return std::vector<std::int64_t>(counts.size());
    const at::TensorOptions whole = scores.options().dtype(at::kLong);
    const at::Tensor ends = at::empty({std::ssize(candidates)}, at::kLong);
    std::ranges::copy(candidates, ends.mutable_data_ptr<std::int64_t>());
    // [n, lists], in the order in which equal scores count. Rows are not filled behind their candidates.
    const at::Tensor there = at::arange(most, whole).unsqueeze(1) < ends.to(whole.device());
    const at::Tensor byToken =
        scores.narrow(1, 0, most).t().masked_fill(there.logical_not(), -std::numeric_limits<float>::infinity());
    const at::Tensor least = std::get<0>(byToken.flatten().topk(taken, 0, true, false)).min();
    const at::Tensor above = byToken > least, equal = (byToken == least).logical_and_(there);
    const at::Tensor first = equal.flatten().cumsum(0).view_as(equal) <= taken - above.sum();
    const at::Tensor found = above.logical_or(first.logical_and(equal)).sum(0).cpu();
    const auto *numbers = found.const_data_ptr<std::int64_t>();
    return std::vector<std::int64_t>(numbers, numbers + counts.size());
}

void TensorDevice::finish() const
{
    if (const at::Device device = stored().device(); !device.is_cpu())
        c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

} // namespace headkv
