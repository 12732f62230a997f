// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Portable.h"

namespace headkv::cuda {

/// Shares out the entries of ragged lists evenly among blocks: the lists lie end to end on a line, each with some room
/// for what a list costs beside its entries, and block b has the line's b-th part. A block may have the end of a list,
/// whole ones, and the beginning of another; so each pair (block, list) that meets has a slot block + list of its own.
class WorkSplit
{
public:
    /// What a list costs, in entries.
    static constexpr int listCost = 64;
    /// Entries below which another block costs more than it gives.
    static constexpr int leastShare = 256;
    static constexpr int mostLists = 1024;

    HEADKV_HOST_DEVICE static constexpr int widthOf(int entries) { return entries + listCost; }

    /// A line of the lists' widths, shared out among at most so many blocks.
    HEADKV_HOST_DEVICE WorkSplit(int width, int lists, int mostBlocks)
        : m_width(width)
        , m_blocks(smaller(larger(larger(width / leastShare, lists), 1), mostBlocks))
    {}

    [[nodiscard]] HEADKV_HOST_DEVICE int blocks() const { return m_blocks; }
    /// Where a block's part begins; the end is where the next one's begins.
    [[nodiscard]] HEADKV_HOST_DEVICE int beginOf(int block) const
    {
        return static_cast<int>(std::int64_t{m_width} * block / m_blocks);
    }
    /// The block that has a place on the line: the last that begins there or before.
    [[nodiscard]] HEADKV_HOST_DEVICE int blockAt(int place) const
    {
        return static_cast<int>(((std::int64_t{place} + 1) * m_blocks - 1) / m_width);
    }
    /// The list that lies at a place; starts [lists + 1]: where lists begin, and the end.
    [[nodiscard]] HEADKV_HOST_DEVICE static int listAt(const int *starts, int lists, int place)
    {
        int low = 0, high = lists; // starts[low] <= place < starts[high]
        while (high - low > 1) {
            const int middle = (low + high) / 2;
            if (starts[middle] <= place)
                low = middle;
            else
                high = middle;
        }
        return low;
    }

private:
    int m_width, m_blocks;
};

} // namespace headkv::cuda
