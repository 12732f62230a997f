// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/OnlineSoftmax.h"
#include "core/cuda/TensorCore.cuh"
#include "core/cuda/TokenOrder.h"

namespace headkv::cuda {

/// What the kernels of the window's scores get; see WindowScoreArguments. A list's rows are its heads' queries: row
/// h·window + t is head h's query of the window's token t. Sixteen are a tile.
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
    int mostEntries, keyTiles, rowTiles;
    int sets;          ///< of 16-bit numbers that a query is the sum of
    uint4 *queryWords; ///< [lists, rowTiles, sets, D / 16, 32] left matrices of the products
    SoftmaxSum *parts; ///< [lists, keyTiles, rows]
    SoftmaxSum *rows;  ///< [lists, rows]; the sums' inverses
    float *means;      ///< [lists, mostEntries]
    float *scores;     ///< [lists, mostEntries]
};

/// A block's 128 keys in shared memory. Two warps take a tile of rows, each with 64 keys: a part.
template <class Element>
struct ScoreTile
{
    static constexpr int threads = 128, keys = 128, keysOfPart = 64, mostSets = 3, mostDim = 256;

    const ScoreParameters &p;
    uint4 *shared; ///< [key][D / 8 + 1]
    int list, length, firstKey, thread, lane, half, chunks, rows;

    HEADKV_DEVICE ScoreTile(const ScoreParameters &parameters, unsigned char *memory)
        : p(parameters)
        , shared(reinterpret_cast<uint4 *>(memory))
        , list(static_cast<int>(blockIdx.y))
        , length(parameters.lengths[list])
        , firstKey(static_cast<int>(blockIdx.x) * keys)
        , thread(static_cast<int>(threadIdx.x))
        , lane(thread % 32)
        , half(thread / 32 % 2)
        , chunks(parameters.dim / 8)
        , rows(parameters.group * parameters.window)
    {}

    static constexpr std::size_t bytesOf(int dim) { return static_cast<std::size_t>(keys) * (dim / 8 + 1) * 16; }
    HEADKV_DEVICE int firstRowTile() const { return thread / 64; }
    HEADKV_DEVICE int rowAt(int rowTile, int r) const { return rowTile * 16 + lane / 4 + r * 8; }
    HEADKV_DEVICE int keyAt(int n, int j) const { return firstKey + half * keysOfPart + n * 8 + lane % 4 * 2 + j; }

    HEADKV_DEVICE void load()
    {
        const uint4 *source = static_cast<const uint4 *>(p.keys) + (p.offsets[list] + firstKey) * chunks;
        int row = thread / chunks, chunk = thread % chunks;
        const int rowStep = threads / chunks, chunkStep = threads % chunks;
        while (row < keys) {
            const bool exists = firstKey + row < length;
            copyLater(shared + row * (chunks + 1) + chunk, exists ? source + row * chunks + chunk : source, exists);
            row += rowStep;
            chunk += chunkStep;
            if (chunk >= chunks) {
                chunk -= chunks;
                ++row;
            }
        }
        closeCopies();
        waitForCopies<0>();
        __syncthreads();
    }

    /// Scores of a tile of rows and the warp's keys, −∞ where a query does not see a key or there is none: of the
    /// lane's row r and key j of eight n at [n][2·r + j].
    HEADKV_DEVICE void score(int rowTile, float (&scores)[8][4]) const
    {
        HEADKV_UNROLL
        for (int i = 0; i < 32; ++i)
            scores[i / 4][i % 4] = 0;
        const int stride = chunks + 1, steps = chunks / 2;
        const uint4 *row = shared + (half * keysOfPart + lane / 16 * 8 + lane % 8) * stride + lane / 8 % 2;
        const uint4 *left =
            p.queryWords + (static_cast<std::int64_t>(list) * p.rowTiles + rowTile) * p.sets * steps * 32 + lane;
        HEADKV_UNROLL_BY(4)
        for (int step = 0; step < steps; ++step) {
            uint4 right[4];
            HEADKV_UNROLL
            for (int k = 0; k < 4; ++k)
                right[k] = loadMatrices(row + k * 16 * stride + step * 2);
            HEADKV_UNROLL_BY(1)
            for (int set = 0; set < p.sets; ++set) {
                const uint4 words = left[(set * steps + step) * 32];
                HEADKV_UNROLL
                for (int k = 0; k < 4; ++k) {
                    multiplyMatrices<Element>(scores[2 * k], words, right[k].x, right[k].y);
                    multiplyMatrices<Element>(scores[2 * k + 1], words, right[k].z, right[k].w);
                }
            }
        }
        finish(rowTile, scores);
    }

