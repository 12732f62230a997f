// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/CudaKernels.h"
#include "core/cuda/ScoreKernels.cuh"
#include "core/cuda/TopKernel.cuh"

namespace headkv::cuda {

namespace {

/// What lies where in the workspace of the window's scores.
struct ScoreWorkspace
{
    std::size_t keyTiles, rowsAt, meansAt, bytes;

    ScoreWorkspace(int lists, int heads, int window, int mostEntries)
    {
        constexpr int keys = ScoreTile<BFloat16>::keys;
        keyTiles = (static_cast<std::size_t>(mostEntries) + keys - 1) / keys;
        const std::size_t rows = static_cast<std::size_t>(heads) * static_cast<std::size_t>(window);
        rowsAt = rows * keyTiles * sizeof(SoftmaxSum);
        meansAt = rowsAt + rows * sizeof(SoftmaxSum);
        bytes = meansAt + static_cast<std::size_t>(lists) * static_cast<std::size_t>(mostEntries) * sizeof(float);
    }
};

template <class Element>
void launchScores(const ScoreParameters &p, Stream stream)
{
    using Tile = ScoreTile<Element>;
    const auto lists = static_cast<unsigned>(p.lists), keyTiles = static_cast<unsigned>(p.keyTiles);
    const auto rows = static_cast<unsigned>(p.group * p.window);
    const dim3 parts(keyTiles, (rows + Tile::rows - 1) / Tile::rows, lists);
    HEADKV_LAUNCH(scorePartsKernel<Element>, parts, Tile::threads, stream, p);
    const dim3 rowsOfLists(rows, lists);
    HEADKV_LAUNCH(joinScorePartsKernel, rowsOfLists, 32, stream, p);
    const dim3 tiles(keyTiles, lists);
    HEADKV_LAUNCH(scoreMeansKernel<Element>, tiles, Tile::threads, stream, p);
    const dim3 tokens((static_cast<unsigned>(p.mostEntries) + 255) / 256, lists);
    HEADKV_LAUNCH(poolScoresKernel, tokens, 256, stream, p);
}

} // namespace

std::size_t windowScoresWorkspaceBytes(int lists, int heads, int window, int mostEntries)
{
    return ScoreWorkspace(lists, heads, window, mostEntries).bytes;
}

Status windowScores(const WindowScoreArguments &arguments, Stream stream)
{
    const Lists &lists = arguments.lists;
    const bool isValid = lists.type != Type::Float32 && lists.count > 0 && lists.dim > 0 && lists.dim % 16 == 0 &&
                         arguments.heads > 0 && arguments.heads % lists.count == 0 && arguments.window > 0 &&
                         arguments.mostEntries > 0 && arguments.kernel > 0 && arguments.kernel % 2 == 1 &&
                         arguments.workspace != nullptr;
    if (!isValid)
        return cudaErrorInvalidValue;
    const ScoreWorkspace layout(lists.count, arguments.heads, arguments.window, arguments.mostEntries);
    auto *workspace = static_cast<char *>(arguments.workspace);
    const ScoreParameters parameters{lists.keys,
                                     arguments.queries,
                                     lists.offsets,
                                     lists.lengths,
                                     lists.positions,
                                     arguments.compensated,
                                     static_cast<int>(arguments.activations),
                                     lists.dim,
                                     lists.count,
                                     arguments.heads / lists.count,
                                     arguments.window,
                                     arguments.scale,
                                     arguments.softcap,
                                     arguments.slidingWindow,
                                     arguments.kernel,
                                     arguments.average ? 1 : 0,
                                     arguments.mostEntries,
                                     static_cast<int>(layout.keyTiles),
                                     reinterpret_cast<SoftmaxSum *>(workspace),
                                     reinterpret_cast<SoftmaxSum *>(workspace + layout.rowsAt),
                                     reinterpret_cast<float *>(workspace + layout.meansAt),
                                     arguments.scores};
    if (lists.type == Type::BFloat16)
        launchScores<BFloat16>(parameters, stream);
    else
        launchScores<Float16>(parameters, stream);
    return cudaGetLastError();
}

Status keepHighest(const float *scores, int scoreStride, const std::int32_t *lengths, const std::int32_t *capacities,
                   int tail, int lists, std::int32_t *indices, int indexStride, std::int32_t *counts, Stream stream)
{
    if (lists <= 0 || tail < 0)
        return cudaErrorInvalidValue;
    const TopParameters parameters{scores, lengths, capacities, indices, counts, scoreStride, indexStride, tail};
    HEADKV_LAUNCH(keepHighestKernel, static_cast<unsigned>(lists), TopBlock::threads, stream, parameters);
    return cudaGetLastError();
}

} // namespace headkv::cuda
