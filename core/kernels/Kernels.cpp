// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/Kernels.h"

#include <vector>

namespace headkv {

extern const Kernels kernelsGeneric, kernelsAvx2, kernelsAvx512; // each in a file of its own

std::string toString(ElementType type)
{
    switch (type) {
    case ElementType::Float32:
        return "float32";
    case ElementType::Float16:
        return "float16";
    case ElementType::BFloat16:
        break;
    }
    return "bfloat16";
}

std::span<const Kernels *const> supportedKernels()
{
    static const std::vector<const Kernels *> supported = [] {
        std::vector<const Kernels *> sets{&kernelsGeneric};
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) // all that have these have F16C
            sets.push_back(&kernelsAvx2);
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vnni"))
            sets.push_back(&kernelsAvx512);
#endif
        return sets;
    }();
    return supported;
}

const Kernels &kernels() { return *supportedKernels().back(); }

} // namespace headkv