    HEADKV_DEVICE void finish(int rowTile, float (&scores)[8][4]) const
    {
        const float factor = queryFactor(p.scale, p.softcap) / queryShift(p);
        const float bonus = firstKey == 0 && p.compensated != nullptr ? compensationOf(p.compensated[list]) : 0;
        HEADKV_UNROLL
        for (int r = 0; r < 2; ++r) {
            const int row = rowAt(rowTile, r), query = length - p.window + row % p.window; // its entry
            HEADKV_UNROLL
            for (int i = 0; i < 16; ++i) {
                const int key = keyAt(i / 2, i % 2);
                float &score = scores[i / 2][2 * r + i % 2];
                score = row < rows && isSeen(query, key) ? scoreOf(score * factor, p.softcap) + (key == 0 ? bonus : 0)
                                                         : negativeInfinity;
            }
        }
    }

    HEADKV_DEVICE bool isSeen(int query, int key) const
    {
        if (key > query || p.slidingWindow <= 0)
            return key <= query;
        const std::int32_t *positions = p.positions != nullptr ? p.positions + p.offsets[list] : nullptr;
        return positions != nullptr ? positions[query] - positions[key] < p.slidingWindow
                                    : query - key < p.slidingWindow;
    }

    HEADKV_HOST_DEVICE static bool isExact(const ScoreParameters &p)
    {
        return p.activations == static_cast<int>(Element::type);
    }
    HEADKV_HOST_DEVICE static int setsOf(const ScoreParameters &p)
    {
        return isExact(p) ? 1 : Element::type == Type::Float16 ? 2 : 3;
    }
    /// What keeps great queries in the range of half precision.
    HEADKV_DEVICE static float queryShift(const ScoreParameters &p)
    {
        return Element::type == Type::Float16 && !isExact(p) ? 1.0F / 16 : 1.0F;
    }
};

/// Queries as sums of 16-bit numbers, where the products want them. A thread a word; blockIdx.y is the list.
template <class Element>
__global__ void __launch_bounds__(128) splitQueriesKernel(HEADKV_PARAMETER ScoreParameters p)
{
    waitForEarlierKernels();
    const int index = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x), steps = p.dim / 16;
    const int lane = index % 32, step = index / 32 % steps, rowTile = index / 32 / steps;
    const int rows = p.group * p.window, list = static_cast<int>(blockIdx.y);
    if (rowTile >= p.rowTiles)
        return;
    float values[2][4];
    HEADKV_UNROLL
    for (int i = 0; i < 8; ++i) {
        const int row = rowTile * 16 + lane / 4 + i / 4 * 8, d = step * 16 + lane % 4 * 2 + i % 4 / 2 * 8 + i % 2;
        const std::int64_t at = (static_cast<std::int64_t>(list) * rows + row) * p.dim + d;
        values[i / 4][i % 4] = row < rows ? loadElement(p.queries, static_cast<Type>(p.activations), at) *
                                                ScoreTile<Element>::queryShift(p)
                                          : 0;
    }
    uint4 *words = p.queryWords + (static_cast<std::int64_t>(list) * p.rowTiles + rowTile) * p.sets * steps * 32;
    for (int set = 0; set < p.sets; ++set) {
        uint4 &word = words[(set * steps + step) * 32 + lane];
        word.x = splitOff<Element>(values[0][0], values[0][1]);
        word.y = splitOff<Element>(values[1][0], values[1][1]);
        word.z = splitOff<Element>(values[0][2], values[0][3]);
        word.w = splitOff<Element>(values[1][2], values[1][3]);
    }
}

/// The softmax sums of each row over parts of keys. Grid: key tiles, lists.
template <class Element>
__global__ void __launch_bounds__(128) scorePartsKernel(HEADKV_PARAMETER ScoreParameters p)
{
    waitForEarlierKernels();
    ScoreTile<Element> tile(p, dynamicShared());
    if (tile.firstKey >= tile.length || tile.length <= p.window)
        return;
    tile.load();
    SoftmaxSum *parts =
        p.parts + (static_cast<std::int64_t>(tile.list) * p.keyTiles + blockIdx.x * 2 + tile.half) * tile.rows;
    HEADKV_UNROLL_BY(1)
    for (int rowTile = tile.firstRowTile(); rowTile < p.rowTiles; rowTile += 2) {
        float scores[8][4];
        tile.score(rowTile, scores);
        HEADKV_UNROLL
        for (int r = 0; r < 2; ++r) {
            SoftmaxSum part;
            HEADKV_UNROLL
            for (int i = 0; i < 16; ++i)
                part.greatest = fmaxf(part.greatest, scores[i / 2][2 * r + i % 2]);
            part.greatest = fmaxf(part.greatest, __shfl_xor_sync(allLanes, part.greatest, 1));
            part.greatest = fmaxf(part.greatest, __shfl_xor_sync(allLanes, part.greatest, 2));
            HEADKV_UNROLL
            for (int i = 0; i < 16; ++i)
                part.sum += rescaling(scores[i / 2][2 * r + i % 2], part.greatest);
            part.sum += __shfl_xor_sync(allLanes, part.sum, 1);
            part.sum += __shfl_xor_sync(allLanes, part.sum, 2);
            if (tile.lane % 4 == 0 && tile.rowAt(rowTile, r) < tile.rows)
                parts[tile.rowAt(rowTile, r)] = part;
        }
    }
}

