// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/CudaRuntime.h"

#ifdef HEADKV_CUDA

#include "core/base/Error.h"

#include <cuda_runtime_api.h>
#include <dlfcn.h>

namespace headkv::cuda {

bool isBuilt() { return true; }

int deviceCount()
{
    int devices = 0;
    return cudaGetDeviceCount(&devices) == cudaSuccess ? devices : 0;
}

std::string problem()
{
    int devices = 0;
    const cudaError_t status = cudaGetDeviceCount(&devices);
    return status == cudaSuccess ? "none is installed" : cudaGetErrorString(status);
}

int multiprocessors(int device)
{
    int count = 1;
    cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device);
    return count;
}

std::string deviceName(int device)
{
    cudaDeviceProp properties = {};
    return cudaGetDeviceProperties(&properties, device) == cudaSuccess ? properties.name : "";
}

MemoryInfo memoryInfo(int device)
{
    int before = 0;
    std::size_t free = 0, total = 0;
    cudaGetDevice(&before);
    cudaSetDevice(device);
    cudaMemGetInfo(&free, &total);
    cudaSetDevice(before);
    return {free, total};
}

void loadLibraries()
{
    static const bool loaded = [] {
        if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr)
            throw Error(ErrorKind::Failed, std::string("a library of CUDA cannot be loaded: ") + dlerror() +
                                               "; run scripts/setup.sh --cuda, or use --device cpu");
        return true;
    }();
    static_cast<void>(loaded);
}

} // namespace headkv::cuda

#else

namespace headkv::cuda {

bool isBuilt() { return false; }
int deviceCount() { return 0; }
std::string problem() { return "this build has no CUDA"; }
int multiprocessors(int /*device*/) { return 0; }
std::string deviceName(int /*device*/) { return {}; }
MemoryInfo memoryInfo(int /*device*/) { return {}; }
void loadLibraries() {}

} // namespace headkv::cuda

#endif
