// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/RaggedAttention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/tanh.h>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

/// [R, n]: whether the key comes behind the query or lies before its window.
at::Tensor hiddenKeys(std::int64_t rows, std::int64_t firstPosition, std::int64_t each,
                      std::span<const std::int32_t> positions, std::int64_t window)
{
    const at::Tensor keys = at::from_blob(const_cast<std::int32_t *>(positions.data()),
                                          {1, static_cast<std::int64_t>(positions.size())}, at::kInt);
    const at::Tensor queries =
        at::arange(firstPosition, firstPosition + each, at::kInt).repeat({rows / each}).unsqueeze(1); // [R, 1]
    const at::Tensor distance = queries - keys;
    return window > 0 ? (distance < 0).logical_or_(distance >= window) : distance < 0;
}

bool hidesAny(std::int64_t firstPosition, std::int64_t each, std::span<const std::int32_t> positions,
              std::int64_t window)
{
    return positions.back() > firstPosition || (window > 0 && positions.front() <= firstPosition + each - 1 - window);
}

} // namespace

ListAttention attendToList(const at::Tensor &queries, std::int64_t firstPosition, std::int64_t each,
                           const RaggedList &list, const AttentionRule &rule)
{
    at::Tensor scores =
        at::matmul(queries.to(at::kFloat) * rule.scale, list.keys.to(at::kFloat).transpose(0, 1)); // [R, n]
    if (rule.softcap > 0)
        scores = at::tanh(scores / rule.softcap) * rule.softcap;
    if (list.compensated > 0)
        scores.select(1, 0).add_(std::log(static_cast<double>(list.compensated)));
    if (hidesAny(firstPosition, each, list.positions, rule.window))
        scores.masked_fill_(hiddenKeys(scores.size(0), firstPosition, each, list.positions, rule.window),
                            -std::numeric_limits<float>::infinity());
    const at::Tensor logSumExp = at::logsumexp(scores, -1);
    at::Tensor probabilities = scores.sub_(logSumExp.unsqueeze(-1)).exp_();
    if (rule.window > 0) // a query may see no key of the list: −∞ − −∞
        probabilities = at::nan_to_num(probabilities, 0);
    return {probabilities, logSumExp};
}

PartialAttention raggedAttention(const at::Tensor &queries, std::int64_t firstPosition,
                                 std::span<const RaggedList> lists, const AttentionRule &rule,
                                 const std::function<void(std::size_t, const at::Tensor &)> &visit)
{
    const auto [heads, count, dim] = std::tuple(queries.size(0), queries.size(1), queries.size(2));
    const std::int64_t group = heads / static_cast<std::int64_t>(lists.size());
    std::vector<at::Tensor> outputs, logSumExps;
    for (std::size_t i = 0; i < lists.size(); ++i) {
        const at::Tensor rows =
            queries.narrow(0, static_cast<std::int64_t>(i) * group, group).reshape({group * count, dim});
        const ListAttention attention = attendToList(rows, firstPosition, count, lists[i], rule);
        if (visit)
            visit(i, attention.probabilities);
        outputs.push_back(at::matmul(attention.probabilities, lists[i].values.to(at::kFloat)));
        logSumExps.push_back(attention.logSumExp);
    }
    return {at::cat(outputs).view({heads, count, dim}), at::cat(logSumExps).view({heads, count})};
}

} // namespace headkv
