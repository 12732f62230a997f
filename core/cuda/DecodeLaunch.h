// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/CudaKernels.h"
#include "core/cuda/DecodePlan.h"

namespace headkv::cuda {

/// The kernels of one D, in a file of their own, so that they compile beside the others'.
template <int Dim>
struct DecodeLaunch
{
    template <class Element>
    static Status launch(const DecodePlan &plan, const DecodeParameters &parameters, Stream stream);
};

} // namespace headkv::cuda
