// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/QuantizedMatrix.h"

#include <algorithm>
#include <c10/util/Half.h>
#include <cmath>
#include <cstring>

namespace headkv {

namespace {

std::uint16_t halfBits(float value) { return c10::Half(value).x; }

float halfValue(std::uint16_t bits) { return static_cast<float>(c10::Half(bits, c10::Half::from_bits())); }

bool isFinite(std::uint16_t half) { return (half & 0x7c00) != 0x7c00; }

std::uint16_t readHalf(const std::byte *p)
{
    std::uint16_t bits = 0;
    std::memcpy(&bits, p, sizeof bits);
    return bits;
}

} // namespace

bool QuantizedMatrix::isExact(TensorType type, Bits bits)
{
    return bits == Bits::Four ? type == TensorType::Q4_0 || type == TensorType::Q4_1 : type == TensorType::Q8_0;
}

QuantizedMatrix::QuantizedMatrix(Bits bits, std::int64_t outputs, std::int64_t inputs)
    : m_bits(bits)
    , m_outputs(outputs)
    , m_inputs(inputs)
{
    const auto count = static_cast<std::size_t>(tiles() * blocks());
    if (bits == Bits::Four)
        m_int4.resize(count);
    else
        m_int8.resize(count);
}

std::uint64_t QuantizedMatrix::bytes(Bits bits, std::int64_t outputs, std::int64_t inputs)
{
    const auto count = static_cast<std::uint64_t>(tilesOf(outputs) * (inputs / blockWeights));
    return count * (bits == Bits::Four ? sizeof(Int4Block) : sizeof(Int8Block));
}

std::uint64_t QuantizedMatrix::bytes() const noexcept { return bytes(m_bits, m_outputs, m_inputs); }

void QuantizedMatrix::setInt4(std::int64_t output, std::int64_t block, std::uint16_t scale, std::uint16_t minimum,
                              const std::uint8_t (&quants)[blockWeights])
{
    Int4Block &target = m_int4[static_cast<std::size_t>(output / tileColumns * blocks() + block)];
    const std::int64_t column = output % tileColumns;
    target.scale[column] = scale;
    target.minimum[column] = minimum;
    for (std::int64_t chunk = 0; chunk < 4; ++chunk)
        for (std::int64_t i = 0; i < 4; ++i)
            target.quants[32 * chunk + 4 * column + i] =
                static_cast<std::uint8_t>(quants[8 * chunk + i] | quants[8 * chunk + 4 + i] << 4);
}

void QuantizedMatrix::setInt8(std::int64_t output, std::int64_t block, std::uint16_t scale,
                              const std::int8_t (&quants)[blockWeights])
{
    Int8Block &target = m_int8[static_cast<std::size_t>(output / tileColumns * blocks() + block)];
    const std::int64_t column = output % tileColumns;
    target.scale[column] = scale;
    for (std::int64_t i = 0; i < blockWeights; ++i)
        target.quants[tileColumns * i + column] = quants[i];
}

bool QuantizedMatrix::setStored(std::int64_t output, std::span<const std::byte> row, TensorType type)
{
    const std::size_t blockBytes = row.size() / static_cast<std::size_t>(blocks());
    bool finite = true;
    for (std::int64_t block = 0; block < blocks(); ++block) {
        const std::byte *p = row.data() + static_cast<std::size_t>(block) * blockBytes;
        const std::uint16_t scale = readHalf(p);
        if (type == TensorType::Q8_0) {
            std::int8_t quants[blockWeights];
            std::memcpy(quants, p + 2, sizeof quants);
            setInt8(output, block, scale, quants);
            finite = finite && isFinite(scale);
            continue;
        }
        // Q4_0 is scale·(q − 8), Q4_1 scale·q + minimum; byte i holds weights i (low) and i + 16 (high).
        const bool hasMinimum = type == TensorType::Q4_1;
        const std::uint16_t minimum = hasMinimum ? readHalf(p + 2) : halfBits(-8 * halfValue(scale));
        const std::byte *packed = p + (hasMinimum ? 4 : 2);
        std::uint8_t quants[blockWeights];
        for (int i = 0; i < 16; ++i) {
            quants[i] = std::to_integer<std::uint8_t>(packed[i] & std::byte{15});
            quants[i + 16] = std::to_integer<std::uint8_t>(packed[i] >> 4);
        }
        setInt4(output, block, scale, minimum, quants);
        finite = finite && isFinite(scale) && isFinite(minimum);
    }
    return finite;
}

void QuantizedMatrix::setRounded(std::int64_t output, std::span<const float> row)
{
    for (std::int64_t block = 0; block < blocks(); ++block) {
        const auto weights = row.subspan(static_cast<std::size_t>(block * blockWeights), blockWeights);
        const auto [least, greatest] = std::ranges::minmax(weights);
        if (m_bits == Bits::Four) {
            const std::uint16_t scale = halfBits((greatest - least) / 15), minimum = halfBits(least);
            const float step = halfValue(scale);
            std::uint8_t quants[blockWeights];
            for (std::size_t i = 0; i < weights.size(); ++i) {
                const float steps = step > 0 ? std::round((weights[i] - halfValue(minimum)) / step) : 0;
                quants[i] = static_cast<std::uint8_t>(std::clamp(steps, 0.0F, 15.0F));
            }
            setInt4(output, block, scale, minimum, quants);
        } else {
            const std::uint16_t scale = halfBits(std::max(-least, greatest) / 127);
            const float step = halfValue(scale);
            std::int8_t quants[blockWeights];
            for (std::size_t i = 0; i < weights.size(); ++i) {
                const float steps = step > 0 ? std::round(weights[i] / step) : 0;
                quants[i] = static_cast<std::int8_t>(std::clamp(steps, -127.0F, 127.0F));
            }
            setInt8(output, block, scale, quants);
        }
    }
}

} // namespace headkv
