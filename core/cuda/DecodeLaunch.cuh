// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/DecodeKernel.cuh"
#include "core/cuda/DecodeLaunch.h"

namespace headkv::cuda {

/// As many warps as find room in a block's shared memory.
template <class Element, int Dim, int Queries>
Status launchDecode(const DecodePlan &plan, const DecodeParameters &parameters, Stream stream)
{
    using Block = DecodeBlock<Element, Dim, Queries>;
    const int warps = smaller(Block::mostWarps, (mostSharedBytes() - Block::fixedBytes) / Block::bytesOfWarp);
    if (warps < 1)
        return cudaErrorInvalidValue;
    const dim3 grid(static_cast<unsigned>(plan.blocks), static_cast<unsigned>(plan.tiles));
    return launchOverlapping(&decodeKernel<Element, Dim, Queries>, grid, static_cast<unsigned>(warps * 32),
                             static_cast<std::size_t>(Block::fixedBytes + warps * Block::bytesOfWarp), stream,
                             parameters);
}

template <int Dim>
template <class Element>
Status DecodeLaunch<Dim>::launch(const DecodePlan &plan, const DecodeParameters &parameters, Stream stream)
{
    return plan.queries == 8 ? launchDecode<Element, Dim, 8>(plan, parameters, stream)
                             : launchDecode<Element, Dim, 16>(plan, parameters, stream);
}

} // namespace headkv::cuda
