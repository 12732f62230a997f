// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Dequantize.h"

#include <array>
#include <bit>
#include <cstring>

namespace headkv {

namespace {

/// A block of a quantised type: how many elements it holds and how many bytes it takes.
struct TypeTraits
{
    TensorType type;
    const char *name;
    std::uint64_t elements;
    std::uint64_t bytes;
};

constexpr std::array<TypeTraits, 6> knownTypes{{
    {TensorType::F32, "F32", 1, 4},
    {TensorType::F16, "F16", 1, 2},
    {TensorType::BF16, "BF16", 1, 2},
    {TensorType::Q4_0, "Q4_0", 32, 2 + 16},
    {TensorType::Q4_1, "Q4_1", 32, 2 + 2 + 16},
    {TensorType::Q8_0, "Q8_0", 32, 2 + 32},
}};

const TypeTraits *findTraits(std::uint32_t type)
{
    for (const TypeTraits &traits : knownTypes) {
        if (static_cast<std::uint32_t>(traits.type) == type)
            return &traits;
    }
    return nullptr;
}

std::uint16_t loadU16(const std::byte *data)
{
    std::uint16_t value = 0;
    std::memcpy(&value, data, sizeof value);
    return value;
}

float fromBFloat16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

/// IEEE half to single, exactly. Multiplying by 2^112 moves the exponent's bias and makes subnormals normal.
float fromHalf(std::uint16_t bits)
{
    const std::uint32_t sign = std::uint32_t{bits & 0x8000u} << 16;
    const std::uint32_t magnitude = bits & 0x7fffu;
    if (magnitude >= 0x7c00u) // infinity and NaN
        return std::bit_cast<float>(sign | 0x7f800000u | (magnitude << 13));
    const float value = std::bit_cast<float>(magnitude << 13) * std::bit_cast<float>(0x77800000u);
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

/// 32 nibbles of a block: the low ones are elements 0…15, the high ones 16…31.
template <typename Convert>
void unpackNibbles(const std::byte *data, float *out, Convert convert)
{
    for (int i = 0; i < 16; ++i) {
        const auto byte = std::to_integer<std::uint8_t>(data[i]);
        out[i] = convert(byte & 15);
        out[i + 16] = convert(byte >> 4);
    }
}

void dequantizeBlock(TensorType type, const std::byte *data, float *out)
{
    switch (type) {
    case TensorType::F32:
        std::memcpy(out, data, sizeof *out);
        break;
    case TensorType::F16:
        *out = fromHalf(loadU16(data));
        break;
    case TensorType::BF16:
        *out = fromBFloat16(loadU16(data));
        break;
    case TensorType::Q4_0: // w = d·(q − 8)
        unpackNibbles(data + 2, out, [d = fromHalf(loadU16(data))](int q) { return d * static_cast<float>(q - 8); });
        break;
    case TensorType::Q4_1: // w = d·q + m
        unpackNibbles(data + 4, out, [d = fromHalf(loadU16(data)), m = fromHalf(loadU16(data + 2))](int q) {
            return d * static_cast<float>(q) + m;
        });
        break;
    case TensorType::Q8_0: { // w = d·q
        const float d = fromHalf(loadU16(data));
        for (int i = 0; i < 32; ++i)
            out[i] = d * static_cast<float>(static_cast<std::int8_t>(data[2 + i]));
        break;
    }
    }
}

} // namespace

bool isKnownTensorType(std::uint32_t type) { return findTraits(type) != nullptr; }

std::string knownTensorTypes()
{
    std::string names;
    for (const TypeTraits &traits : knownTypes)
        names += (names.empty() ? "" : ", ") + std::string(traits.name);
    return names;
}

std::optional<std::uint64_t> tensorBytes(TensorType type, std::span<const std::uint64_t> shape)
{
    const TypeTraits *traits = findTraits(static_cast<std::uint32_t>(type));
    if (!traits || shape.empty() || shape.back() == 0 || shape.back() % traits->elements != 0)
        return std::nullopt;
    std::uint64_t bytes = shape.back() / traits->elements;
    if (__builtin_mul_overflow(bytes, traits->bytes, &bytes))
        return std::nullopt;
    for (const std::uint64_t size : shape.first(shape.size() - 1)) {
        if (size == 0 || __builtin_mul_overflow(bytes, size, &bytes))
            return std::nullopt;
    }
    return bytes;
}

void dequantizeRow(const GgufTensor &tensor, std::uint64_t row, std::span<float> out)
{
    const TypeTraits &traits = *findTraits(static_cast<std::uint32_t>(tensor.type));
    const std::uint64_t blocks = out.size() / traits.elements;
    const std::byte *data = tensor.data.data() + row * blocks * traits.bytes;
    if (tensor.type == TensorType::F32) {
        std::memcpy(out.data(), data, out.size_bytes());
        return;
    }
    for (std::uint64_t block = 0; block < blocks; ++block)
        dequantizeBlock(tensor.type, data + block * traits.bytes, out.data() + block * traits.elements);
}

} // namespace headkv
