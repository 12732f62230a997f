// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Device.cuh"
#include "core/cuda/Elements.h"
#include "core/cuda/OnlineSoftmax.h"
#include "core/cuda/TokenOrder.h"

namespace headkv::cuda {

/// What the kernels of the window's scores get; see WindowScoreArguments. A list's rows are its heads' queries: row
/// h·window + t is head h's query of the window's token t.
struct ScoreParameters
{
    const void *keys, *queries;
    const std::int64_t *offsets;
    const std::int32_t *lengths, *positions, *compensated;
    int activations; ///< a Type
    int dim, lists, group, window;
    float scale, softcap;
    int slidingWindow, kernel;
    int average; ///< else the greatest
    int mostEntries, keyTiles;
    SoftmaxSum *parts; ///< [lists, rows, keyTiles]
    SoftmaxSum *rows;  ///< [lists, rows]
    float *means;      ///< [lists, mostEntries]
    float *scores;     ///< [lists, mostEntries]
};

/// A block's 32 rows × 128 keys of scores; a warp has four rows, a thread four keys of each.
template <class Element>
struct ScoreTile
{
    static constexpr int threads = 256, rows = 32, keys = 128, depth = 16;
    static constexpr int queryStride = rows + 4, keyStride = keys + 4; ///< apart in banks, aligned to 16 bytes

    struct Shared
    {
        float queries[depth * queryStride], keys[depth * keyStride];
    };

    const ScoreParameters &p;
    Shared &shared;
    int list, length, firstKey, thread;

    HEADKV_DEVICE ScoreTile(const ScoreParameters &parameters, Shared &memory, int listOfBlock, int keyTile)
        : p(parameters)
        , shared(memory)
        , list(listOfBlock)
        , length(parameters.lengths[listOfBlock])
        , firstKey(keyTile * keys)
        , thread(static_cast<int>(threadIdx.x))
    {}

    HEADKV_DEVICE int rowAt(int firstRow, int i) const { return firstRow + thread / 32 * 4 + i; }
    HEADKV_DEVICE int keyAt(int j) const { return firstKey + thread % 32 * 4 + j; }

    HEADKV_DEVICE void load(int firstRow, int firstDim)
    {
        const float factor = queryFactor(p.scale, p.softcap);
        for (int i = thread; i < rows * depth; i += threads) {
            const int row = i / depth, d = i % depth;
            const std::int64_t at = (static_cast<std::int64_t>(list) * p.group * p.window + firstRow + row) * p.dim;
            const bool exists = firstRow + row < p.group * p.window;
            const float value =
                exists ? loadElement(p.queries, static_cast<Type>(p.activations), at + firstDim + d) : 0;
            shared.queries[d * queryStride + row] = value * factor;
        }
        const int key = thread % keys, half = thread / keys * 8;
        uint4 words = {0, 0, 0, 0};
        if (firstKey + key < length)
            words =
                static_cast<const uint4 *>(p.keys)[((p.offsets[list] + firstKey + key) * p.dim + firstDim + half) / 8];
        float values[8];
        Element::unpack(words.x, values[0], values[1]);
        Element::unpack(words.y, values[2], values[3]);
        Element::unpack(words.z, values[4], values[5]);
        Element::unpack(words.w, values[6], values[7]);
        HEADKV_UNROLL
        for (int i = 0; i < 8; ++i)
            shared.keys[(half + i) * keyStride + key] = values[i];
    }

    /// Scores of rows [firstRow, firstRow + 32), −∞ where a query does not see a key or there is none.
    HEADKV_DEVICE void score(int firstRow, float (&scores)[4][4])
    {
        HEADKV_UNROLL
        for (int i = 0; i < 16; ++i)
            scores[i / 4][i % 4] = 0;
        for (int firstDim = 0; firstDim < p.dim; firstDim += depth) {
            load(firstRow, firstDim);
            __syncthreads();
            HEADKV_UNROLL
            for (int d = 0; d < depth; ++d) {
                const float4 q = *reinterpret_cast<const float4 *>(shared.queries + d * queryStride + thread / 32 * 4);
                const float4 k = *reinterpret_cast<const float4 *>(shared.keys + d * keyStride + thread % 32 * 4);
                addProducts(q.x, k, scores[0]);
                addProducts(q.y, k, scores[1]);
                addProducts(q.z, k, scores[2]);
                addProducts(q.w, k, scores[3]);
            }
            __syncthreads(); // before the next are loaded
        }
        const float bonus = p.compensated != nullptr ? compensationOf(p.compensated[list]) : 0;
        HEADKV_UNROLL
        for (int i = 0; i < 4; ++i)
            HEADKV_UNROLL
        for (int j = 0; j < 4; ++j)
            scores[i][j] = isSeen(rowAt(firstRow, i), keyAt(j))
                               ? scoreOf(scores[i][j], p.softcap) + (keyAt(j) == 0 ? bonus : 0)
                               : negativeInfinity;
    }

    HEADKV_DEVICE static void addProducts(float q, const float4 &k, float (&sums)[4])
    {
        sums[0] = fmaf(q, k.x, sums[0]);
        sums[1] = fmaf(q, k.y, sums[1]);
        sums[2] = fmaf(q, k.z, sums[2]);
        sums[3] = fmaf(q, k.w, sums[3]);
    }

