// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/CacheKernels.cuh"
#include "core/cuda/CudaKernels.h"

namespace headkv::cuda {

namespace {

ListRows rowsOf(const Lists &lists)
{
    return {static_cast<uint4 *>(lists.keys),
            static_cast<uint4 *>(lists.values),
            lists.positions,
            lists.offsets,
            lists.lengths,
            lists.dim * bytesOf(lists.type) / 16,
            lists.count};
}

bool areLists(const Lists &lists) { return lists.type != Type::Float32 && lists.count > 0 && lists.dim % 8 == 0; }

} // namespace

Status findWindowBegins(const Lists &lists, const std::int32_t *position, int window, std::int32_t *begins,
                        Stream stream)
{
    if (!areLists(lists))
        return cudaErrorInvalidValue;
    constexpr int threads = 128;
    const auto blocks = static_cast<unsigned>((lists.count + threads - 1) / threads);
    HEADKV_LAUNCH(findWindowBeginsKernel, blocks, threads, stream, rowsOf(lists), position, window, begins);
    return cudaGetLastError();
}

Status appendToken(const Lists &lists, const void *keys, const void *values, int groups, const std::int32_t *position,
                   int *full, Stream stream)
{
    if (!areLists(lists) || groups <= 0 || lists.count % groups != 0)
        return cudaErrorInvalidValue;
    return launchOverlapping(&appendTokenKernel, dim3(static_cast<unsigned>(lists.count)), 32, 0, stream, rowsOf(lists),
                             static_cast<const uint4 *>(keys), static_cast<const uint4 *>(values), lists.count / groups,
                             position, full);
}

Status gatherEntries(const Lists &source, const Lists &target, const std::int32_t *indices, int stride,
                     const std::int32_t *counts, int mostCount, int *full, Stream stream)
{
    if (!areLists(source) || source.type != target.type || source.dim != target.dim || source.count != target.count ||
        mostCount < 0)
        return cudaErrorInvalidValue;
    constexpr int threads = 256, wordsPerThread = 4;
    const std::int64_t words = std::int64_t{mostCount} * rowsOf(source).rowWords;
    const std::int64_t blocks = (words + threads * wordsPerThread - 1) / (threads * wordsPerThread);
    const dim3 grid(static_cast<unsigned>(larger<std::int64_t>(1, smaller<std::int64_t>(blocks, 65535))),
                    static_cast<unsigned>(source.count));
    HEADKV_LAUNCH(gatherEntriesKernel, grid, threads, stream, rowsOf(source), rowsOf(target), indices, stride, counts,
                  full);
    return cudaGetLastError();
}

} // namespace headkv::cuda
