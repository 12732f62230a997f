// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Device.cuh"
#include "core/cuda/Portable.h"

namespace headkv::cuda {

/// A layer's lists, as kernels get them; see Lists. A row is D / 8 words of 16 bytes.
struct ListRows
{
    uint4 *keys, *values;
    std::int32_t *positions; ///< or null
    const std::int64_t *offsets;
    std::int32_t *lengths;
    int rowWords, count;

    [[nodiscard]] HEADKV_HOST_DEVICE int room(int list) const
    {
        return static_cast<int>(offsets[list + 1] - offsets[list]);
    }
};

/// A thread a list.
__global__ void findWindowBeginsKernel(HEADKV_PARAMETER ListRows lists, const std::int32_t *position, int window,
                                       std::int32_t *begins)
{
    const int list = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (list >= lists.count)
        return;
    const int first = *position - window + 1, length = lists.lengths[list];
    if (window <= 0 || first <= 0) {
        begins[list] = 0;
        return;
    }
    if (lists.positions == nullptr) {
        begins[list] = smaller(first, length);
        return;
    }
    const std::int32_t *positions = lists.positions + lists.offsets[list];
    int low = 0, high = length; // those before low are before the window, those from high on are in it
    while (low < high) {
        const int middle = (low + high) / 2;
        if (positions[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    begins[list] = low;
}

/// A block a list.
__global__ void appendTokenKernel(HEADKV_PARAMETER ListRows lists, const uint4 *keys, const uint4 *values,
                                  int listsPerGroup, const std::int32_t *position, int *full)
{
    waitForEarlierKernels();
    const int list = static_cast<int>(blockIdx.x), thread = static_cast<int>(threadIdx.x);
    const int length = lists.lengths[list];
    if (length >= lists.room(list)) {
        if (thread == 0 && full != nullptr)
            *full = 1;
        return;
    }
    const std::int64_t row = lists.offsets[list] + length;
    const std::int64_t group = list / listsPerGroup;
    for (int i = thread; i < lists.rowWords; i += static_cast<int>(blockDim.x)) {
        lists.keys[row * lists.rowWords + i] = keys[group * lists.rowWords + i];
        lists.values[row * lists.rowWords + i] = values[group * lists.rowWords + i];
    }
    __syncthreads(); // all have read the length
    if (thread == 0) {
        if (lists.positions != nullptr)
            lists.positions[row] = *position;
        lists.lengths[list] = length + 1;
    }
}

/// Blocks share out the words of a list's rows; blockIdx.y is the list.
__global__ void gatherEntriesKernel(HEADKV_PARAMETER ListRows source, HEADKV_PARAMETER ListRows target,
                                    const std::int32_t *indices, int stride, const std::int32_t *counts, int *full)
{
    const int list = static_cast<int>(blockIdx.y);
    const int count = smaller(counts[list], target.room(list));
    const std::int64_t from = source.offsets[list], to = target.offsets[list];
    const std::int32_t *row = indices + static_cast<std::int64_t>(list) * stride;
    const std::int64_t words = static_cast<std::int64_t>(count) * source.rowWords;
    const auto threads = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < words; i += threads) {
        const std::int64_t entry = i / source.rowWords, word = i % source.rowWords;
        const std::int64_t at = (from + row[entry]) * source.rowWords + word;
        target.keys[to * source.rowWords + i] = source.keys[at];
        target.values[to * source.rowWords + i] = source.values[at];
        if (word == 0 && target.positions != nullptr)
            target.positions[to + entry] =
                source.positions != nullptr ? source.positions[from + row[entry]] : row[entry];
    }
    if (blockIdx.x == 0 && threadIdx.x == 0) {
        target.lengths[list] = count;
        if (count < counts[list] && full != nullptr)
            *full = 1;
    }
}

} // namespace headkv::cuda
