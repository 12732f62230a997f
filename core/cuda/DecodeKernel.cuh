// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/DecodePlan.h"
#include "core/cuda/Device.cuh"
#include "core/cuda/Elements.h"
#include "core/cuda/LaneMap.h"

namespace headkv::cuda {

constexpr int decodeThreads = 512;

/// One block's decode attention for up to `Queries` heads of each list that its share meets. A key's D elements lie
/// over `lanes` lanes, 16 bytes each; a warp reads `groups` keys at once, `unroll` times before it waits.
template <class Element, int Dim, int Queries>
struct DecodeBlock
{
    static constexpr int chunks = Dim / 8;
    static constexpr int lanes = roundUpToPowerOfTwo(chunks);
    static constexpr int groups = 32 / lanes;
    static constexpr int unroll = Queries == 8 ? 2 : 4;
    static constexpr int threads = decodeThreads, warps = threads / 32;
    static constexpr int step = warps * groups; ///< entries between a lane's
    static constexpr int tile = step * unroll;
    /// Heads whose sums of all warps fit into shared memory at once.
    static constexpr int together = smaller(Queries, Dim <= 64 ? 8 : Dim <= 128 ? 4 : 2);
    using Map = LaneMap<lanes, Queries * unroll>; ///< value q·unroll + u: head q, the lane's entry u
    static constexpr int held = Map::held;

    struct Shared
    {
        float queries[Queries * Dim]; ///< [query][half][chunk][4]: lanes read without conflicts
        float sums[larger(warps * together * Dim, threads * 6)];
        SoftmaxSum softmax[warps * Queries];
        int starts[WorkSplit::mostLists + 1];
        int done;
    };

    /// What a lane has of its entries: of its heads' values its 8 elements, and the softmax of the head it holds.
    struct State
    {
        float sums[Queries][8];
        SoftmaxSum softmax;
    };

    const DecodeParameters &p;
    Shared &shared;
    int thread, warp, lane, inGroup, keyOfWarp, tileOfHeads;

    HEADKV_DEVICE DecodeBlock(const DecodeParameters &parameters, Shared &memory)
        : p(parameters)
        , shared(memory)
        , thread(static_cast<int>(threadIdx.x))
        , warp(thread / 32)
        , lane(thread % 32)
        , inGroup(lane % lanes)
        , keyOfWarp(warp * groups + lane / lanes)
        , tileOfHeads(static_cast<int>(blockIdx.y))
    {}

    HEADKV_DEVICE int beginOf(int list) const { return p.begins != nullptr ? p.begins[list] : 0; }
    HEADKV_DEVICE int visible(int list) const { return larger(0, p.lengths[list] - beginOf(list)); }
    HEADKV_DEVICE int headsOfTile() const { return smaller(Queries, p.group - tileOfHeads * Queries); }
    HEADKV_DEVICE std::int64_t headAt(int list, int query) const
    {
        return std::int64_t{list} * p.group + tileOfHeads * Queries + query;
    }

    HEADKV_DEVICE void run()
    {
        layLists();
        const int width = shared.starts[p.lists];
        const WorkSplit split(width, p.lists, static_cast<int>(gridDim.x));
        const int block = static_cast<int>(blockIdx.x);
        if (block >= split.blocks())
            return;
        const int begin = split.beginOf(block), end = split.beginOf(block + 1);
        for (int list = WorkSplit::listAt(shared.starts, p.lists, begin); list < p.lists; ++list) {
            const int start = shared.starts[list];
            if (start >= end)
                break;
            const int entries = shared.starts[list + 1] - start - WorkSplit::listCost;
            const int first = larger(begin, start) - start, last = smaller(end - start, entries);
            if (first < last)
                attend(split, list, first, last, entries);
            else if (entries == 0 && begin <= start)
                writeNothing(list);
        }
    }

