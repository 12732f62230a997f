// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/Dequantize.h"

#include <array>
#include <bit>
#include <cstring>

// Compiled with -ffp-contract=off: a fused multiply-add would round differently from the reference.

namespace headkv {

namespace {

std::uint16_t loadU16(const std::byte *data)
{
    std::uint16_t value = 0;
    std::memcpy(&value, data, sizeof value);
    return value;
}

std::uint32_t loadU32(const std::byte *data)
{
    std::uint32_t value = 0;
    std::memcpy(&value, data, sizeof value);
    return value;
}

int byteAt(const std::byte *data, int i) { return std::to_integer<int>(data[i]); }

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

float halfAt(const std::byte *data) { return fromHalf(loadU16(data)); }

/// 32 nibbles: the low ones are elements 0…15, the high ones 16…31. convert(nibble, element).
template <typename Convert>
void unpackNibbles(const std::byte *data, float *out, Convert convert)
{
    for (int i = 0; i < 16; ++i) {
        out[i] = convert(byteAt(data, i) & 15, i);
        out[i + 16] = convert(byteAt(data, i) >> 4, i + 16);
    }
}

void q4_0(const std::byte *block, float *out) // w = d·(q − 8)
{
    unpackNibbles(block + 2, out, [d = halfAt(block)](int q, int) { return d * static_cast<float>(q - 8); });
}

void q4_1(const std::byte *block, float *out) // w = d·q + m
{
    unpackNibbles(block + 4, out,
                  [d = halfAt(block), m = halfAt(block + 2)](int q, int) { return d * static_cast<float>(q) + m; });
}

/// The fifth bit of each of 32 quants lies in one word, element i in bit i.
int fifthBit(std::uint32_t bits, int i) { return static_cast<int>(bits >> i & 1) << 4; }

void q5_0(const std::byte *block, float *out) // w = d·(q − 16)
{
    unpackNibbles(block + 6, out, [d = halfAt(block), high = loadU32(block + 2)](int q, int i) {
        return d * static_cast<float>((q | fifthBit(high, i)) - 16);
    });
}

void q5_1(const std::byte *block, float *out) // w = d·q + m
{
    unpackNibbles(block + 8, out, [d = halfAt(block), m = halfAt(block + 2), high = loadU32(block + 4)](int q, int i) {
        return d * static_cast<float>(q | fifthBit(high, i)) + m;
    });
}

void q8_0(const std::byte *block, float *out) // w = d·q
{
    const float d = halfAt(block);
    for (int i = 0; i < 32; ++i)
        out[i] = d * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
}

void iq4_nl(const std::byte *block, float *out) // w = d·table[q]
{
    static constexpr std::array<float, 16> table{-127, -104, -83, -65, -49, -35, -22, -10,
                                                 1,    13,   25,  38,  53,  69,  89,  113};
    unpackNibbles(block + 2, out, [d = halfAt(block)](int q, int) { return d * table[static_cast<std::size_t>(q)]; });
}

// K-quants: super-blocks of 256, cut into sub-blocks of 16 or 32 with quantised scales (and minima) of their own.

void q2_k(const std::byte *block, float *out) // w = d·scale·q − dmin·min; 16 sub-blocks
{
    const std::byte *quants = block + 16;
    const float d = halfAt(block + 80);
    const float dmin = halfAt(block + 82);
    for (int i = 0; i < 256; ++i) {
        const int scale = byteAt(block, i / 16);
        const int q = byteAt(quants, i / 128 * 32 + i % 32) >> (i / 32 % 4 * 2) & 3;
        out[i] = d * static_cast<float>(scale & 15) * static_cast<float>(q) - dmin * static_cast<float>(scale >> 4);
    }
}

/// The 6-bit scale of sub-block i of 16: four low bits in the first 8 bytes, two high ones in the last 4.
int q3Scale(const std::byte *scales, int i)
{
    const int low = byteAt(scales, i % 8) >> (i / 8 * 4) & 15;
    const int high = byteAt(scales, 8 + i % 4) >> (i / 4 * 2) & 3;
    return (low | high << 4) - 32;
}

void q3_k(const std::byte *block, float *out) // w = d·scale·q, q from −4 to 3; 16 sub-blocks
{
    const std::byte *quants = block + 32;
    const float d = halfAt(block + 108);
    for (int i = 0; i < 256; ++i) {
        const int low = byteAt(quants, i / 128 * 32 + i % 32) >> (i / 32 % 4 * 2) & 3;
        const int high = byteAt(block, i % 32) >> (i / 32) & 1; // set: nothing to take away
        out[i] = d * static_cast<float>(q3Scale(block + 96, i / 16)) * static_cast<float>(low - (high ? 0 : 4));
    }
}

struct ScaleAndMinimum
{
    float scale, minimum;
};

/// The 6-bit scale and minimum of sub-block i of 8, packed into 12 bytes.
ScaleAndMinimum scaleAndMinimum(const std::byte *packed, int i)
{
    if (i < 4)
        return {static_cast<float>(byteAt(packed, i) & 63), static_cast<float>(byteAt(packed, i + 4) & 63)};
    const int low = byteAt(packed, i + 4);
    return {static_cast<float>((low & 15) | (byteAt(packed, i - 4) >> 2 & 0x30)),
            static_cast<float>(low >> 4 | (byteAt(packed, i) >> 2 & 0x30))};
}

/// Q4_K and Q5_K: w = d·scale·q − dmin·min; 8 sub-blocks. `fifth` has the fifth bits, null: there are none.
void q45_k(const std::byte *block, const std::byte *fifth, const std::byte *quants, float *out)
{
    const float d = halfAt(block);
    const float dmin = halfAt(block + 2);
    for (int sub = 0; sub < 8; ++sub) {
        const ScaleAndMinimum packed = scaleAndMinimum(block + 4, sub);
        const float scale = d * packed.scale;
        const float minimum = dmin * packed.minimum;
        for (int i = 0; i < 32; ++i) {
            int q = byteAt(quants, sub / 2 * 32 + i) >> (sub % 2 * 4) & 15;
            if (fifth)
                q |= (byteAt(fifth, i) >> sub & 1) << 4;
            out[sub * 32 + i] = scale * static_cast<float>(q) - minimum;
        }
    }
}

void q4_k(const std::byte *block, float *out) { q45_k(block, nullptr, block + 16, out); }

void q5_k(const std::byte *block, float *out) { q45_k(block, block + 16, block + 48, out); }

void q6_k(const std::byte *block, float *out) // w = d·scale·(q − 32); 16 sub-blocks
{
    const std::byte *high = block + 128;
    const std::byte *scales = block + 192;
    const float d = halfAt(block + 208);
    for (int i = 0; i < 256; ++i) {
        const int half = i / 128;
        const int low = byteAt(block, half * 64 + i % 64) >> (i / 64 % 2 * 4) & 15;
        const int top = byteAt(high, half * 32 + i % 32) >> (i / 32 % 4 * 2) & 3;
        out[i] = d * static_cast<float>(static_cast<std::int8_t>(scales[i / 16])) *
                 static_cast<float>((low | top << 4) - 32);
    }
}

using BlockReader = void (*)(const std::byte *block, float *out);

BlockReader blockReader(TensorType type)
{
    switch (type) {
    case TensorType::Q4_0:
        return q4_0;
    case TensorType::Q4_1:
        return q4_1;
    case TensorType::Q5_0:
        return q5_0;
    case TensorType::Q5_1:
        return q5_1;
    case TensorType::Q8_0:
        return q8_0;
    case TensorType::Q2_K:
        return q2_k;
    case TensorType::Q3_K:
        return q3_k;
    case TensorType::Q4_K:
        return q4_k;
    case TensorType::Q5_K:
        return q5_k;
    case TensorType::Q6_K:
        return q6_k;
    case TensorType::IQ4_NL:
        return iq4_nl;
    case TensorType::F32:
    case TensorType::F16:
    case TensorType::BF16:
        break;
    }
    return nullptr;
}

} // namespace

void dequantizeRow(const StoredTensor &tensor, std::uint64_t row, std::span<float> out)
{
    const TensorBlock block = blockOf(tensor.type);
    const std::uint64_t blocks = out.size() / block.elements;
    const std::byte *data = tensor.data.data() + row * blocks * block.bytes;
    if (tensor.type == TensorType::F32) {
        std::memcpy(out.data(), data, out.size_bytes());
    } else if (tensor.type == TensorType::F16) {
        for (std::uint64_t i = 0; i < blocks; ++i)
            out[i] = fromHalf(loadU16(data + 2 * i));
    } else if (tensor.type == TensorType::BF16) {
        for (std::uint64_t i = 0; i < blocks; ++i)
            out[i] = fromBFloat16(loadU16(data + 2 * i));
    } else {
        const BlockReader read = blockReader(tensor.type);
        for (std::uint64_t i = 0; i < blocks; ++i)
            read(data + i * block.bytes, out.data() + i * block.elements);
    }
}

} // namespace headkv
