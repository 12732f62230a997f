// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/TokenScores.h"

#include <ATen/ops/avg_pool1d.h>
#include <ATen/ops/max_pool1d.h>
#include <ATen/ops/softmax.h>
#include <algorithm>

namespace headkv {

namespace {

/// Queries whose rows [h·block, n] are held at once.
constexpr std::int64_t rowBlock = 64;

at::Tensor pool(const at::Tensor &scores, const CompressionSettings &settings)
{
    const at::Tensor row = scores.view({1, 1, -1});
    const std::int64_t kernel = settings.kernel, padding = kernel / 2;
    const at::Tensor pooled = settings.pooling == Pooling::Max ? at::max_pool1d(row, kernel, 1, padding)
                                                               : at::avg_pool1d(row, kernel, 1, padding);
    return pooled.contiguous();
}

} // namespace

std::vector<float> windowScores(const at::Tensor &queries, std::int64_t firstPosition, const RaggedList &list,
                                const AttentionRule &rule, const CompressionSettings &settings)
{
    const std::int64_t count = queries.size(1);
    const at::Tensor rows =
        at::softmax(listScores(queries.reshape({-1, queries.size(2)}), firstPosition, count, list, rule), -1);
    const at::Tensor mean = rows.mean(0).narrow(0, 0, rows.size(1) - *settings.window);
    const at::Tensor scores = pool(mean, settings);
    return {scores.const_data_ptr<float>(), scores.const_data_ptr<float>() + scores.numel()};
}

void addColumnSums(at::Tensor &sums, const at::Tensor &queries, std::int64_t firstPosition, const RaggedList &list,
                   const AttentionRule &rule)
{
    const auto heads = static_cast<double>(queries.size(0));
    for (std::int64_t begin = 0; begin < queries.size(1); begin += rowBlock) {
        const std::int64_t count = std::min(rowBlock, queries.size(1) - begin);
        const at::Tensor block = queries.narrow(1, begin, count).reshape({-1, queries.size(2)});
        const at::Tensor rows = at::softmax(listScores(block, firstPosition + begin, count, list, rule), -1);
        sums.narrow(0, 0, rows.size(1)).add_(rows.sum(0), 1 / heads);
    }
}

} // namespace headkv
