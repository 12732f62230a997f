// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Device.cuh"
#include "core/cuda/Elements.h"

// What a warp does together with its tensor cores (compute capability 8.0 and later). How 16 × 16 matrices lie over the
// lanes is the PTX manual's, for mma.m16n8k16: lane l has, of the left one, rows l/4 and l/4 + 8, of each the columns
// 2·(l%4), + 1, and the same + 8, as four words (x: upper left, y: lower left, z: upper right, w: lower right).
namespace headkv::cuda {

/// Four 8 × 8 matrices of 16 bits from shared memory: lane l says where row l%8 of matrix l/8 lies; it gets of each the
/// two elements of row l/4 from column 2·(l%4) on.
HEADKV_DEVICE uint4 loadMatrices(const uint4 *row)
{
#if defined(__CUDA_ARCH__)
    uint4 words;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
                 : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
                 : "memory");
    return words;
#elif defined(__CUDACC__)
    return *row;
#else
    const int lane = emulator::laneOfThread();
    const auto &all = emulator::exchangeWords(&row->x, 4);
    const auto word = [&](int matrix) { return all.words[lane % 4][matrix * 8 + lane / 4]; };
    return {word(0), word(1), word(2), word(3)};
#endif
}

/// The same of the matrices turned over: the two elements of column l/4 from row 2·(l%4) on.
HEADKV_DEVICE uint4 loadTransposed(const uint4 *row)
{
#if defined(__CUDA_ARCH__)
    uint4 words;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
                 : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
                 : "memory");
    return words;
#elif defined(__CUDACC__)
    return *row;
#else
    const int lane = emulator::laneOfThread();
    const auto &all = emulator::exchangeWords(&row->x, 4);
    const auto element = [&](int matrix, int i) {
        return all.words[lane / 8][matrix * 8 + lane % 4 * 2 + i] >> lane / 4 % 2 * 16 & 0xffffU;
    };
    const auto word = [&](int matrix) { return element(matrix, 0) | element(matrix, 1) << 16; };
    return {word(0), word(1), word(2), word(3)};
#endif
}

/// sums [16 × 8] += left [16 × 16] · right [16 × 8], summed in float32. Of the sums a lane has those of rows l/4 (first
/// two) and l/4 + 8, columns 2·(l%4) and + 1; of the right one column l/4, rows 2·(l%4), + 1 (first) and + 8 (second).
template <class Element>
HEADKV_DEVICE void multiplyMatrices(float (&sums)[4], const uint4 &left, std::uint32_t first, std::uint32_t second)
{
#if defined(__CUDA_ARCH__)
    if constexpr (Element::type == Type::BFloat16)
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
            : "r"(left.x), "r"(left.y), "r"(left.z), "r"(left.w), "r"(first), "r"(second));
    else
        asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
            : "r"(left.x), "r"(left.y), "r"(left.z), "r"(left.w), "r"(first), "r"(second));
#elif !defined(__CUDACC__)
    const std::uint32_t words[6] = {left.x, left.y, left.z, left.w, first, second};
    const int lane = emulator::laneOfThread();
    const auto &all = emulator::exchangeWords(words, 6);
    const auto half = [&](int word, int of, int odd) {
        return Element::toFloat(static_cast<std::uint16_t>(all.words[word][of] >> odd * 16));
    };
    for (int i = 0; i < 4; ++i) {
        const int row = lane / 4, column = lane % 4 * 2 + i % 2;
        for (int k = 0; k < 16; ++k)
            sums[i] +=
                half(k / 8 * 2 + i / 2, row * 4 + k % 8 / 2, k % 2) * half(4 + k / 8, column * 4 + k % 8 / 2, k % 2);
    }
#endif
}

/// What is left of numbers when their nearest in 16 bits are taken away; those are `packed`.
template <class Element>
HEADKV_DEVICE std::uint32_t splitOff(float &first, float &second)
{
    const std::uint32_t packed = Element::pack(first, second);
    float a = 0, b = 0;
    Element::unpack(packed, a, b);
    first -= a;
    second -= b;
    return packed;
}

} // namespace headkv::cuda
