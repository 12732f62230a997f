// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/DecodeKernel.cuh"
#include "core/cuda/DecodeLaunch.h"

namespace headkv::cuda {

template <int Dim>
template <class Element>
Status DecodeLaunch<Dim>::launch(const DecodePlan &plan, const DecodeParameters &parameters, Stream stream)
{
    const dim3 grid(static_cast<unsigned>(plan.blocks), static_cast<unsigned>(plan.tiles));
    auto *kernel = plan.queries == 1   ? &decodeKernel<Element, Dim, 1>
                   : plan.queries == 4 ? &decodeKernel<Element, Dim, 4>
                                       : &decodeKernel<Element, Dim, 8>;
    HEADKV_LAUNCH(kernel, grid, decodeThreads, stream, parameters);
    return cudaGetLastError();
}

} // namespace headkv::cuda
