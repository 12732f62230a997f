// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/DecodePlan.h"
#include "core/cuda/DecodeWarp.cuh"

namespace headkv::cuda {

/// One block's decode attention for up to `Queries` heads of each list of which it has a part. Warps take tiles of the
/// part's entries by turns, and go their own way until it ends.
template <class Element, int Dim, int Queries>
struct DecodeBlock
{
    using Warp = DecodeWarp<Element, Dim, Queries>;
    static constexpr int mostWarps = 8;
    static constexpr int sumStride = Dim + 8; ///< so that the lanes of a warp write to different banks
    static constexpr int vectorsOfHead = Dim / 4;
    static constexpr int listsHeld = 64; ///< lists whose place is kept in shared memory
    static constexpr int ahead = 8;      ///< parts that a thread reads at once

    struct Shared
    {
        uint4 queries[Warp::queryWords];
        std::int64_t origins[listsHeld]; ///< rows of what is seen first
        SoftmaxSum softmax[mostWarps * Queries];
        float totals[Queries];
        int seen[listsHeld];
        int starts[WorkSplit::mostLists + 1]; ///< numbers of lists' first parts
        int share, isLast;
    };
    static_assert(sizeof(Shared) <= Warp::fixedBytes);
    static constexpr int fixedBytes = (sizeof(Shared) + 15) / 16 * 16;
    /// The ring's, and in its place the warps' sums.
    static constexpr int bytesOfWarp = larger(Warp::stages * Warp::itemWords * 16, Queries *sumStride * 4);

    const DecodeParameters &p;
    Shared &shared;
    unsigned char *behind; ///< shared memory behind it: [warps][bytesOfWarp]
    int thread, threads, warp, warps, lane, tileOfHeads;

    HEADKV_DEVICE DecodeBlock(const DecodeParameters &parameters, unsigned char *memory)
        : p(parameters)
        , shared(*reinterpret_cast<Shared *>(memory))
        , behind(memory + fixedBytes)
        , thread(static_cast<int>(threadIdx.x))
        , threads(static_cast<int>(blockDim.x))
        , warp(thread / 32)
        , warps(threads / 32)
        , lane(thread % 32)
        , tileOfHeads(static_cast<int>(blockIdx.y))
    {}

    HEADKV_DEVICE int headsOfTile() const { return smaller(Queries, p.group - tileOfHeads * Queries); }
    HEADKV_DEVICE std::int64_t headAt(int list, int query) const
    {
        return std::int64_t{list} * p.group + tileOfHeads * Queries + query;
    }

    /// Where what is seen of a list begins, and how much it is. Not from the first-level cache, which may be older than
    /// the end of the kernel before this one.
    HEADKV_DEVICE std::int64_t originOf(int list, int &seen) const
    {
        const std::int64_t offset = loadShared(p.offsets + list);
        const auto room = static_cast<int>(loadShared(p.offsets + list + 1) - offset);
        const int begin = p.begins != nullptr ? larger(0, loadShared(p.begins + list)) : 0;
        seen = larger(0, smaller(loadShared(p.lengths + list), room) - begin);
        return offset + begin;
    }

    HEADKV_DEVICE void run()
    {
        if (kernelsOverlap()) {
            layParts();
            bringFirstRows();
        }
        waitForEarlierKernels();
        layParts();
        const int parts = shared.starts[p.lists];
        HEADKV_UNROLL_BY(1)
        for (int part = static_cast<int>(blockIdx.x); part < parts; part += static_cast<int>(gridDim.x)) {
            attend(part);
            __syncthreads(); // before shared memory is written again
        }
    }

    /// Numbers the parts of all lists.
    HEADKV_DEVICE void layParts()
    {
        __syncthreads();
        if (warp == 0) {
            int all = 0;
            HEADKV_UNROLL_BY(1)
            for (int list = lane; list < p.lists; list += 32) {
                int seen = 0;
                const std::int64_t origin = originOf(list, seen);
                if (list < listsHeld) {
                    shared.origins[list] = origin;
                    shared.seen[list] = seen;
                }
                shared.starts[list + 1] = seen;
                all += seen;
            }
            HEADKV_UNROLL
            for (int mask = 16; mask > 0; mask /= 2)
                all += __shfl_xor_sync(allLanes, all, mask);
            const int share = WorkSplit::shareOf(all, p.lists, static_cast<int>(gridDim.x));
            countParts(share);
            if (lane == 0) {
                shared.starts[0] = 0;
                shared.share = share;
            }
        }
        __syncthreads();
    }