    HEADKV_DEVICE bool isSeen(int row, int key) const
    {
        const int query = length - p.window + row % p.window; // its entry
        if (row >= p.group * p.window || key > query)
            return false;
        if (p.slidingWindow <= 0)
            return true;
        const std::int32_t *positions = p.positions != nullptr ? p.positions + p.offsets[list] : nullptr;
        return positions != nullptr ? positions[query] - positions[key] < p.slidingWindow
                                    : query - key < p.slidingWindow;
    }
};

/// The softmax sums of each row over a tile of keys. Grid: key tiles, row tiles, lists.
template <class Element>
__global__ void __launch_bounds__(256) scorePartsKernel(HEADKV_PARAMETER ScoreParameters p)
{
    using Tile = ScoreTile<Element>;
    HEADKV_SHARED unsigned char memory[sizeof(typename Tile::Shared)];
    const int list = static_cast<int>(blockIdx.z);
    Tile tile(p, *reinterpret_cast<typename Tile::Shared *>(memory), list, static_cast<int>(blockIdx.x));
    if (tile.firstKey >= tile.length || tile.length <= p.window)
        return;
    const int firstRow = static_cast<int>(blockIdx.y) * Tile::rows;
    float scores[4][4];
    tile.score(firstRow, scores);
    HEADKV_UNROLL
    for (int i = 0; i < 4; ++i) {
        SoftmaxSum part;
        part.greatest = fmaxf(fmaxf(scores[i][0], scores[i][1]), fmaxf(scores[i][2], scores[i][3]));
        HEADKV_UNROLL
        for (int mask = 16; mask > 0; mask /= 2)
            part.greatest = fmaxf(part.greatest, __shfl_xor_sync(allLanes, part.greatest, mask));
        HEADKV_UNROLL
        for (int j = 0; j < 4; ++j)
            part.sum += rescaling(scores[i][j], part.greatest);
        HEADKV_UNROLL
        for (int mask = 16; mask > 0; mask /= 2)
            part.sum += __shfl_xor_sync(allLanes, part.sum, mask);
        const int row = tile.rowAt(firstRow, i), rows = p.group * p.window;
        if (tile.thread % 32 == 0 && row < rows)
            p.parts[(static_cast<std::int64_t>(list) * rows + row) * p.keyTiles + blockIdx.x] = part;
    }
}

/// Joins a row's parts. Grid: rows, lists; a warp a block.
__global__ void __launch_bounds__(32) joinScorePartsKernel(HEADKV_PARAMETER ScoreParameters p)
{
    const int list = static_cast<int>(blockIdx.y), lane = static_cast<int>(threadIdx.x), length = p.lengths[list];
    if (length <= p.window)
        return;
    const int tiles = (length + ScoreTile<BFloat16>::keys - 1) / ScoreTile<BFloat16>::keys;
    const std::int64_t row = static_cast<std::int64_t>(list) * p.group * p.window + blockIdx.x;
    SoftmaxSum all;
    float a = 0, b = 0;
    for (int i = lane; i < tiles; i += 32)
        all = join(all, p.parts[row * p.keyTiles + i], a, b);
    HEADKV_UNROLL
    for (int mask = 16; mask > 0; mask /= 2) {
        const SoftmaxSum other = {__shfl_xor_sync(allLanes, all.greatest, mask),
                                  __shfl_xor_sync(allLanes, all.sum, mask)};
        all = join(all, other, a, b);
    }
    if (lane == 0)
        p.rows[row] = all;
}

/// The mean over rows of a tile of keys' weights. Grid: key tiles, lists.
template <class Element>
__global__ void __launch_bounds__(256) scoreMeansKernel(HEADKV_PARAMETER ScoreParameters p)
{
    using Tile = ScoreTile<Element>;
    HEADKV_SHARED unsigned char memory[sizeof(typename Tile::Shared)];
    HEADKV_SHARED float sums[Tile::threads / 32 * Tile::keys];
    const int list = static_cast<int>(blockIdx.y);
    Tile tile(p, *reinterpret_cast<typename Tile::Shared *>(memory), list, static_cast<int>(blockIdx.x));
    if (tile.firstKey >= tile.length - p.window)
        return;
    const int rows = p.group * p.window;
    float columns[4] = {0, 0, 0, 0};
    for (int firstRow = 0; firstRow < rows; firstRow += Tile::rows) {
        float scores[4][4];
        tile.score(firstRow, scores);
        HEADKV_UNROLL
        for (int i = 0; i < 4; ++i) {
            const int row = tile.rowAt(firstRow, i);
            if (row >= rows)
                continue;
            const SoftmaxSum all = p.rows[static_cast<std::int64_t>(list) * rows + row];
            HEADKV_UNROLL
            for (int j = 0; j < 4; ++j)
                columns[j] += rescaling(scores[i][j], all.greatest) / all.sum;
        }
    }
    HEADKV_UNROLL
    for (int j = 0; j < 4; ++j)
        sums[tile.thread / 32 * Tile::keys + tile.thread % 32 * 4 + j] = columns[j];
    __syncthreads();
    const int key = tile.firstKey + tile.thread;
    if (tile.thread < Tile::keys && key < tile.length - p.window) {
        float sum = 0;
        for (int warp = 0; warp < Tile::threads / 32; ++warp)
            sum += sums[warp * Tile::keys + tile.thread];
        p.means[static_cast<std::int64_t>(list) * p.mostEntries + key] = sum / static_cast<float>(rows);
    }
}

/// A thread a token; blockIdx.y is the list.
__global__ void poolScoresKernel(HEADKV_PARAMETER ScoreParameters p)
{
    const int list = static_cast<int>(blockIdx.y), count = p.lengths[list] - p.window;
    const int token = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const std::int64_t row = static_cast<std::int64_t>(list) * p.mostEntries;
    if (token < count)
        p.scores[row + token] = pooledScore(p.means + row, count, token, p.kernel, p.average != 0);
}

} // namespace headkv::cuda
