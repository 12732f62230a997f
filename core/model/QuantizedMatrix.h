// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/StoredTensor.h"
#include "core/kernels/Kernels.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headkv {

/// A matrix [outputs, inputs] in 4 or 8 bits, in blocks of 32 inputs, as the kernels read it.
class QuantizedMatrix
{
public:
    enum class Bits : std::uint8_t { Four, Eight };

    /// Whether a matrix with so many inputs can be held.
    [[nodiscard]] static bool fits(std::int64_t inputs) { return inputs % blockWeights == 0; }
    /// Whether a stored type is held exactly in so many bits: Q4_0 and Q4_1 in four, Q8_0 in eight.
    [[nodiscard]] static bool isExact(TensorType type, Bits bits);

    /// All weights 0.
    QuantizedMatrix(Bits bits, std::int64_t outputs, std::int64_t inputs);

    /// Takes a row as it is stored, of a type that is held exactly. Returns whether its weights are finite.
    [[nodiscard]] bool setStored(std::int64_t output, std::span<const std::byte> row, TensorType type);
    /// Rounds a row [inputs] of finite weights: in four bits between a block's least and greatest weight, in eight
    /// around 0.
    void setRounded(std::int64_t output, std::span<const float> row);

    [[nodiscard]] Bits bits() const noexcept { return m_bits; }
    [[nodiscard]] std::int64_t outputs() const noexcept { return m_outputs; }
    [[nodiscard]] std::int64_t inputs() const noexcept { return m_inputs; }
    [[nodiscard]] std::int64_t tiles() const noexcept { return tilesOf(m_outputs); }
    [[nodiscard]] std::uint64_t bytes() const noexcept;
    /// What such a matrix takes.
    [[nodiscard]] static std::uint64_t bytes(Bits bits, std::int64_t outputs, std::int64_t inputs);
    /// The blocks of a tile, inputs/32, one after another; of all tiles likewise.
    [[nodiscard]] const Int4Block *int4Tile(std::int64_t tile) const { return m_int4.data() + tile * blocks(); }
    [[nodiscard]] const Int8Block *int8Tile(std::int64_t tile) const { return m_int8.data() + tile * blocks(); }

private:
    [[nodiscard]] std::int64_t blocks() const noexcept { return m_inputs / blockWeights; }
    void setInt4(std::int64_t output, std::int64_t block, std::uint16_t scale, std::uint16_t minimum,
                 const std::uint8_t (&quants)[blockWeights]);
    void setInt8(std::int64_t output, std::int64_t block, std::uint16_t scale,
                 const std::int8_t (&quants)[blockWeights]);

    Bits m_bits;
    std::int64_t m_outputs, m_inputs;
    std::vector<Int4Block> m_int4;
    std::vector<Int8Block> m_int8;
};

} // namespace headkv
