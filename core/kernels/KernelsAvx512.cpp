// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/Kernels.h"
#include "core/kernels/Simd.h"

#include "core/kernels/AttentionKernels.inl"
#include "core/kernels/LinearKernels.inl"
#include "core/kernels/RowKernels.inl"

#include "core/kernels/KernelTable.inl"

namespace headkv {

extern const Kernels kernelsAvx512;
const Kernels kernelsAvx512 = kernelTable("Avx512");

} // namespace headkv
