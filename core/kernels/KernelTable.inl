// SPDX-License-Identifier: GPL-3.0-or-later
// All kernels, for the instruction set that the one file which includes this is compiled for.
#pragma once

#include "core/kernels/DecodeKernels.inl"
#include "core/kernels/LinearKernels.inl"
#include "core/kernels/PrefillKernels.inl"
#include "core/kernels/RowKernels.inl"

namespace headkv {
namespace {

constexpr Kernels kernelTable(std::string_view name)
{
    return {name,
            rmsNorm,
            rotate,
            siluProduct,
            geluProduct,
            quantize,
            multiplyInt4,
            multiplyInt8,
            multiplyDense,
            toBFloat16,
            scoreKeys,
            exponentials,
            sumValues,
            attendRows<ExactProducts>,
            attendRows<RoundedProducts>,
            packKeyValues,
            attentionScratch,
            tilesAtOnce * lanes};
}

} // namespace
} // namespace headkv
