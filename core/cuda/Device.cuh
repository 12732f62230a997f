// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

// What kernels are written with beside plain C++. Without nvcc, whoever includes a kernel has defined CUDA's words: the
// host's tests run kernels so, thread for thread.
#if defined(__CUDACC__)
#include <cuda_runtime.h>
#define HEADKV_PRAGMA(text) _Pragma(#text)
#define HEADKV_UNROLL_BY(count) HEADKV_PRAGMA(unroll count)
#define HEADKV_SHARED __shared__ alignas(16)
#define HEADKV_PARAMETER __grid_constant__ const
#define HEADKV_DEVICE __device__ __forceinline__
#define HEADKV_LAUNCH(kernel, grid, threads, stream, ...) (kernel)<<<grid, threads, 0, stream>>>(__VA_ARGS__)
#else
#define HEADKV_UNROLL_BY(count)
#define HEADKV_SHARED alignas(16) static
#define HEADKV_PARAMETER const
#define HEADKV_DEVICE inline
#endif

namespace headkv::cuda {

constexpr unsigned allLanes = 0xffffffffU;

/// 16 bytes that no thread of the launch writes and none reads again.
HEADKV_DEVICE uint4 loadOnce(const uint4 *address)
{
#if defined(__CUDA_ARCH__)
    uint4 value;
    asm("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
        : "l"(address));
    return value;
#else
    return *address;
#endif
}

/// What another block of the launch has written, past the first-level cache.
template <class Vector>
HEADKV_DEVICE Vector loadShared(const Vector *address)
{
#if defined(__CUDA_ARCH__)
    return __ldcg(address);
#else
    return *address;
#endif
}

} // namespace headkv::cuda
