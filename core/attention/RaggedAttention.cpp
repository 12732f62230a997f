// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/RaggedAttention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

/// Hides what lies in columns [begin, end) of scores [R, n] and comes behind the query or before its window.
void hideKeys(at::Tensor &scores, std::int64_t firstPosition, std::int64_t each,
              std::span<const std::int32_t> positions, std::int64_t begin, std::int64_t end, std::int64_t window)
{
    if (begin >= end)
        return;
    const at::Tensor keys =
        at::from_blob(const_cast<std::int32_t *>(positions.data()) + begin, {1, end - begin}, at::kInt)
            .to(scores.device());
    const at::Tensor queries =
        at::arange(firstPosition, firstPosition + each, scores.options().dtype(at::kInt)).unsqueeze(1);
    const at::Tensor distance = queries - keys; // [each, columns]
    const at::Tensor hidden = window > 0 ? (distance < 0).logical_or_(distance >= window) : distance < 0;
    scores.view({-1, each, scores.size(1)})
        .narrow(2, begin, end - begin)
        .masked_fill_(hidden, -std::numeric_limits<float>::infinity());
}

} // namespace

at::Tensor listScores(const at::Tensor &queries, std::int64_t firstPosition, std::int64_t each, const RaggedList &list,
                      const AttentionRule &rule)
{
    at::Tensor scores =
        at::matmul(queries.to(at::kFloat) * rule.scale, list.keys.to(at::kFloat).transpose(0, 1)); // [R, n]
    if (rule.softcap > 0)
        scores = at::tanh(scores / rule.softcap) * rule.softcap;
    if (list.compensated > 0)
        scores.select(1, 0).add_(std::log(static_cast<double>(list.compensated)));
    // Keys up to the first query's position are behind none; keys within the last one's window are before none's.
    const auto count = std::ssize(list.positions);
    const auto upTo = [&](std::int64_t position) {
        return std::ranges::upper_bound(list.positions, position) - list.positions.begin();
    };
    hideKeys(scores, firstPosition, each, list.positions, upTo(firstPosition), count, rule.window);
    if (rule.window > 0)
        hideKeys(scores, firstPosition, each, list.positions, 0, upTo(firstPosition + each - 1 - rule.window),
                 rule.window);
    return scores;
}

PartialAttention joinAttention(const PartialAttention &a, const PartialAttention &b)
{
    // exp(a) / (exp(a) + exp(b)) = sigmoid(a − b)
    const at::Tensor weight = at::sigmoid(a.logSumExp - b.logSumExp).unsqueeze(-1);
    return {a.output * weight + b.output * (1 - weight), at::logaddexp(a.logSumExp, b.logSumExp)};
}

PartialAttention raggedAttention(const at::Tensor &queries, std::int64_t firstPosition,
                                 std::span<const RaggedList> lists, const AttentionRule &rule)
{
    const auto [heads, count, dim] = std::tuple(queries.size(0), queries.size(1), queries.size(2));
    const std::int64_t group = heads / static_cast<std::int64_t>(lists.size());
    std::vector<at::Tensor> outputs, logSumExps;
    for (std::size_t i = 0; i < lists.size(); ++i) {
        const at::Tensor rows =
            queries.narrow(0, static_cast<std::int64_t>(i) * group, group).reshape({group * count, dim});
        at::Tensor scores = listScores(rows, firstPosition, count, lists[i], rule);
        logSumExps.push_back(at::logsumexp(scores, -1));
        at::Tensor probabilities = scores.sub_(logSumExps.back().unsqueeze(-1)).exp_();
        if (rule.window > 0) // a query may see no key of the list: −∞ − −∞
            probabilities = at::nan_to_num(probabilities, 0);
        outputs.push_back(at::matmul(probabilities, lists[i].values.to(at::kFloat)));
    }
    return {at::cat(outputs).view({heads, count, dim}), at::cat(logSumExps).view({heads, count})};
}

} // namespace headkv
