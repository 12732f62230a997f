// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/CudaKernels.h"
#include "core/cuda/ScoreKernels.cuh"
#include "core/cuda/TopKernel.cuh"

namespace headkv::cuda {

namespace {

/// What lies where in the workspace of the window's scores; the queries' words come first.
struct ScoreWorkspace
{
    std::size_t keyTiles, rowTiles, partsAt, rowsAt, meansAt, bytes;

    ScoreWorkspace(int lists, int heads, int window, int mostEntries)
    {
        using Tile = ScoreTile<BFloat16>;
        constexpr std::size_t bytesOfRowTile = std::size_t{Tile::mostSets} * (Tile::mostDim / 16) * 32 * sizeof(uint4);
        const std::size_t rows = static_cast<std::size_t>(heads) * static_cast<std::size_t>(window);
        const auto count = static_cast<std::size_t>(lists), entries = static_cast<std::size_t>(mostEntries);
        keyTiles = (entries + Tile::keys - 1) / Tile::keys * (Tile::keys / Tile::keysOfPart);
        rowTiles = (rows / count + 15) / 16;
        partsAt = count * rowTiles * bytesOfRowTile;
        rowsAt = partsAt + rows * keyTiles * sizeof(SoftmaxSum);
        meansAt = rowsAt + rows * sizeof(SoftmaxSum);
        bytes = meansAt + count * entries * sizeof(float);
    }
};

template <class Element>
Status launchScores(ScoreParameters p, Stream stream)
{
    using Tile = ScoreTile<Element>;
    p.sets = Tile::setsOf(p);
    const auto lists = static_cast<unsigned>(p.lists), keyTiles = static_cast<unsigned>(p.keyTiles) / 2;
    const auto rows = static_cast<unsigned>(p.group * p.window), words = static_cast<unsigned>(p.rowTiles * p.dim * 2);
    const std::size_t bytes = Tile::bytesOf(p.dim);
    const dim3 tiles(keyTiles, lists), tokens((static_cast<unsigned>(p.mostEntries) + 255) / 256, lists);
    Status status =
        launchOverlapping(&splitQueriesKernel<Element>, dim3((words + 127) / 128, lists), 128, 0, stream, p);
    if (status == cudaSuccess)
        status = launchOverlapping(&scorePartsKernel<Element>, tiles, Tile::threads, bytes, stream, p);
    if (status == cudaSuccess)
        status = launchOverlapping(&joinScorePartsKernel, dim3((rows + 31) / 32, lists), 256, 0, stream, p);
    if (status == cudaSuccess)
        status = launchOverlapping(&scoreMeansKernel<Element>, tiles, Tile::threads, bytes, stream, p);
    if (status == cudaSuccess)
        status = launchOverlapping(&poolScoresKernel, tokens, 256, 0, stream, p);
    return status;
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
                         lists.dim <= ScoreTile<BFloat16>::mostDim && arguments.heads > 0 &&
                         arguments.heads % lists.count == 0 && arguments.window > 0 && arguments.mostEntries > 0 &&
                         arguments.kernel > 0 && arguments.kernel % 2 == 1 && arguments.workspace != nullptr;
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
                                     static_cast<int>(layout.rowTiles),
                                     0, // set by what the lists hold
                                     reinterpret_cast<uint4 *>(workspace),
                                     reinterpret_cast<SoftmaxSum *>(workspace + layout.partsAt),
                                     reinterpret_cast<SoftmaxSum *>(workspace + layout.rowsAt),
                                     reinterpret_cast<float *>(workspace + layout.meansAt),
                                     arguments.scores};
    return lists.type == Type::BFloat16 ? launchScores<BFloat16>(parameters, stream)
                                        : launchScores<Float16>(parameters, stream);
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
