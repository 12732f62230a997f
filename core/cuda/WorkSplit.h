// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Portable.h"

namespace headkv::cuda {

/// Cuts ragged lists into parts of one size or less, about as many as there are blocks: no part has entries of two
/// lists, since a block that goes on to another list has to fill its pipeline again. Parts are numbered list by list.
class WorkSplit
{
public:
    /// Entries below which another part costs more than it gives.
    static constexpr int leastShare = 128;
    static constexpr int mostLists = 1024;

    /// So many parts at most come of it.
    HEADKV_HOST_DEVICE static constexpr int mostParts(int lists, int blocks) { return blocks + lists; }

    /// Entries of a part, of so many in all: a list's last part is why not all blocks can be counted on.
    HEADKV_HOST_DEVICE static int shareOf(int entries, int lists, int blocks)
    {
        const int counted = larger(blocks - lists, (blocks + 1) / 2);
        return larger(leastShare, (entries + counted - 1) / counted);
    }
    /// A list without entries has a part too, which writes that there is nothing.
    HEADKV_HOST_DEVICE static int partsOf(int entries, int share) { return larger(1, (entries + share - 1) / share); }
    /// Where a part of a list begins; its end is where the next one begins. Whole tiles of `grain` entries.
    HEADKV_HOST_DEVICE static int beginOf(int part, int parts, int entries, int grain)
    {
        const int tiles = (entries + grain - 1) / grain;
        return smaller(entries, static_cast<int>(std::int64_t{tiles} * part / parts) * grain);
    }
    /// The list that has a part; starts [lists + 1]: the number of a list's first part, and of all.
    HEADKV_HOST_DEVICE static int listAt(const int *starts, int lists, int part)
    {
        int low = 0, high = lists; // starts[low] <= part < starts[high]
        while (high - low > 1) {
            const int middle = (low + high) / 2;
            if (starts[middle] <= part)
                low = middle;
            else
                high = middle;
        }
        return low;
    }
};

} // namespace headkv::cuda
