// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>

// Runs CUDA kernels on the host, thread for thread: include this before a kernel's file. A launch runs its blocks one
// after another in a random order, and a block's warps by turns between barriers, in rising order or falling, so that a
// missing barrier shows. Threads are contexts that switch where a warp or a block waits; a warp whose threads do not
// all come, or a barrier that some never reach, ends the program with a message.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): CUDA's own words

#define __global__ inline
#define __launch_bounds__(...)

struct dim3
{
    unsigned x = 1, y = 1, z = 1;
    constexpr dim3(unsigned xs = 1, unsigned ys = 1, unsigned zs = 1)
        : x(xs)
        , y(ys)
        , z(zs)
    {}
};
struct alignas(16) uint4
{
    std::uint32_t x, y, z, w;
};
struct alignas(16) float4
{
    float x, y, z, w;
};
struct alignas(8) float2
{
    float x, y;
};

using cudaStream_t = struct CUstream_st *;
constexpr int cudaSuccess = 0;
constexpr int cudaErrorInvalidValue = 1;

inline int cudaGetLastError() { return cudaSuccess; }
inline int cudaMemsetAsync(void *memory, int value, std::size_t bytes, cudaStream_t)
{
    std::memset(memory, value, bytes);
    return cudaSuccess;
}

namespace emulator {

/// What a warp's threads give, up to eight words each: [word][lane].
struct WarpWords
{
    std::uint32_t words[8][32];
};

void launch(dim3 grid, unsigned threads, const std::function<void()> &kernel, std::size_t sharedBytes = 0);
const WarpWords &exchangeWords(const std::uint32_t *words, int count);
inline const std::uint32_t (&exchange(std::uint32_t value))[32] { return exchangeWords(&value, 1).words[0]; }
void barrier();
int laneOfThread();

/// Of the launch; what it holds at first are NaNs.
unsigned char *dynamicShared();
extern int mostSharedBytes; ///< that a block can have

/// Copies of 16 bytes happen no sooner than the thread waits for them; from nowhere: zeros.
void copyLater(void *to, const void *from);
void closeCopies();
void waitForCopies(int pending);

} // namespace emulator

#define HEADKV_LAUNCH(kernel, grid, threads, stream, ...)                                                              \
    emulator::launch(grid, threads, [&] { (static_cast<void>(stream), kernel(__VA_ARGS__)); })

namespace headkv::cuda {

inline int mostSharedBytes() { return emulator::mostSharedBytes; }

template <class... Parameters>
int launchOverlapping(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t sharedBytes, cudaStream_t,
                      Parameters... parameters)
{
    emulator::launch(
        grid, threads, [&] { kernel(parameters...); }, sharedBytes);
    return cudaSuccess;
}

} // namespace headkv::cuda

extern dim3 threadIdx, blockIdx, blockDim, gridDim;

inline void __syncthreads() { emulator::barrier(); }
inline void __threadfence() {}
inline void __syncwarp() { emulator::exchange(0); }

template <class Value>
Value __shfl_sync(unsigned, Value value, int source, int width = 32)
{
    const int lane = emulator::laneOfThread();
    const auto &all = emulator::exchange(std::bit_cast<std::uint32_t>(value));
    return std::bit_cast<Value>(all[(lane & ~(width - 1)) | (source & (width - 1))]);
}

template <class Value>
Value __shfl_xor_sync(unsigned, Value value, int mask)
{
    const int lane = emulator::laneOfThread();
    return std::bit_cast<Value>(emulator::exchange(std::bit_cast<std::uint32_t>(value))[lane ^ mask]);
}

template <class Value>
Value __shfl_up_sync(unsigned, Value value, int distance)
{
    const int lane = emulator::laneOfThread();
    const auto &all = emulator::exchange(std::bit_cast<std::uint32_t>(value));
    return std::bit_cast<Value>(all[lane >= distance ? lane - distance : lane]);
}

inline unsigned __ballot_sync(unsigned, bool flag)
{
    const auto &all = emulator::exchange(flag ? 1 : 0);
    unsigned votes = 0;
    for (int lane = 0; lane < 32; ++lane)
        votes |= all[lane] << lane;
    return votes;
}

/// The lanes that give the same value.
inline unsigned __match_any_sync(unsigned, std::uint32_t value)
{
    const auto &all = emulator::exchange(value);
    unsigned same = 0;
    for (int lane = 0; lane < 32; ++lane)
        same |= (all[lane] == value ? 1U : 0U) << lane;
    return same;
}

inline bool __any_sync(unsigned mask, bool flag) { return __ballot_sync(mask, flag) != 0; }
inline int __popc(unsigned bits) { return std::popcount(bits); }

inline int atomicAdd(int *address, int value)
{
    const int old = *address;
    *address += value;
    return old;
}

// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
