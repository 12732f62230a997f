// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/OnlineSoftmax.h"
#include "core/cuda/TensorCore.cuh"

namespace headkv::cuda {

/// One warp's attention of up to `Queries` heads over its share of a list's entries, on tensor cores. Queries and
/// weights are float32, each as a sum of 16-bit numbers, so that little is lost: with 8 heads, rows 8 to 15 of the left
/// matrix hold what rows 0 to 7 lack; with 16, that is a matrix of its own.
///
/// Keys and values come through a ring of items in shared memory: a tile's keys, its values, the next one's keys …
template <class Element, int Dim, int Queries>
struct DecodeWarp
{
    static constexpr bool folded = Queries == 8;
    static constexpr int keys = Dim <= 96 ? 32 : 16; ///< a tile's
    static constexpr int chunks = Dim / 8;           ///< a row's 16 bytes
    static constexpr int stride = chunks + 1;        ///< odd, so that eight rows lie in different banks
    static constexpr int itemWords = keys * stride;
    static constexpr int steps = Dim / 16;
    static constexpr int mostSets = folded ? 2 : 3;
    static constexpr int queryWords = mostSets * steps * 32;
    static constexpr int fixedBytes = queryWords * 16 + 6400;
    /// So that four warps fit into what every device has.
    static constexpr int stages = smaller(6, (101376 - fixedBytes) / (4 * itemWords * 16));
    static constexpr int rows = folded ? 1 : 2; ///< heads of which a lane has scores
    static_assert(stages >= 2 && keys * chunks % 32 == 0);

    const uint4 *keyRows, *valueRows; ///< of the list
    const uint4 *queries;             ///< shared: [set][step][lane]
    uint4 *ring;                      ///< shared: [stages][key][stride]
    int sets, warp, warps, lane;
    int first, last;     ///< the part's entries
    float factor, bonus; ///< of scores, and for entry 0
    float softcap;
    int fetched = 0, fetchSlot = 0, slot = 0;
    float sums[Dim / 8][4];
    SoftmaxSum softmax[rows];

    HEADKV_DEVICE int entryOf(int tile) const { return first + (tile * warps + warp) * keys; }

    HEADKV_DEVICE void fetch()
    {
        const int entry = entryOf(fetched / 2);
        if (entry < last) {
            const uint4 *source = (fetched % 2 == 0 ? keyRows : valueRows) + std::int64_t{entry} * chunks;
            const int existing = (last - entry) * chunks;
            uint4 *target = ring + fetchSlot * itemWords;
            HEADKV_UNROLL
            for (int n = 0; n < keys * chunks / 32; ++n) {
                const int i = lane + n * 32;
                copyLater(target + i + i / chunks, i < existing ? source + i : source, i < existing);
            }
        }
        closeCopies();
        ++fetched;
        fetchSlot = fetchSlot + 1 == stages ? 0 : fetchSlot + 1;
    }

    HEADKV_DEVICE void startFetching()
    {
        HEADKV_UNROLL
        for (int i = 0; i < stages - 1; ++i)
            fetch();
    }

    /// Waits for the next item, and lets another be fetched to where the one before it was.
    HEADKV_DEVICE const uint4 *next()
    {
        waitForCopies<stages - 2>();
        __syncwarp();
        fetch();
        const uint4 *item = ring + slot * itemWords;
        slot = slot + 1 == stages ? 0 : slot + 1;
        return item;
    }

    HEADKV_DEVICE void attend()
    {
        HEADKV_UNROLL
        for (int i = 0; i < Dim / 2; ++i)
            sums[i / 4][i % 4] = 0;
        HEADKV_UNROLL_BY(1)
        for (int tile = 0; entryOf(tile) < last; ++tile) {
            float scores[rows][keys / 4];
            scoreKeys(next(), scores);
            weigh(scores, entryOf(tile));
            addValues(next(), scores);
        }
        waitForCopies<0>();
        HEADKV_UNROLL
        for (int r = 0; r < rows; ++r) {
            softmax[r].sum += __shfl_xor_sync(allLanes, softmax[r].sum, 1);
            softmax[r].sum += __shfl_xor_sync(allLanes, softmax[r].sum, 2);
        }
        HEADKV_UNROLL
        for (int n = 0; folded && n < Dim / 8; ++n) {
            sums[n][0] += sums[n][2];
            sums[n][1] += sums[n][3];
        }
    }

