// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Portable.h"

namespace headkv::cuda {

enum class Type : int { BFloat16, Float16, Float32 };

[[nodiscard]] HEADKV_HOST_DEVICE constexpr int bytesOf(Type type) { return type == Type::Float32 ? 4 : 2; }

/// bfloat16 as bits.
struct BFloat16
{
    static constexpr Type type = Type::BFloat16;

    HEADKV_HOST_DEVICE static float toFloat(std::uint16_t bits) { return asFloat(std::uint32_t{bits} << 16); }
    /// Both halves of a word, the lower first.
    HEADKV_HOST_DEVICE static void unpack(std::uint32_t pair, float &first, float &second)
    {
        first = asFloat(pair << 16);
        second = asFloat(pair & 0xffff0000U);
    }
    /// The nearest, of two the even one.
    HEADKV_HOST_DEVICE static std::uint16_t fromFloat(float value)
    {
        const std::uint32_t bits = asBits(value);
        if ((bits & 0x7fffffffU) > 0x7f800000U)
            return static_cast<std::uint16_t>((bits >> 16) | 0x40U); // no number stays none
        return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
    }
    /// Two of them in a word, the first in its lower half.
    HEADKV_HOST_DEVICE static std::uint32_t pack(float first, float second)
    {
#if defined(__CUDA_ARCH__)
        std::uint32_t pair;
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
        return pair;
#else
        return fromFloat(first) | std::uint32_t{fromFloat(second)} << 16;
#endif
    }
};

/// IEEE half precision as bits.
struct Float16
{
    static constexpr Type type = Type::Float16;

    HEADKV_HOST_DEVICE static float toFloat(std::uint16_t bits)
    {
#if defined(__CUDA_ARCH__)
        float value;
        asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
        return value;
#else
        constexpr std::uint32_t exponents = 0x7c00U << 13;
        std::uint32_t result = (bits & 0x7fffU) << 13;
        const std::uint32_t exponent = result & exponents;
        result += (127U - 15U) << 23;
        if (exponent == exponents) // infinite, or no number
            result += (128U - 16U) << 23;
        else if (exponent == 0) // 0, or subnormal: the float's hidden bit is taken away again
            result = asBits(asFloat(result + (1U << 23)) - asFloat(113U << 23));
        return asFloat(result | (std::uint32_t{bits} & 0x8000U) << 16);
#endif
    }
    HEADKV_HOST_DEVICE static void unpack(std::uint32_t pair, float &first, float &second)
    {
        first = toFloat(static_cast<std::uint16_t>(pair));
        second = toFloat(static_cast<std::uint16_t>(pair >> 16));
    }
    HEADKV_HOST_DEVICE static std::uint16_t fromFloat(float value)
    {
#if defined(__CUDA_ARCH__)
        std::uint16_t bits;
        asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
        return bits;
#else
        const std::uint32_t all = asBits(value), sign = (all >> 16) & 0x8000U;
        const std::uint32_t bits = all & 0x7fffffffU;
        if (bits > 0x7f800000U)
            return static_cast<std::uint16_t>(sign | 0x7fffU);
        if (bits >= 0x477ff000U) // 65,520 and above
            return static_cast<std::uint16_t>(sign | 0x7c00U);
        if (bits >= 0x38800000U)
            return static_cast<std::uint16_t>(sign | ((bits + 0xfffU + ((bits >> 13) & 1U) - 0x38000000U) >> 13));
        // The last place of 0.5 is the unit of subnormal halves.
        return static_cast<std::uint16_t>(sign | (asBits(asFloat(bits) + 0.5F) - asBits(0.5F)));
#endif
    }
    HEADKV_HOST_DEVICE static std::uint32_t pack(float first, float second)
    {
#if defined(__CUDA_ARCH__)
        std::uint32_t pair;
        asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
        return pair;
#else
        return fromFloat(first) | std::uint32_t{fromFloat(second)} << 16;
#endif
    }
};

/// Element i of an array of any type.
HEADKV_HOST_DEVICE float loadElement(const void *array, Type type, std::int64_t i)
{
    if (type == Type::Float32)
        return static_cast<const float *>(array)[i];
    const std::uint16_t bits = static_cast<const std::uint16_t *>(array)[i];
    return type == Type::BFloat16 ? BFloat16::toFloat(bits) : Float16::toFloat(bits);
}

HEADKV_HOST_DEVICE void storeElement(void *array, Type type, std::int64_t i, float value)
{
    if (type == Type::Float32)
        static_cast<float *>(array)[i] = value;
    else
        static_cast<std::uint16_t *>(array)[i] =
            type == Type::BFloat16 ? BFloat16::fromFloat(value) : Float16::fromFloat(value);
}

} // namespace headkv::cuda