/// Joins rows' parts: a lane a row, and the warps share out the parts. Grid: rows / 32, lists; eight warps.
__global__ void __launch_bounds__(256) joinScorePartsKernel(HEADKV_PARAMETER ScoreParameters p)
{
    waitForEarlierKernels();
    HEADKV_SHARED float2 sums[256];
    const int list = static_cast<int>(blockIdx.y), thread = static_cast<int>(threadIdx.x), length = p.lengths[list];
    const int rows = p.group * p.window, row = static_cast<int>(blockIdx.x) * 32 + thread % 32;
    if (length <= p.window)
        return;
    const int parts = (length + ScoreTile<BFloat16>::keysOfPart - 1) / ScoreTile<BFloat16>::keysOfPart;
    SoftmaxSum all;
    float a = 0, b = 0;
    HEADKV_UNROLL_BY(8)
    for (int i = thread / 32; row < rows && i < parts; i += 8)
        all = join(all, p.parts[(static_cast<std::int64_t>(list) * p.keyTiles + i) * rows + row], a, b);
    sums[thread] = {all.greatest, all.sum};
    __syncthreads();
    if (thread >= 32 || row >= rows)
        return;
    for (int warp = 1; warp < 8; ++warp)
        all = join(all, {sums[warp * 32 + thread].x, sums[warp * 32 + thread].y}, a, b);
    all.sum = 1 / all.sum;
    p.rows[static_cast<std::int64_t>(list) * rows + row] = all;
}

/// The mean over rows of a tile of keys' weights. Grid: key tiles, lists.
template <class Element>
__global__ void __launch_bounds__(128) scoreMeansKernel(HEADKV_PARAMETER ScoreParameters p)
{
    waitForEarlierKernels();
    HEADKV_SHARED float sums[ScoreTile<Element>::keys];
    ScoreTile<Element> tile(p, dynamicShared());
    if (tile.firstKey >= tile.length - p.window)
        return;
    tile.load();
    float columns[16];
    HEADKV_UNROLL
    for (float &column : columns)
        column = 0;
    HEADKV_UNROLL_BY(1)
    for (int rowTile = tile.firstRowTile(); rowTile < p.rowTiles; rowTile += 2) {
        float scores[8][4];
        tile.score(rowTile, scores);
        HEADKV_UNROLL
        for (int r = 0; r < 2; ++r) {
            const int row = tile.rowAt(rowTile, r);
            if (row >= tile.rows)
                continue;
            const SoftmaxSum all = p.rows[static_cast<std::int64_t>(tile.list) * tile.rows + row];
            HEADKV_UNROLL
            for (int i = 0; i < 16; ++i)
                columns[i] += rescaling(scores[i / 2][2 * r + i % 2], all.greatest) * all.sum;
        }
    }
    HEADKV_UNROLL
    for (int i = 0; i < 16; ++i) {
        HEADKV_UNROLL
        for (int mask = 4; mask < 32; mask *= 2)
            columns[i] += __shfl_xor_sync(allLanes, columns[i], mask);
        if (tile.lane < 4 && tile.firstRowTile() == 1)
            sums[tile.keyAt(i / 2, i % 2) - tile.firstKey] = columns[i];
    }
    __syncthreads();
    HEADKV_UNROLL
    for (int i = 0; i < 16; ++i) {
        const int key = tile.keyAt(i / 2, i % 2);
        if (tile.lane < 4 && tile.firstRowTile() == 0 && key < tile.length - p.window)
            p.means[static_cast<std::int64_t>(tile.list) * p.mostEntries + key] =
                (columns[i] + sums[key - tile.firstKey]) / static_cast<float>(tile.rows);
    }
}

/// A thread a token; blockIdx.y is the list.
__global__ void __launch_bounds__(256) poolScoresKernel(HEADKV_PARAMETER ScoreParameters p)
{
    waitForEarlierKernels();
    const int list = static_cast<int>(blockIdx.y), count = p.lengths[list] - p.window;
    const int token = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const std::int64_t row = static_cast<std::int64_t>(list) * p.mostEntries;
    if (token < count)
        p.scores[row + token] = pooledScore(p.means + row, count, token, p.kernel, p.average != 0);
}

} // namespace headkv::cuda
