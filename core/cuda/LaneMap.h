// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Portable.h"

namespace headkv::cuda {

/// Sums `Values` numbers a lane over `Lanes` lanes (both powers of two) by halving: in step k, lanes that differ in bit
/// k each keep one half of the numbers and add the other lane's. In the end a lane holds `held` of the sums, which is
/// fewer exchanges than summing each number everywhere. Here is which lane holds what.
template <int Lanes, int Values>
struct LaneMap
{
    static constexpr int halvings = logOfPowerOfTwo(smaller(Lanes, Values));
    static constexpr int held = Values >> halvings;

    /// The sum that a lane holds at an index.
    HEADKV_HOST_DEVICE static constexpr int valueAt(int lane, int index)
    {
        int value = index;
        for (int k = 0; k < halvings; ++k)
            value += (lane >> k & 1) * (Values >> (k + 1));
        return value;
    }
    /// A lane that holds a sum, and at which index.
    HEADKV_HOST_DEVICE static constexpr int laneOf(int value)
    {
        int lane = 0;
        for (int k = 0; k < halvings; ++k)
            lane |= (value & (Values >> (k + 1))) != 0 ? 1 << k : 0;
        return lane;
    }
    HEADKV_HOST_DEVICE static constexpr int indexOf(int value) { return value & (held - 1); }
    /// The lane whose sums differ in one bit of the value, as an exclusive-or; bits below log2(held) differ in the
    /// index.
    HEADKV_HOST_DEVICE static constexpr int laneBitOf(int valueBit)
    {
        return 1 << (logOfPowerOfTwo(Values) - 1 - valueBit);
    }
};

} // namespace headkv::cuda
