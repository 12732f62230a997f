// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/TokenScores.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool1d.h>
#include <ATen/ops/max_pool1d.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <limits>

namespace headkv {

namespace {

/// Queries whose rows [h·block, n] are held at once: as many as a cache holds well; on an accelerator more, for each
/// block is several launches.
std::int64_t rowBlock(const at::Tensor &queries) { return queries.is_cpu() ? 64 : 1024; }

at::Tensor pool(const at::Tensor &scores, const CompressionSettings &settings)
{
    const at::Tensor row = scores.view({1, 1, -1});
    const std::int64_t kernel = settings.kernel, padding = kernel / 2;
    const at::Tensor pooled = settings.pooling == Pooling::Max ? at::max_pool1d(row, kernel, 1, padding)
                                                               : at::avg_pool1d(row, kernel, 1, padding);
    return pooled.contiguous();
}

} // namespace

at::Tensor windowScores(const at::Tensor &queries, std::int64_t firstPosition, const RaggedList &list,
                        const AttentionRule &rule, const CompressionSettings &settings)
{
    at::Tensor sums = at::zeros({std::ssize(list.positions)}, list.keys.options().dtype(at::kFloat));
    addColumnSums(sums, queries, firstPosition, list, rule);
    const at::Tensor mean = (sums / queries.size(1)).narrow(0, 0, sums.size(0) - *settings.window);
    // No order holds with what is no number: such a token comes last.
    return at::nan_to_num(pool(mean, settings), -std::numeric_limits<double>::infinity()).view(-1);
}

void addColumnSums(at::Tensor &sums, const at::Tensor &queries, std::int64_t firstPosition, const RaggedList &list,
                   const AttentionRule &rule)
{
    const auto heads = static_cast<double>(queries.size(0));
    const std::int64_t step = rowBlock(queries);
    for (std::int64_t begin = 0; begin < queries.size(1); begin += step) {
        const std::int64_t count = std::min(step, queries.size(1) - begin);
        const at::Tensor block = queries.narrow(1, begin, count).reshape({-1, queries.size(2)});
        const at::Tensor rows = at::softmax(listScores(block, firstPosition + begin, count, list, rule), -1);
        sums.narrow(0, 0, rows.size(1)).add_(rows.sum(0), 1 / heads);
    }
}

} // namespace headkv
