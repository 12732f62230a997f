// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/OnlineSoftmax.h"
#include "core/cuda/WorkSplit.h"

#include <cstddef>

namespace headkv::cuda {

/// How many blocks a decode attention takes, how many heads each serves, and what its workspace holds.
struct DecodePlan
{
    int queries = 0; ///< heads that share a block's reading of a list: up to 8, or 16
    int tiles = 0;   ///< so many blocks read the same entries; 1 for groups of up to 16
    int blocks = 0;  ///< per tile
    int slots = 0;   ///< parts of lists
    std::size_t softmaxAt = 0, countersAt = 0, bytes = 0; ///< in the workspace; the parts' sums come first

    DecodePlan(int multiprocessors, int lists, int heads, int dim)
    {
        const int group = heads / lists;
        queries = group <= 8 ? 8 : 16;
        tiles = (group + queries - 1) / queries;
        blocks = larger(1, multiprocessors / tiles); // so that the tiles run at once, and the cache reads once
        slots = WorkSplit::mostParts(lists, blocks);
        const std::size_t parts = static_cast<std::size_t>(slots) * tiles * queries;
        softmaxAt = parts * dim * sizeof(float);
        countersAt = softmaxAt + parts * sizeof(SoftmaxSum);
        bytes = countersAt + static_cast<std::size_t>(lists) * tiles * sizeof(int);
    }
};

/// What the kernel gets; see DecodeArguments.
struct DecodeParameters
{
    const void *keys, *values, *queries;
    void *output;
    const std::int64_t *offsets;
    const std::int32_t *lengths, *begins, *compensated;
    int activations; ///< a Type
    int lists, group, tiles;
    float scale, softcap;
    float *sums;         ///< [slots, tiles, queries, D]
    SoftmaxSum *softmax; ///< [slots, tiles, queries]
    int *counters;       ///< [lists, tiles] parts of the list that are done; 0 between calls
};

} // namespace headkv::cuda
