// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/KernelTable.inl"

namespace headkv {

extern const Kernels kernelsGeneric;
const Kernels kernelsGeneric = kernelTable("plain C++");

} // namespace headkv
