// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

// What the kernels' arithmetic is written with, so that it compiles for a GPU and for the host, where it is tested.
#if defined(__CUDACC__)
#define HEADKV_HOST_DEVICE __host__ __device__ __forceinline__
#define HEADKV_UNROLL _Pragma("unroll")
#else
#define HEADKV_HOST_DEVICE inline
#define HEADKV_UNROLL
#endif

namespace headkv::cuda {

constexpr float negativeInfinity = -__builtin_huge_valf();
constexpr float log2OfE = 1.4426950408889634F;

HEADKV_HOST_DEVICE float asFloat(std::uint32_t bits)
{
#if defined(__CUDA_ARCH__)
    return __uint_as_float(bits);
#else
    float value; // NOLINT(cppcoreguidelines-init-variables): filled at once
    std::memcpy(&value, &bits, sizeof value);
    return value;
#endif
}

HEADKV_HOST_DEVICE std::uint32_t asBits(float value)
{
#if defined(__CUDA_ARCH__)
    return __float_as_uint(value);
#else
    std::uint32_t bits; // NOLINT(cppcoreguidelines-init-variables): filled at once
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
#endif
}

/// 2^x; 0 for −∞. On a GPU to two units in the last place, subnormal results 0.
HEADKV_HOST_DEVICE float powerOfTwo(float x)
{
#if defined(__CUDA_ARCH__)
    float result;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
#else
    return std::exp2(x);
#endif
}

HEADKV_HOST_DEVICE constexpr int roundUpToPowerOfTwo(int value)
{
    int power = 1;
    while (power < value)
        power *= 2;
    return power;
}

HEADKV_HOST_DEVICE constexpr int logOfPowerOfTwo(int power)
{
    int log = 0;
    while (power >> (log + 1) != 0)
        ++log;
    return log;
}

template <class Number>
HEADKV_HOST_DEVICE constexpr Number smaller(Number a, Number b)
{
    return b < a ? b : a;
}

template <class Number>
HEADKV_HOST_DEVICE constexpr Number larger(Number a, Number b)
{
    return a < b ? b : a;
}

} // namespace headkv::cuda