    HEADKV_DEVICE void countParts(int share)
    {
        int before = 0;
        HEADKV_UNROLL_BY(1)
        for (int first = 0; first < p.lists; first += 32) {
            const int list = first + lane;
            int sum = list < p.lists ? WorkSplit::partsOf(shared.starts[list + 1], share) : 0;
            HEADKV_UNROLL
            for (int distance = 1; distance < 32; distance *= 2) {
                const int below = __shfl_up_sync(allLanes, sum, distance);
                sum += lane >= distance ? below : 0;
            }
            if (list < p.lists)
                shared.starts[list + 1] = before + sum;
            before += __shfl_sync(allLanes, sum, 31);
        }
    }

    /// A part's list, and its entries among those that are seen.
    struct Part
    {
        int list, seen, first, last, number, parts;
        std::int64_t origin;
    };

    HEADKV_DEVICE Part partAt(int index) const
    {
        Part part;
        part.list = WorkSplit::listAt(shared.starts, p.lists, index);
        part.number = index - shared.starts[part.list];
        part.parts = shared.starts[part.list + 1] - shared.starts[part.list];
        if (part.list < listsHeld) {
            part.origin = shared.origins[part.list];
            part.seen = shared.seen[part.list];
        } else {
            part.origin = originOf(part.list, part.seen);
        }
        part.first = WorkSplit::beginOf(part.number, part.parts, part.seen, Warp::keys);
        part.last = WorkSplit::beginOf(part.number + 1, part.parts, part.seen, Warp::keys);
        return part;
    }

    /// While the kernel before this one ends. What it changes of the lists (their lengths) matters little here.
    HEADKV_DEVICE void bringFirstRows()
    {
        if (static_cast<int>(blockIdx.x) >= shared.starts[p.lists] || warp != 0)
            return;
        const Part part = partAt(static_cast<int>(blockIdx.x));
        const int rows = smaller(part.last - part.first, warps * Warp::keys * 2);
        const int from = rows * (lane / 2) / 16, to = rows * (lane / 2 + 1) / 16;
        const void *array = lane % 2 == 0 ? p.keys : p.values;
        if (from < to)
            bringNear(static_cast<const uint4 *>(array) + (part.origin + part.first + from) * Warp::chunks,
                      (to - from) * Dim * 2);
    }

    HEADKV_DEVICE void attend(int index)
    {
        const Part part = partAt(index);
        if (part.seen == 0) {
            for (int i = thread; i < headsOfTile() * Dim; i += threads)
                storeElement(p.output, static_cast<Type>(p.activations), headAt(part.list, 0) * Dim + i, 0);
            return;
        }
        Warp work;
        startWarp(work, part);
        loadQueries(part.list);
        __syncthreads();
        work.attend();
        __syncthreads(); // where rings were, sums will be
        joinWarps(work, part, index);
        if (part.parts > 1 && isLastOf(part))
            joinParts(part, shared.starts[part.list]);
    }

    HEADKV_DEVICE bool areQueriesExact() const { return p.activations == static_cast<int>(Element::type); }
    /// What keeps great queries in the range of half precision.
    HEADKV_DEVICE float queryShift() const
    {
        return Element::type == Type::Float16 && !areQueriesExact() ? 1.0F / 16 : 1.0F;
    }

    HEADKV_DEVICE void startWarp(Warp &work, const Part &part)
    {
        work.keyRows = static_cast<const uint4 *>(p.keys) + part.origin * Warp::chunks;
        work.valueRows = static_cast<const uint4 *>(p.values) + part.origin * Warp::chunks;
        work.queries = shared.queries;
        work.ring = reinterpret_cast<uint4 *>(behind + warp * bytesOfWarp);
        work.warp = warp;
        work.warps = warps;
        work.lane = lane;
        work.first = part.first;
        work.last = part.last;
        work.startFetching();
        work.sets = areQueriesExact() ? 1 : Element::type == Type::Float16 ? Warp::mostSets - 1 : Warp::mostSets;
        work.factor = queryFactor(p.scale, p.softcap) / queryShift();
        work.softcap = p.softcap;
        const bool isFirst = part.first == 0 && (p.begins == nullptr || p.begins[part.list] <= 0);
        work.bonus = isFirst && p.compensated != nullptr ? compensationOf(p.compensated[part.list]) : 0;
    }

    HEADKV_DEVICE float queryAt(int list, int query, int d) const
    {
        if (query >= headsOfTile())
            return 0;
        return loadElement(p.queries, static_cast<Type>(p.activations), headAt(list, query) * Dim + d) * queryShift();
    }

