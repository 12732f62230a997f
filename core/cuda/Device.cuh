// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Portable.h"

#include <cstddef>

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

/// Memory shared by a block, of as many bytes as the launch says.
HEADKV_DEVICE unsigned char *dynamicShared()
{
#if defined(__CUDACC__)
    extern __shared__ uint4 memory[];
    return reinterpret_cast<unsigned char *>(memory);
#else
    return emulator::dynamicShared();
#endif
}

/// Starts to copy 16 bytes from global to shared memory, or, where there are none, to put zeros there.
HEADKV_DEVICE void copyLater(uint4 *shared, const uint4 *global, bool exists)
{
#if defined(__CUDA_ARCH__)
    const auto target = static_cast<unsigned>(__cvta_generic_to_shared(shared));
    const unsigned bytes = exists ? 16 : 0;
    asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(target), "l"(global), "r"(bytes)
                 : "memory");
#elif !defined(__CUDACC__)
    emulator::copyLater(shared, exists ? global : nullptr);
#endif
}

/// The thread's copies since the last call are a group.
HEADKV_DEVICE void closeCopies()
{
#if defined(__CUDA_ARCH__)
    asm volatile("cp.async.commit_group;" ::: "memory");
#elif !defined(__CUDACC__)
    emulator::closeCopies();
#endif
}

/// Waits until no more than the thread's last `Pending` groups of copies are on their way.
template <int Pending>
HEADKV_DEVICE void waitForCopies()
{
#if defined(__CUDA_ARCH__)
    asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#elif !defined(__CUDACC__)
    emulator::waitForCopies(Pending);
#endif
}

/// Asks for bytes of global memory to be brought to the second-level cache: a multiple of 16, from a multiple of 16 on.
HEADKV_DEVICE void bringNear(const void *global, int bytes)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(global), "r"(bytes) : "memory");
#else
    static_cast<void>(global);
    static_cast<void>(bytes);
#endif
}

/// Whether kernels may run while the one before them ends.
HEADKV_HOST_DEVICE constexpr bool kernelsOverlap()
{
#if defined(__CUDA_ARCH__)
    return __CUDA_ARCH__ >= 900;
#else
    return true;
#endif
}

/// A kernel that was launched by launchOverlapping may run while the one before it ends: nothing that one writes is to
/// be read, and nothing it reads to be written, before this. Every thread calls it.
HEADKV_DEVICE void waitForEarlierKernels()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

#if defined(__CUDACC__)
/// The shared memory that a block can have on the current device.
inline int mostSharedBytes()
{
    int device = 0, bytes = 48 << 10;
    if (cudaGetDevice(&device) == cudaSuccess)
        cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
    return bytes;
}

/// Launches a kernel that calls waitForEarlierKernels, with dynamic shared memory.
template <class... Parameters>
int launchOverlapping(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t sharedBytes,
                      cudaStream_t stream, Parameters... parameters)
{
    int device = 0, major = 0;
    cudaError_t status = cudaGetDevice(&device);
    if (status == cudaSuccess)
        status = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
    if (status == cudaSuccess && sharedBytes > (48U << 10))
        status = cudaFuncSetAttribute(reinterpret_cast<const void *>(kernel),
                                      cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(sharedBytes));
    if (status != cudaSuccess)
        return status;
    cudaLaunchAttribute attribute = {};
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config = {};
    config.gridDim = grid;
    config.blockDim = threads;
    config.dynamicSmemBytes = sharedBytes;
    config.stream = stream;
    config.attrs = &attribute;
    config.numAttrs = major >= 9 ? 1 : 0; // older devices know nothing of it
    return cudaLaunchKernelEx(&config, kernel, parameters...);
}
#endif

} // namespace headkv::cuda