    /// Where lists begin on the line that is shared out.
    HEADKV_DEVICE void layLists()
    {
        if (warp == 0) {
            int before = 0;
            HEADKV_UNROLL_BY(1)
            for (int first = 0; first < p.lists; first += 32) {
                const int list = first + lane;
                int sum = list < p.lists ? WorkSplit::widthOf(visible(list)) : 0;
                HEADKV_UNROLL
                for (int distance = 1; distance < 32; distance *= 2) {
                    const int below = __shfl_up_sync(allLanes, sum, distance);
                    sum += lane >= distance ? below : 0;
                }
                if (list < p.lists)
                    shared.starts[list + 1] = before + sum;
                before += __shfl_sync(allLanes, sum, 31);
            }
            if (lane == 0)
                shared.starts[0] = 0;
        }
        __syncthreads();
    }

    HEADKV_DEVICE void writeNothing(int list)
    {
        for (int i = thread; i < headsOfTile() * Dim; i += threads)
            storeElement(p.output, static_cast<Type>(p.activations), headAt(list, 0) * Dim + i, 0);
    }

    /// Entries [first, last) of those that are seen of a list.
    HEADKV_DEVICE void attend(const WorkSplit &split, int list, int first, int last, int entries)
    {
        loadQueries(list);
        __syncthreads();
        State state;
        attendEntries(list, beginOf(list) + first, beginOf(list) + last, state);
        joinGroups(state);
        const int start = shared.starts[list];
        const int firstBlock = split.blockAt(start), lastBlock = split.blockAt(start + entries - 1);
        const bool whole = firstBlock == lastBlock;
        joinWarps(list, whole, state);
        if (!whole && isLastBlock(list, lastBlock - firstBlock + 1))
            joinParts(list, firstBlock + list, lastBlock - firstBlock + 1);
    }

    HEADKV_DEVICE void loadQueries(int list)
    {
        const float factor = queryFactor(p.scale, p.softcap);
        for (int i = thread; i < Queries * Dim; i += threads) {
            const int query = i / Dim, d = i % Dim;
            const bool exists = query < headsOfTile();
            const float value =
                exists ? loadElement(p.queries, static_cast<Type>(p.activations), headAt(list, query) * Dim + d) : 0;
            shared.queries[query * Dim + (d / 4 % 2) * (Dim / 2) + d / 8 * 4 + d % 4] = value * factor;
        }
    }

    /// Reads the lane's 16 bytes of its next entries. Behind the end it reads the last one again.
    HEADKV_DEVICE void loadRows(const uint4 *rows, int entry, int end, uint4 (&words)[unroll]) const
    {
        HEADKV_UNROLL
        for (int u = 0; u < unroll; ++u) {
            const std::int64_t row = smaller(entry + u * step, end - 1);
            if (chunks == lanes || inGroup < chunks)
                words[u] = loadOnce(rows + row * chunks);
            else
                words[u] = {0, 0, 0, 0};
        }
    }

    HEADKV_DEVICE static void unpack(const uint4 &words, float (&values)[8])
    {
        Element::unpack(words.x, values[0], values[1]);
        Element::unpack(words.y, values[2], values[3]);
        Element::unpack(words.z, values[4], values[5]);
        Element::unpack(words.w, values[6], values[7]);
    }

    HEADKV_DEVICE void attendEntries(int list, int begin, int end, State &state)
    {
        HEADKV_UNROLL
        for (int q = 0; q < Queries; ++q)
            HEADKV_UNROLL
        for (int i = 0; i < 8; ++i)
            state.sums[q][i] = 0;
        const int chunk = chunks == lanes || inGroup < chunks ? inGroup : 0;
        const std::int64_t origin = p.offsets[list] * chunks + chunk;
        const uint4 *keyRows = static_cast<const uint4 *>(p.keys) + origin;
        const uint4 *valueRows = static_cast<const uint4 *>(p.values) + origin;
        const float bonus = p.compensated != nullptr ? compensationOf(p.compensated[list]) : 0;
        uint4 keys[unroll], values[unroll];
        int entry = begin + keyOfWarp;
        if (begin < end) {
            loadRows(keyRows, entry, end, keys);
            loadRows(valueRows, entry, end, values);
        }
        // The next keys are on their way while these are weighed, the next values while those are scored.
        for (int base = begin; base < end; base += tile, entry += tile) {
            float scores[Queries * unroll];
            scoreKeys(keys, chunk, scores);
            if (base + tile < end)
                loadRows(keyRows, entry + tile, end, keys);
            sumAcrossLanes(scores);
            weigh(scores, entry, end, bonus, state);
            addValues(values, scores, state);
            if (base + tile < end)
                loadRows(valueRows, entry + tile, end, values);
        }
    }

