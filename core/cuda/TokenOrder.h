// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Portable.h"

namespace headkv::cuda {

/// A whole number that orders as the score does; both zeros are one, what is no number is the least.
HEADKV_HOST_DEVICE std::uint32_t orderOf(float score)
{
    if (!(score >= negativeInfinity))
        score = negativeInfinity;
    const std::uint32_t bits = asBits(score == 0 ? 0.0F : score);
    return bits ^ ((bits & 0x80000000U) != 0 ? 0xffffffffU : 0x80000000U);
}

/// The score of a token after pooling the means [count] around it: the greatest, or their sum over the kernel's width
/// (what lies outside counts 0). Where a mean is no number, the least.
HEADKV_HOST_DEVICE float pooledScore(const float *means, int count, int token, int kernel, bool average)
{
    const int first = larger(0, token - kernel / 2), last = smaller(count - 1, token + kernel / 2);
    float greatest = negativeInfinity, sum = 0;
    for (int i = first; i <= last; ++i) {
        greatest = std::fmax(greatest, means[i]);
        sum += means[i];
    }
    if (sum != sum)
        return negativeInfinity;
    return average ? sum / static_cast<float>(kernel) : greatest;
}

/// One round of finding the order of the C-th highest score, eight bits at a time from the top: `counts` [256] says how
/// many of the scores whose higher bits are the found ones have which next eight; digits above `first` are not looked
/// at.
struct RadixRound
{
    std::uint32_t digit; ///< the next eight bits
    int left;            ///< how many of the scores with these bits are still to be taken
};

HEADKV_HOST_DEVICE RadixRound radixRound(const int *counts, int wanted, int first = 255)
{
    int digit = first;
    while (digit > 0 && counts[digit] < wanted)
        wanted -= counts[digit--];
    return {static_cast<std::uint32_t>(digit), wanted};
}

} // namespace headkv::cuda
