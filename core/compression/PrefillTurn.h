// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cache/KvCache.h"
#include "core/compression/CompressionSettings.h"
#include "core/device/CacheDevice.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace headkv {

/// The tokens of a prefill in the layer that is being computed. The buffers serve one layer after another. Caches that
/// keep of the same prefill share it, and what they score by is computed once for all of them.
struct PrefillTurn
{
    struct WindowScores
    {
        at::Tensor scores;  ///< [lists, tokens]
        double seconds = 0; ///< that they took
    };
    /// What scores by the window depend on.
    using Scoring = std::tuple<Granularity, int, int, Pooling>; // window, kernel
    struct ColumnSums
    {
        std::vector<at::Tensor> sums; ///< by list, [≥ tokens]
        std::int64_t done = 0;        ///< queries that are summed
        double seconds = 0;           ///< that the last chunk took
    };

    std::int64_t tokens = 0; ///< T
    std::vector<std::int32_t> positions;
    std::int64_t window = 0;  ///< the widest that is asked for
    at::Tensor keys, values;  ///< [G, T, D]
    at::Tensor windowQueries; ///< [H, w, D]: of the last tokens
    int layer = -1;           ///< the present one, and what is there of it:
    std::int64_t done = 0;    ///< tokens
    std::map<Granularity, ColumnSums> columnSums;
    std::map<Scoring, WindowScores> windowScores;

    /// Takes the layer's next chunk, or the first of another layer.
    void take(int ofLayer, const AttentionInputs &chunk, CacheDevice &device)
    {
        const AttentionShape &shape = device.shape();
        if (!keys.defined() || keys.device() != device.whole().device()) {
            keys = at::empty({shape.kvHeads, tokens, shape.dim}, device.whole());
            values = at::empty_like(keys);
            windowQueries = at::empty({shape.queryHeads, std::min(window, tokens), shape.dim}, device.whole());
        }
        if (layer != ofLayer) {
            layer = ofLayer;
            done = 0;
            columnSums.clear();
            windowScores.clear();
        }
        device.store(chunk, keys, values, done);
        const std::int64_t first = tokens - windowQueries.size(1);          // of the window
        const std::int64_t begin = std::max(first - done, std::int64_t{0}); // in the chunk
        if (begin < chunk.tokens)
            windowQueries.narrow(1, done + begin - first, chunk.tokens - begin)
                .copy_(device.byHead(chunk.queries, chunk.tokens, shape.queryHeads)
                           .narrow(1, begin, chunk.tokens - begin));
        done += chunk.tokens;
    }

    [[nodiscard]] std::uint64_t bytes() const { return keys.defined() ? keys.nbytes() + values.nbytes() : 0; }
    /// [H, w, D], of the last w tokens.
    [[nodiscard]] at::Tensor lastQueries(std::int64_t count) const
    {
        count = std::min(count, tokens);
        return windowQueries.narrow(1, windowQueries.size(1) - count, count);
    }
};

} // namespace headkv