    /// The lane's share of the products.
    HEADKV_DEVICE void scoreKeys(const uint4 (&keys)[unroll], int chunk, float (&scores)[Queries * unroll]) const
    {
        float k[unroll][8];
        HEADKV_UNROLL
        for (int u = 0; u < unroll; ++u)
            unpack(keys[u], k[u]);
        const auto *queries = reinterpret_cast<const float4 *>(shared.queries) + chunk;
        HEADKV_UNROLL
        for (int q = 0; q < Queries; ++q) {
            const float4 a = queries[q * (Dim / 4)], b = queries[q * (Dim / 4) + chunks];
            HEADKV_UNROLL
            for (int u = 0; u < unroll; ++u) {
                float sum = a.x * k[u][0];
                sum = fmaf(a.y, k[u][1], sum);
                sum = fmaf(a.z, k[u][2], sum);
                sum = fmaf(a.w, k[u][3], sum);
                sum = fmaf(b.x, k[u][4], sum);
                sum = fmaf(b.y, k[u][5], sum);
                sum = fmaf(b.z, k[u][6], sum);
                scores[q * unroll + u] = fmaf(b.w, k[u][7], sum);
            }
        }
    }

    /// Sums over the lanes of a key: the first `held` become those of the lane's values in the map.
    HEADKV_DEVICE void sumAcrossLanes(float (&scores)[Queries * unroll]) const
    {
        halve<0>(scores);
        HEADKV_UNROLL
        for (int k = Map::halvings; k < logOfPowerOfTwo(lanes); ++k)
            HEADKV_UNROLL
        for (int i = 0; i < held; ++i)
            scores[i] += __shfl_xor_sync(allLanes, scores[i], 1 << k);
    }

    template <int Step>
    HEADKV_DEVICE void halve(float (&scores)[Queries * unroll]) const
    {
        if constexpr (Step < Map::halvings) {
            constexpr int half = (Queries * unroll) >> (Step + 1);
            const bool upper = (lane >> Step & 1) != 0;
            HEADKV_UNROLL
            for (int i = 0; i < half; ++i) {
                const float sent = upper ? scores[i] : scores[i + half];
                const float kept = upper ? scores[i + half] : scores[i];
                scores[i] = kept + __shfl_xor_sync(allLanes, sent, 1 << Step);
            }
            halve<Step + 1>(scores);
        }
    }

    /// Turns the held scores into weights against the greatest so far, to which it brings the sums.
    HEADKV_DEVICE void weigh(float (&scores)[Queries * unroll], int entry, int end, float bonus, State &state) const
    {
        float greatest = negativeInfinity;
        HEADKV_UNROLL
        for (int i = 0; i < held; ++i) {
            const int at = entry + Map::valueAt(inGroup, i) % unroll * step;
            scores[i] = scoreOf(scores[i], p.softcap) + (at == 0 ? bonus : 0);
            if (at >= end)
                scores[i] = negativeInfinity;
            greatest = fmaxf(greatest, scores[i]);
        }
        HEADKV_UNROLL
        for (int bit = logOfPowerOfTwo(held); bit < logOfPowerOfTwo(unroll); ++bit)
            greatest = fmaxf(greatest, __shfl_xor_sync(allLanes, greatest, Map::laneBitOf(bit)));
        greatest = fmaxf(greatest, state.softmax.greatest);
        const float factor = rescaling(state.softmax.greatest, greatest);
        if (__any_sync(allLanes, greatest > state.softmax.greatest)) {
            state.softmax.sum *= factor;
            HEADKV_UNROLL
            for (int q = 0; q < Queries; ++q) {
                const float factorOfHead = __shfl_sync(allLanes, factor, Map::laneOf(q * unroll), lanes);
                HEADKV_UNROLL
                for (int i = 0; i < 8; ++i)
                    state.sums[q][i] *= factorOfHead;
            }
        }
        state.softmax.greatest = greatest;
        HEADKV_UNROLL
        for (int i = 0; i < held; ++i) {
            scores[i] = powerOfTwo(scores[i] - referenceOf(greatest));
            state.softmax.sum += scores[i];
        }
    }