    /// As the left matrices of the products with keys: first the nearest in 16 bits, then what that lacks.
    HEADKV_DEVICE void loadQueries(int list)
    {
        HEADKV_UNROLL_BY(1)
        for (int i = thread; i < Warp::steps * 32; i += threads) {
            const int query = i % 32 / 4, d = i / 32 * 16 + i % 4 * 2;
            float upper[4], lower[4];
            HEADKV_UNROLL
            for (int k = 0; k < 4; ++k) {
                upper[k] = queryAt(list, query, d + k / 2 * 8 + k % 2);
                lower[k] = Warp::folded ? 0 : queryAt(list, query + 8, d + k / 2 * 8 + k % 2);
            }
            HEADKV_UNROLL
            for (int set = 0; set < Warp::mostSets; ++set) {
                uint4 words;
                words.x = splitOff<Element>(upper[0], upper[1]);
                words.z = splitOff<Element>(upper[2], upper[3]);
                if (Warp::folded) {
                    words.y = splitOff<Element>(upper[0], upper[1]);
                    words.w = splitOff<Element>(upper[2], upper[3]);
                } else {
                    words.y = splitOff<Element>(lower[0], lower[1]);
                    words.w = splitOff<Element>(lower[2], lower[3]);
                }
                shared.queries[set * Warp::steps * 32 + i] = words;
            }
        }
    }

    /// Joins what the warps have, and writes it: the output if this is all of the list, else the part.
    HEADKV_DEVICE void joinWarps(const Warp &work, const Part &part, int index)
    {
        auto *sums = reinterpret_cast<float *>(behind);
        HEADKV_UNROLL
        for (int r = 0; r < Warp::rows; ++r) {
            const int query = lane / 4 + r * 8;
            if (lane % 4 == 0)
                shared.softmax[warp * Queries + query] = work.softmax[r];
            if (query >= headsOfTile())
                continue;
            float *row = sums + (warp * Queries + query) * sumStride + lane % 4 * 2;
            HEADKV_UNROLL
            for (int n = 0; n < Dim / 8; ++n)
                *reinterpret_cast<float2 *>(row + n * 8) = {work.sums[n][2 * r], work.sums[n][2 * r + 1]};
        }
        __syncthreads();
        for (int i = thread; i < headsOfTile() * vectorsOfHead; i += threads)
            joinVector(sums, part, index, i / vectorsOfHead, i % vectorsOfHead * 4);
    }

    HEADKV_DEVICE void joinVector(const float *sums, const Part &part, int index, int query, int d)
    {
        SoftmaxSum all;
        for (int w = 0; w < warps; ++w)
            all.greatest = fmaxf(all.greatest, shared.softmax[w * Queries + query].greatest);
        float4 sum = {0, 0, 0, 0};
        HEADKV_UNROLL_BY(4)
        for (int w = 0; w < warps; ++w) {
            const SoftmaxSum &some = shared.softmax[w * Queries + query];
            const float factor = rescaling(some.greatest, all.greatest);
            all.sum += some.sum * factor;
            add(sum, *reinterpret_cast<const float4 *>(sums + (w * Queries + query) * sumStride + d), factor);
        }
        if (part.parts == 1) {
            writeOutput(part.list, query, d, sum, all.sum);
            return;
        }
        const std::int64_t slot = (std::int64_t{index} * p.tiles + tileOfHeads) * Queries + query;
        *reinterpret_cast<float4 *>(p.sums + slot * Dim + d) = sum;
        if (d == 0)
            p.softmax[slot] = all;
    }

    HEADKV_DEVICE static void add(float4 &sums, const float4 &more, float factor)
    {
        sums.x = fmaf(more.x, factor, sums.x);
        sums.y = fmaf(more.y, factor, sums.y);
        sums.z = fmaf(more.z, factor, sums.z);
        sums.w = fmaf(more.w, factor, sums.w);
    }

    HEADKV_DEVICE void writeOutput(int list, int query, int d, const float4 &sum, float weights)
    {
        const float factor = weights > 0 ? 1 / weights : weights;
        const std::int64_t at = headAt(list, query) * Dim + d;
        const auto type = static_cast<Type>(p.activations);
        storeElement(p.output, type, at, sum.x * factor);
        storeElement(p.output, type, at + 1, sum.y * factor);
        storeElement(p.output, type, at + 2, sum.z * factor);
        storeElement(p.output, type, at + 3, sum.w * factor);
    }

    /// Says that the block's part is written, and whether all the others are.
    HEADKV_DEVICE bool isLastOf(const Part &part)
    {
        __syncthreads();
        if (thread == 0) {
            __threadfence();
            int *counter = p.counters + part.list * p.tiles + tileOfHeads;
            const int done = atomicAdd(counter, 1) + 1;
            shared.isLast = done == part.parts ? 1 : 0;
            if (done == part.parts)
                *counter = 0; // for the next call
            __threadfence();
        }
        __syncthreads();
        return shared.isLast != 0;
    }

