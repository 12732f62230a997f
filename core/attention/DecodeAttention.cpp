// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/DecodeAttention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>
#include <algorithm>

namespace headkv {

DecodeAttention decodeAttention(const at::Tensor &query, const at::Tensor &keys, const at::Tensor &values,
                                const AttentionRule &rule)
{
    const auto [heads, dim] = std::pair(query.size(0), query.size(1));
    const std::int64_t groups = keys.size(0);
    const std::int64_t seen = rule.window > 0 ? std::min(rule.window, keys.size(1)) : keys.size(1);
    const std::int64_t hidden = keys.size(1) - seen;
    const at::Tensor scaled = query.to(at::kFloat) * rule.scale;
    at::Tensor scores = at::bmm(scaled.view({groups, heads / groups, dim}),
                                keys.narrow(1, hidden, seen).to(at::kFloat).transpose(1, 2)); // [G, g, seen]
    if (rule.softcap > 0)
        scores = at::tanh(scores / rule.softcap) * rule.softcap;
    const at::Tensor probabilities = at::softmax(scores, -1);
    const at::Tensor output = at::bmm(probabilities, values.narrow(1, hidden, seen).to(at::kFloat)); // [G, g, D]
    const at::Tensor rows = probabilities.view({heads, seen});
    return {output.view({heads, dim}).to(query.scalar_type()),
            hidden == 0 ? rows : at::constant_pad_nd(rows, {hidden, 0})};
}

} // namespace headkv
