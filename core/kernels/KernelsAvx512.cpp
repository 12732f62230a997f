// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/KernelTable.inl"

namespace headkv {

extern const Kernels kernelsAvx512;
const Kernels kernelsAvx512 = kernelTable("AVX-512");

} // namespace headkv