    /// Joins all parts of a list. Threads take four elements of a head each, and share out the parts.
    HEADKV_DEVICE void joinParts(const Part &part, int firstPart)
    {
        const int vectors = headsOfTile() * vectorsOfHead;
        const int sharers = larger(1, smaller(threads / vectors, part.parts)), sharer = thread / vectors;
        auto *factors = reinterpret_cast<float *>(behind);
        auto *sums = reinterpret_cast<float4 *>(behind + (part.parts * Queries * 8 + 15) / 16 * 16);
        HEADKV_UNROLL_BY(1)
        for (int first = 0; first < vectors; first += threads) {
            const int vector = first + (sharers > 1 ? thread % vectors : thread);
            const bool works = vector < vectors && sharer < sharers;
            float4 some[ahead]; // on their way while the factors are found
            loadParts(firstPart, part.parts, sharer, sharers, works ? vector : -1, some);
            if (first == 0)
                weighParts(firstPart, part.parts, factors);
            float4 sum = {0, 0, 0, 0};
            HEADKV_UNROLL_BY(1)
            for (int i = sharer; works && i < part.parts; i += ahead * sharers) {
                if (i > sharer)
                    loadParts(firstPart, part.parts, i, sharers, vector, some);
                HEADKV_UNROLL
                for (int k = 0; k < ahead; ++k) {
                    if (i + k * sharers < part.parts)
                        add(sum, some[k], factors[(i + k * sharers) * Queries + vector / vectorsOfHead]);
                }
            }
            if (sharers > 1) {
                if (works)
                    sums[thread] = sum;
                __syncthreads();
                for (int other = 1; works && sharer == 0 && other < sharers; ++other)
                    add(sum, sums[other * vectors + vector], 1);
            }
            if (works && sharer == 0)
                writeOutput(part.list, vector / vectorsOfHead, vector % vectorsOfHead * 4, sum,
                            shared.totals[vector / vectorsOfHead]);
        }
    }

    HEADKV_DEVICE void loadParts(int firstPart, int parts, int from, int sharers, int vector,
                                 float4 (&some)[ahead]) const
    {
        HEADKV_UNROLL
        for (int k = 0; k < ahead; ++k) {
            some[k] = {0, 0, 0, 0};
            const int i = from + k * sharers;
            if (vector >= 0 && i < parts) {
                const std::int64_t slot = (std::int64_t{firstPart + i} * p.tiles + tileOfHeads) * Queries;
                some[k] = loadShared(reinterpret_cast<const float4 *>(p.sums) + slot * vectorsOfHead + vector);
            }
        }
    }

    /// What each part's sums are multiplied by: factors [parts, Queries]; and the heads' sums of weights.
    HEADKV_DEVICE void weighParts(int firstPart, int parts, float *factors)
    {
        auto *sums = factors + parts * Queries;
        __syncthreads(); // the warps' sums have been read
        HEADKV_UNROLL_BY(1)
        for (int query = warp; query < headsOfTile(); query += warps) {
            SoftmaxSum all;
            HEADKV_UNROLL_BY(1)
            for (int i = lane; i < parts; i += 32) {
                const std::int64_t slot = (std::int64_t{firstPart + i} * p.tiles + tileOfHeads) * Queries + query;
                const float2 some = loadShared(reinterpret_cast<const float2 *>(p.softmax) + slot);
                factors[i * Queries + query] = some.x;
                sums[i * Queries + query] = some.y;
                all.greatest = fmaxf(all.greatest, some.x);
            }
            HEADKV_UNROLL
            for (int mask = 16; mask > 0; mask /= 2)
                all.greatest = fmaxf(all.greatest, __shfl_xor_sync(allLanes, all.greatest, mask));
            HEADKV_UNROLL_BY(1)
            for (int i = lane; i < parts; i += 32) {
                const float factor = rescaling(factors[i * Queries + query], all.greatest);
                factors[i * Queries + query] = factor;
                all.sum += sums[i * Queries + query] * factor;
            }
            HEADKV_UNROLL
            for (int mask = 16; mask > 0; mask /= 2)
                all.sum += __shfl_xor_sync(allLanes, all.sum, mask);
            if (lane == 0)
                shared.totals[query] = all.sum;
        }
        __syncthreads();
    }
};

template <class Element, int Dim, int Queries>
__global__ void __launch_bounds__(256, 1) decodeKernel(HEADKV_PARAMETER DecodeParameters parameters)
{
    DecodeBlock<Element, Dim, Queries>(parameters, dynamicShared()).run();
}

} // namespace headkv::cuda