    HEADKV_DEVICE void addValues(const uint4 (&values)[unroll], const float (&weights)[Queries * unroll],
                                 State &state) const
    {
        HEADKV_UNROLL
        for (int u = 0; u < unroll; ++u) {
            float v[8];
            unpack(values[u], v);
            HEADKV_UNROLL
            for (int q = 0; q < Queries; ++q) {
                const int value = q * unroll + u;
                const float weight = __shfl_sync(allLanes, weights[Map::indexOf(value)], Map::laneOf(value), lanes);
                HEADKV_UNROLL
                for (int i = 0; i < 8; ++i)
                    state.sums[q][i] = fmaf(weight, v[i], state.sums[q][i]);
            }
        }
    }

    /// Joins what the warp's groups of lanes have; all get it.
    HEADKV_DEVICE void joinGroups(State &state) const
    {
        HEADKV_UNROLL
        for (int bit = logOfPowerOfTwo(held); bit < logOfPowerOfTwo(unroll); ++bit)
            state.softmax.sum += __shfl_xor_sync(allLanes, state.softmax.sum, Map::laneBitOf(bit));
        HEADKV_UNROLL
        for (int mask = lanes; mask < 32; mask *= 2) {
            const float other = __shfl_xor_sync(allLanes, state.softmax.greatest, mask);
            const float greatest = fmaxf(state.softmax.greatest, other);
            const float factor = rescaling(state.softmax.greatest, greatest);
            state.softmax.greatest = greatest;
            state.softmax.sum *= factor;
            state.softmax.sum += __shfl_xor_sync(allLanes, state.softmax.sum, mask);
            HEADKV_UNROLL
            for (int q = 0; q < Queries; ++q) {
                const float factorOfHead = __shfl_sync(allLanes, factor, Map::laneOf(q * unroll), lanes);
                HEADKV_UNROLL
                for (int i = 0; i < 8; ++i) {
                    state.sums[q][i] *= factorOfHead;
                    state.sums[q][i] += __shfl_xor_sync(allLanes, state.sums[q][i], mask);
                }
            }
        }
    }

    /// Joins what the warps have, and writes it: the output if this is all of the list, else the part.
    HEADKV_DEVICE void joinWarps(int list, bool whole, const State &state)
    {
        HEADKV_UNROLL
        for (int q = 0; q < Queries; ++q) {
            if (lane == Map::laneOf(q * unroll))
                shared.softmax[warp * Queries + q] = state.softmax;
        }
        HEADKV_UNROLL
        for (int firstQuery = 0; firstQuery < Queries; firstQuery += together) {
            if (lane < chunks) { // the first group's
                HEADKV_UNROLL
                for (int q = 0; q < together; ++q)
                    HEADKV_UNROLL
                for (int i = 0; i < 8; ++i)
                    shared.sums[(warp * together + q) * Dim + lane * 8 + i] = state.sums[firstQuery + q][i];
            }
            __syncthreads();
            for (int i = thread; i < together * Dim; i += threads)
                joinElement(list, whole, firstQuery + i / Dim, i % Dim, i);
            __syncthreads();
        }
    }

    HEADKV_DEVICE void joinElement(int list, bool whole, int query, int d, int place)
    {
        SoftmaxSum all;
        for (int w = 0; w < warps; ++w)
            all.greatest = fmaxf(all.greatest, shared.softmax[w * Queries + query].greatest);
        float sum = 0;
        for (int w = 0; w < warps; ++w) {
            const SoftmaxSum &part = shared.softmax[w * Queries + query];
            const float factor = rescaling(part.greatest, all.greatest);
            all.sum += part.sum * factor;
            sum += shared.sums[w * together * Dim + place] * factor;
        }
        if (whole) {
            writeOutput(list, query, d, sum, all.sum);
            return;
        }
        const std::int64_t slot = static_cast<std::int64_t>(blockIdx.x) + list;
        const std::int64_t part = (slot * p.tiles + tileOfHeads) * Queries + query;
        p.sums[part * Dim + d] = sum;
        if (d == 0)
            p.softmax[part] = all;
    }

