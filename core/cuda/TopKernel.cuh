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
/// what is above it, and as many of its equals, from the first, as are still to be taken. For that each warp has a
/// stretch of the tokens.
struct TopBlock
{
    static constexpr int threads = 1024, warps = threads / 32;

    struct Shared
    {
        int counts[256];
        int above[TopBlock::warps], equal[TopBlock::warps];
        RadixRound round;
    };

    const float *scores;
    Shared &shared;
    int thread, warp, lane;

    /// The order of the wanted-th highest of the scores, and how many with that order are to be taken.
    HEADKV_DEVICE std::uint32_t threshold(int count, int wanted, int &equals)
    {
        std::uint32_t found = 0;
        HEADKV_UNROLL_BY(1)
        for (int shift = 24; shift >= 0; shift -= 8) {
            if (thread < 256)
                shared.counts[thread] = 0;
            __syncthreads();
            HEADKV_UNROLL_BY(4)
            for (int first = warp * 32; first < count; first += threads) {
                const int i = first + lane;
                const std::uint32_t order = i < count ? orderOf(scores[i]) : 0;
                const bool isCounted = i < count && (shift == 24 || order >> (shift + 8) == found);
                // Lanes that have the same digit, as most have at first, count it together.
                const unsigned digit = isCounted ? order >> shift & 255U : 256U;
                const unsigned same = __match_any_sync(allLanes, digit);
                if (isCounted && (same & ((1U << lane) - 1U)) == 0)
                    atomicAdd(&shared.counts[digit], __popc(same));
            }
            __syncthreads();
            if (warp == 0)
                findDigit(wanted);
            __syncthreads();
            found = found << 8 | shared.round.digit;
            wanted = shared.round.left;
        }
        equals = wanted;
        return found;
    }

    /// A lane looks through eight digits, the first through the highest.
    HEADKV_DEVICE void findDigit(int wanted)
    {
        const int highest = 255 - lane * 8;
        int own = 0;
        HEADKV_UNROLL
        for (int i = 0; i < 8; ++i)
            own += shared.counts[highest - i];
        const int before = sumBefore(own);
        if (before < wanted && wanted <= before + own)
            shared.round = radixRound(shared.counts, wanted - before, highest);
    }

    /// What the lanes before this one have together.
    HEADKV_DEVICE int sumBefore(int own) const
    {
        int sum = own;
        HEADKV_UNROLL
        for (int distance = 1; distance < 32; distance *= 2) {
            const int below = __shfl_up_sync(allLanes, sum, distance);
            sum += lane >= distance ? below : 0;
        }
        return sum - own;
    }

    HEADKV_DEVICE void write(std::uint32_t least, int equals, int count, std::int32_t *indices)
    {
        const int stretch = (count + threads - 1) / threads * 32, begin = warp * stretch;
        const int end = smaller(count, begin + stretch);
        int above = 0, equal = 0;
        HEADKV_UNROLL_BY(4)
        for (int first = begin; first < end; first += 32) {
            const std::uint32_t order = first + lane < end ? orderOf(scores[first + lane]) : 0;
            above += __popc(__ballot_sync(allLanes, first + lane < end && order > least));
            equal += __popc(__ballot_sync(allLanes, first + lane < end && order == least));
        }
        if (lane == 0) {
            shared.above[warp] = above;
            shared.equal[warp] = equal;
        }
        __syncthreads();
        above = __shfl_sync(allLanes, sumBefore(shared.above[lane]), warp);
        equal = __shfl_sync(allLanes, sumBefore(shared.equal[lane]), warp);
        const unsigned lanesBefore = (1U << lane) - 1U;
        HEADKV_UNROLL_BY(4)
        for (int first = begin; first < end; first += 32) {
            const std::uint32_t order = first + lane < end ? orderOf(scores[first + lane]) : 0;
            const bool isAbove = first + lane < end && order > least, isEqual = first + lane < end && order == least;
            const unsigned votesAbove = __ballot_sync(allLanes, isAbove), votesEqual = __ballot_sync(allLanes, isEqual);
            const int equalBefore = equal + __popc(votesEqual & lanesBefore);
            if (isAbove || (isEqual && equalBefore < equals))
                indices[above + __popc(votesAbove & lanesBefore) + smaller(equalBefore, equals)] = first + lane;
            above += __popc(votesAbove);
            equal += __popc(votesEqual);
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
                       *reinterpret_cast<TopBlock::Shared *>(memory), thread, thread / 32, thread % 32};
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
