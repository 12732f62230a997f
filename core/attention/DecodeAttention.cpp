// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/DecodeAttention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/softmax.h>
#include <cmath>

namespace headkv {

DecodeAttention decodeAttention(const at::Tensor &query, const at::Tensor &keys, const at::Tensor &values)
{
    const auto [heads, dim] = std::pair(query.size(0), query.size(1));
    const std::int64_t groups = keys.size(0);
    const at::Tensor scaled = query.to(at::kFloat) * (1 / std::sqrt(static_cast<double>(dim)));
    const at::Tensor scores =
        at::bmm(scaled.view({groups, heads / groups, dim}), keys.to(at::kFloat).transpose(1, 2)); // [G, g, n]
    const at::Tensor probabilities = at::softmax(scores, -1);
    const at::Tensor output = at::bmm(probabilities, values.to(at::kFloat)); // [G, g, D]
    return {output.view({heads, dim}).to(query.scalar_type()), probabilities.view({heads, keys.size(1)})};
}

} // namespace headkv