    HEADKV_DEVICE void writeOutput(int list, int query, int d, float sum, float weights)
    {
        if (query < headsOfTile())
            storeElement(p.output, static_cast<Type>(p.activations), headAt(list, query) * Dim + d,
                         weights > 0 ? sum / weights : weights);
    }

    /// Says that the block's part is written, and whether all the others' are.
    HEADKV_DEVICE bool isLastBlock(int list, int parts)
    {
        __threadfence();
        __syncthreads();
        if (thread == 0) {
            int *counter = p.counters + list * p.tiles + tileOfHeads;
            shared.done = atomicAdd(counter, 1) + 1;
            if (shared.done == parts)
                *counter = 0; // for the next call
            __threadfence();
        }
        __syncthreads();
        return shared.done == parts;
    }

    /// Joins all parts of a list, in slots that follow one another. Threads take four elements of a head each, and
    /// share out the parts.
    HEADKV_DEVICE void joinParts(int list, int firstSlot, int parts)
    {
        constexpr int vectors = Queries * Dim / 4;
        constexpr int sharers = threads / vectors;
        const int vector = thread % vectors, sharer = thread / vectors, query = vector / (Dim / 4);
        SoftmaxSum all;
        float4 sums = {0, 0, 0, 0};
        if (sharer < sharers) {
            HEADKV_UNROLL_BY(4)
            for (int part = sharer; part < parts; part += sharers) {
                const std::int64_t tileOfPart = std::int64_t{firstSlot + part} * p.tiles + tileOfHeads;
                const float4 more =
                    loadShared(reinterpret_cast<const float4 *>(p.sums) + tileOfPart * vectors + vector);
                const float2 softmax =
                    loadShared(reinterpret_cast<const float2 *>(p.softmax) + tileOfPart * Queries + query);
                add(all, sums, {softmax.x, softmax.y}, more);
            }
            reinterpret_cast<float4 *>(shared.sums)[thread] = sums;
            reinterpret_cast<SoftmaxSum *>(shared.sums + threads * 4)[thread] = all;
        }
        __syncthreads();
        if (sharer == 0) {
            for (int other = 1; other < smaller(sharers, parts); ++other) {
                const int from = other * vectors + vector;
                add(all, sums, reinterpret_cast<const SoftmaxSum *>(shared.sums + threads * 4)[from],
                    reinterpret_cast<const float4 *>(shared.sums)[from]);
            }
            const int d = vector % (Dim / 4) * 4;
            writeOutput(list, query, d, sums.x, all.sum);
            writeOutput(list, query, d + 1, sums.y, all.sum);
            writeOutput(list, query, d + 2, sums.z, all.sum);
            writeOutput(list, query, d + 3, sums.w, all.sum);
        }
    }

    HEADKV_DEVICE static void add(SoftmaxSum &all, float4 &sums, const SoftmaxSum &softmax, const float4 &more)
    {
        float a = 0, b = 0;
        all = join(all, softmax, a, b);
        sums.x = sums.x * a + more.x * b;
        sums.y = sums.y * a + more.y * b;
        sums.z = sums.z * a + more.z * b;
        sums.w = sums.w * a + more.w * b;
    }
};

template <class Element, int Dim, int Queries>
__global__ void __launch_bounds__(decodeThreads, 1) decodeKernel(HEADKV_PARAMETER DecodeParameters parameters)
{
    using Block = DecodeBlock<Element, Dim, Queries>;
    HEADKV_SHARED unsigned char memory[sizeof(typename Block::Shared)]; // bytes: nothing there may have a constructor
    Block(parameters, *reinterpret_cast<typename Block::Shared *>(memory)).run();
}

} // namespace headkv::cuda
