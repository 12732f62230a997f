// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/KernelTable.inl"

namespace headkv {

extern const Kernels kernelsAvx2;
const Kernels kernelsAvx2 = kernelTable("AVX2");

} // namespace headkv