    /// Of row r of the lane's (heads l/4 and l/4 + 8): keys 8·n + 2·(l%4) and + 1 at 2·n and + 1.
    HEADKV_DEVICE void scoreKeys(const uint4 *item, float (&scores)[rows][keys / 4]) const
    {
        float products[keys / 8][4];
        HEADKV_UNROLL
        for (int i = 0; i < keys / 2; ++i)
            products[i / 4][i % 4] = 0;
        const uint4 *row = item + (lane / 16 * 8 + lane % 8) * stride + lane / 8 % 2;
        HEADKV_UNROLL
        for (int step = 0; step < steps; ++step) {
            uint4 right[keys / 16];
            HEADKV_UNROLL
            for (int k = 0; k < keys / 16; ++k)
                right[k] = loadMatrices(row + k * 16 * stride + step * 2);
            HEADKV_UNROLL
            for (int set = 0; set < mostSets; ++set) {
                if (set > 0 && set >= sets)
                    continue;
                const uint4 left = queries[(set * steps + step) * 32 + lane];
                HEADKV_UNROLL
                for (int k = 0; k < keys / 16; ++k) {
                    multiplyMatrices<Element>(products[2 * k], left, right[k].x, right[k].y);
                    multiplyMatrices<Element>(products[2 * k + 1], left, right[k].z, right[k].w);
                }
            }
        }
        HEADKV_UNROLL
        for (int n = 0; n < keys / 8; ++n)
            HEADKV_UNROLL
        for (int i = 0; i < 2; ++i) {
            scores[0][2 * n + i] = folded ? products[n][i] + products[n][i + 2] : products[n][i];
            if (!folded)
                scores[rows - 1][2 * n + i] = products[n][i + 2];
        }
    }

    /// Turns scores into weights against the greatest so far, to which it brings the sums.
    HEADKV_DEVICE void weigh(float (&scores)[rows][keys / 4], int entry)
    {
        float factors[rows];
        bool isGreater = false;
        HEADKV_UNROLL
        for (int r = 0; r < rows; ++r) {
            float greatest = softmax[r].greatest;
            HEADKV_UNROLL
            for (int i = 0; i < keys / 4; ++i) {
                const int at = entry + i / 2 * 8 + lane % 4 * 2 + i % 2;
                float &score = scores[r][i];
                score = scoreOf(score * factor, softcap) + (at == 0 ? bonus : 0);
                if (at >= last)
                    score = negativeInfinity;
                greatest = fmaxf(greatest, score);
            }
            greatest = fmaxf(greatest, __shfl_xor_sync(allLanes, greatest, 1));
            greatest = fmaxf(greatest, __shfl_xor_sync(allLanes, greatest, 2));
            isGreater = isGreater || greatest > softmax[r].greatest;
            factors[r] = rescaling(softmax[r].greatest, greatest);
            softmax[r].greatest = greatest;
            softmax[r].sum *= factors[r];
            const float reference = referenceOf(greatest);
            HEADKV_UNROLL
            for (int i = 0; i < keys / 4; ++i) {
                scores[r][i] = powerOfTwo(scores[r][i] - reference);
                softmax[r].sum += scores[r][i];
            }
        }
        if (!__any_sync(allLanes, isGreater))
            return;
        HEADKV_UNROLL
        for (int i = 0; i < Dim / 2; ++i)
            sums[i / 4][i % 4] *= factors[i % 4 / 2 * (rows - 1)];
    }

    HEADKV_DEVICE void addValues(const uint4 *item, float (&weights)[rows][keys / 4])
    {
        const uint4 *row = item + (lane / 8 % 2 * 8 + lane % 8) * stride + lane / 16;
        HEADKV_UNROLL
        for (int k = 0; k < keys / 16; ++k) {
            uint4 left, rest;
            left.x = splitOff<Element>(weights[0][4 * k], weights[0][4 * k + 1]);
            left.z = splitOff<Element>(weights[0][4 * k + 2], weights[0][4 * k + 3]);
            left.y = splitOff<Element>(weights[rows - 1][4 * k], weights[rows - 1][4 * k + 1]);
            left.w = splitOff<Element>(weights[rows - 1][4 * k + 2], weights[rows - 1][4 * k + 3]);
            if (!folded) {
                rest.x = Element::pack(weights[0][4 * k], weights[0][4 * k + 1]);
                rest.z = Element::pack(weights[0][4 * k + 2], weights[0][4 * k + 3]);
                rest.y = Element::pack(weights[rows - 1][4 * k], weights[rows - 1][4 * k + 1]);
                rest.w = Element::pack(weights[rows - 1][4 * k + 2], weights[rows - 1][4 * k + 3]);
            }
            HEADKV_UNROLL
            for (int step = 0; step < steps; ++step) {
                const uint4 right = loadTransposed(row + k * 16 * stride + step * 2);
                multiplyMatrices<Element>(sums[2 * step], left, right.x, right.y);
                multiplyMatrices<Element>(sums[2 * step + 1], left, right.z, right.w);
                if (!folded) {
                    multiplyMatrices<Element>(sums[2 * step], rest, right.x, right.y);
                    multiplyMatrices<Element>(sums[2 * step + 1], rest, right.z, right.w);
                }
            }
        }
    }
};

} // namespace headkv::cuda
