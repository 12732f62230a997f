// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Device.cuh"
#include "core/cuda/TokenOrder.h"

namespace headkv::cuda {

/// See keepHighest.
struct TopParameters
{
    const float *scores;
    const std::int32_t *lengths, *capacities;
    std::int32_t *indices, *counts;
    int scoreStride, indexStride, tail;
};

/// A block a list: finds the order of the C-th highest score eight bits at a time, then writes in the tokens' order
/// what is above it, and as many of its equals, from the first, as are still to be taken.
struct TopBlock
{
    static constexpr int threads = 1024, warps = threads / 32;

    struct Shared
    {
        int counts[256];
        int warps[TopBlock::warps];
        RadixRound round;
    };

    const float *scores;
    Shared &shared;
    int thread;

    /// How many of the threads before this one say so, and how many of all. Every thread of the block calls it.
    HEADKV_DEVICE int countBefore(bool flag, int &all)
    {
        const unsigned votes = __ballot_sync(allLanes, flag);
        const int lane = thread % 32, warp = thread / 32;
        __syncthreads(); // the last call's counts have been read
        if (lane == 0)
            shared.warps[warp] = __popc(votes);
        __syncthreads();
        int before = 0;
        all = 0;
        for (int w = 0; w < warps; ++w) {
            before += w < warp ? shared.warps[w] : 0;
            all += shared.warps[w];
        }
        return before + __popc(votes & ((1U << lane) - 1U));
    }

    /// The order of the wanted-th highest of the scores, and how many with that order are to be taken.
    HEADKV_DEVICE std::uint32_t threshold(int count, int wanted, int &equals)
    {
        std::uint32_t found = 0;
        for (int shift = 24; shift >= 0; shift -= 8) {
            if (thread < 256)
                shared.counts[thread] = 0;
            __syncthreads();
            for (int i = thread; i < count; i += threads) {
                const std::uint32_t order = orderOf(scores[i]);
                if (shift == 24 || order >> (shift + 8) == found)
                    atomicAdd(&shared.counts[order >> shift & 255U], 1);
            }
            __syncthreads();
            if (thread == 0)
                shared.round = radixRound(shared.counts, wanted);
            __syncthreads();
            found = found << 8 | shared.round.digit;
            wanted = shared.round.left;
        }
        equals = wanted;
        return found;
    }

    HEADKV_DEVICE void write(std::uint32_t least, int equals, int count, std::int32_t *indices)
    {
        int written = 0, equalsSeen = 0;
        for (int first = 0; first < count; first += threads) {
            const int i = first + thread;
            const std::uint32_t order = i < count ? orderOf(scores[i]) : 0;
            const bool equal = i < count && order == least;
            int equalsHere = 0, here = 0;
            const int rank = equalsSeen + countBefore(equal, equalsHere);
            const bool taken = i < count && (order > least || (equal && rank < equals));
            const int place = written + countBefore(taken, here);
            if (taken)
                indices[place] = i;
            written += here;
            equalsSeen += equalsHere;
        }
    }
};

__global__ void __launch_bounds__(TopBlock::threads) keepHighestKernel(HEADKV_PARAMETER TopParameters p)
{
    HEADKV_SHARED unsigned char memory[sizeof(TopBlock::Shared)];
    const int list = static_cast<int>(blockIdx.x), thread = static_cast<int>(threadIdx.x), length = p.lengths[list];
    const int tail = smaller(p.tail, length), count = length - tail;
    const int kept = larger(0, smaller(p.capacities[list], count));
    std::int32_t *indices = p.indices + static_cast<std::int64_t>(list) * p.indexStride;
    if (kept == count) {
        for (int i = thread; i < count; i += TopBlock::threads)
            indices[i] = i;
    } else if (kept > 0) {
        TopBlock block{p.scores + static_cast<std::int64_t>(list) * p.scoreStride,
                       *reinterpret_cast<TopBlock::Shared *>(memory), thread};
        int equals = 0;
        const std::uint32_t least = block.threshold(count, kept, equals);
        block.write(least, equals, count, indices);
    }
    for (int i = thread; i < tail; i += TopBlock::threads)
        indices[kept + i] = count + i;
    if (thread == 0)
        p.counts[list] = kept + tail;
}

} // namespace headkv::cuda
