// SPDX-License-Identifier: GPL-3.0-or-later
// Products of weights and activations.
#pragma once

#include "core/kernels/Kernels.h"
#include "core/kernels/Simd.h"

namespace headkv {
namespace {

/// Rows of activations that share an unpacked block: their sums fit into the registers.
constexpr int rowsAtOnce = 6;
#if defined(__AVX512VNNI__)
constexpr int rowsOfTwoTiles = 2 * rowsAtOnce; ///< of two tiles at once: there are twice as many registers
constexpr int leastRowsOfTwoTiles = 3;         ///< fewer wait for memory, which one tile after another reads faster
#endif

void quantize(const float *rows, std::int64_t count, const QuantizedRows &out)
{
    const std::int64_t blocks = out.columns / blockWeights;
    for (std::int64_t block = 0; block < count * blocks; ++block) {
        const float *x = rows + block * blockWeights;
        std::int8_t *q = out.quants + block * blockWeights;
        Vec high = Vec::zero(), low = Vec::zero();
        for (std::int64_t i = 0; i < blockWeights; i += Vec::width) {
            const Vec v = Vec::load(x + i);
            high = greater(high, v);
            low = lesser(low, v);
        }
        const float magnitude = greatest(greater(high, Vec::zero() - low));
        const float inverse = magnitude > 0 ? 127 / magnitude : 0;
        out.scales[block] = magnitude / 127;
        float rounded[blockWeights];
        for (std::int64_t i = 0; i < blockWeights; i += Vec::width)
            round(Vec::load(x + i) * Vec::all(inverse)).store(rounded + i);
        int total = 0;
        for (std::int64_t i = 0; i < blockWeights; ++i) {
            q[i] = static_cast<std::int8_t>(rounded[i]);
            total += q[i];
        }
        out.sums[block] = out.scales[block] * static_cast<float>(total);
    }
}

#if defined(__AVX2__)

__m256 eightHalves(const std::uint16_t *p)
{
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)));
}

__m256i fourBytes(const std::int8_t *p)
{
    int bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return _mm256_set1_epi32(bytes);
}

/// Sums of 8 outputs' products in one block: unsigned 4-bit weights times signed bytes.
struct BlockSums
{
    __m256i v = _mm256_setzero_si256();

#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
    void add(__m256i weights, __m256i x) { v = _mm256_dpbusd_epi32(v, weights, x); }
    [[nodiscard]] __m256 toFloat() const { return _mm256_cvtepi32_ps(v); }
#else
    // 16 bits hold a block: 16 products of at most 15·127 in each half.
    void add(__m256i weights, __m256i x)
    {
        // Written out, or GCC puts off the additions and keeps the products in memory.
        __asm__("vpaddw %1, %0, %0" : "+x"(v) : "x"(_mm256_maddubs_epi16(weights, x)));
    }
    [[nodiscard]] __m256 toFloat() const { return _mm256_cvtepi32_ps(_mm256_madd_epi16(v, _mm256_set1_epi16(1))); }
#endif
};

/// One tile for `count` rows of activations.
template <int count>
void multiplyTile(const Int4Block *tile, const QuantizedRows &x, std::int64_t row, float (*out)[tileColumns])
{
    const std::int64_t blocks = x.columns / blockWeights;
    const std::int8_t *quants = x.quants + row * x.columns;
    const float *scales = x.scales + row * blocks, *sums = x.sums + row * blocks;
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256 totals[count];
    for (int r = 0; r < count; ++r)
        totals[r] = _mm256_setzero_ps();
    for (std::int64_t block = 0; block < blocks; ++block) {
        const Int4Block &weights = tile[block];
        BlockSums products[count];
        for (int chunk = 0; chunk < 4; ++chunk) {
            const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weights.quants + 32 * chunk));
            const __m256i low = _mm256_and_si256(bytes, nibble);
            const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
            for (int r = 0; r < count; ++r) {
                const std::int8_t *q = quants + r * x.columns + block * blockWeights + 8 * chunk;
                products[r].add(low, fourBytes(q));
                products[r].add(high, fourBytes(q + 4));
            }
        }
        const __m256 scale = eightHalves(weights.scale), minimum = eightHalves(weights.minimum);
        for (int r = 0; r < count; ++r) {
            const __m256 factor = _mm256_mul_ps(scale, _mm256_set1_ps(scales[r * blocks + block]));
            totals[r] = _mm256_fmadd_ps(factor, products[r].toFloat(), totals[r]);
            totals[r] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(sums[r * blocks + block]), totals[r]);
        }
    }
    for (int r = 0; r < count; ++r)
        _mm256_storeu_ps(out[r], totals[r]);
}

#if defined(__AVX512VNNI__)

__m512i fourBytesWide(const std::int8_t *p)
{
    int bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return _mm512_set1_epi32(bytes);
}

__m512i join(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }

__m512 sixteenHalves(const std::uint16_t *low, const std::uint16_t *high)
{
    const __m256i halves =
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(low))),
                                _mm_loadu_si128(reinterpret_cast<const __m128i *>(high)), 1);
    return _mm512_cvtph_ps(halves);
}

/// Two tiles, the second behind the first, for `count` rows of activations.
template <int count>
void multiplyTwoTiles(const Int4Block *tiles, const QuantizedRows &x, std::int64_t row, float (*out)[2 * tileColumns])
{
    const std::int64_t blocks = x.columns / blockWeights;
    const std::int8_t *quants = x.quants + row * x.columns;
    const float *scales = x.scales + row * blocks, *sums = x.sums + row * blocks;
    const __m512i nibble = _mm512_set1_epi8(15);
    __m512 totals[count];
    for (int r = 0; r < count; ++r)
        totals[r] = _mm512_setzero_ps();
    for (std::int64_t block = 0; block < blocks; ++block) {
        const Int4Block &first = tiles[block], &second = tiles[blocks + block];
        __m512i products[count];
        for (int r = 0; r < count; ++r)
            products[r] = _mm512_setzero_si512();
        for (int chunk = 0; chunk < 4; ++chunk) {
            const auto load = [chunk](const Int4Block &weights) {
                return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weights.quants + 32 * chunk));
            };
            const __m512i bytes = join(load(first), load(second));
            const __m512i low = _mm512_and_si512(bytes, nibble);
            const __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble);
            for (int r = 0; r < count; ++r) {
                const std::int8_t *q = quants + r * x.columns + block * blockWeights + 8 * chunk;
                products[r] = _mm512_dpbusd_epi32(products[r], low, fourBytesWide(q));
                products[r] = _mm512_dpbusd_epi32(products[r], high, fourBytesWide(q + 4));
            }
        }
        const __m512 scale = sixteenHalves(first.scale, second.scale);
        const __m512 minimum = sixteenHalves(first.minimum, second.minimum);
        for (int r = 0; r < count; ++r) {
            const __m512 factor = _mm512_mul_ps(scale, _mm512_set1_ps(scales[r * blocks + block]));
            totals[r] = _mm512_fmadd_ps(factor, _mm512_cvtepi32_ps(products[r]), totals[r]);
            totals[r] = _mm512_fmadd_ps(minimum, _mm512_set1_ps(sums[r * blocks + block]), totals[r]);
        }
    }
    for (int r = 0; r < count; ++r)
        _mm512_storeu_ps(out[r], totals[r]);
}

#endif

/// One tile of 8-bit weights for `count` rows of float32.
template <int count>
void multiplyTile(const Int8Block *tile, const float *x, std::int64_t columns, float (*out)[tileColumns])
{
    constexpr int chains = count > 1 ? 1 : 8; // independent sums that hide the latency of an addition
    __m256 totals[count];
    for (int r = 0; r < count; ++r)
        totals[r] = _mm256_setzero_ps();
    for (std::int64_t block = 0; block * blockWeights < columns; ++block) {
        const Int8Block &weights = tile[block];
        const float *inputs = x + block * blockWeights;
        __m256 products[count][chains];
        for (int r = 0; r < count; ++r)
            for (int chain = 0; chain < chains; ++chain)
                products[r][chain] = _mm256_setzero_ps();
        for (int i = 0; i < blockWeights; i += chains) {
            for (int chain = 0; chain < chains; ++chain) {
                const __m128i bytes =
                    _mm_loadl_epi64(reinterpret_cast<const __m128i *>(weights.quants + 8 * (i + chain)));
                const __m256 w = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
                for (int r = 0; r < count; ++r)
                    products[r][chain] =
                        _mm256_fmadd_ps(w, _mm256_set1_ps(inputs[r * columns + i + chain]), products[r][chain]);
            }
        }
        const __m256 scale = eightHalves(weights.scale);
        for (int r = 0; r < count; ++r) {
            __m256 whole = products[r][0];
            for (int chain = 1; chain < chains; ++chain)
                whole = _mm256_add_ps(whole, products[r][chain]);
            totals[r] = _mm256_fmadd_ps(scale, whole, totals[r]);
        }
    }
    for (int r = 0; r < count; ++r)
        _mm256_storeu_ps(out[r], totals[r]);
}

#else

template <int count>
void multiplyTile(const Int4Block *tile, const QuantizedRows &x, std::int64_t row, float (*out)[tileColumns])
{
    const std::int64_t blocks = x.columns / blockWeights;
    std::memset(out, 0, count * sizeof *out);
    for (int r = 0; r < count; ++r) {
        for (std::int64_t block = 0; block < blocks; ++block) {
            const Int4Block &weights = tile[block];
            const std::int8_t *q = x.quants + (row + r) * x.columns + block * blockWeights;
            int products[tileColumns] = {};
            for (int i = 0; i < 128; ++i) {
                const int input = 8 * (i / 32) + i % 4, column = i % 32 / 4;
                products[column] += (weights.quants[i] & 15) * q[input] + (weights.quants[i] >> 4) * q[input + 4];
            }
            const std::int64_t index = (row + r) * blocks + block;
            for (int c = 0; c < tileColumns; ++c)
                out[r][c] += fromHalf(weights.scale[c]) * x.scales[index] * static_cast<float>(products[c]) +
                             fromHalf(weights.minimum[c]) * x.sums[index];
        }
    }
}

template <int count>
void multiplyTile(const Int8Block *tile, const float *x, std::int64_t columns, float (*out)[tileColumns])
{
    std::memset(out, 0, count * sizeof *out);
    for (int r = 0; r < count; ++r) {
        for (std::int64_t block = 0; block * blockWeights < columns; ++block) {
            float products[tileColumns] = {};
            for (int i = 0; i < blockWeights; ++i)
                for (int c = 0; c < tileColumns; ++c)
                    products[c] += static_cast<float>(tile[block].quants[tileColumns * i + c]) *
                                   x[r * columns + block * blockWeights + i];
            for (int c = 0; c < tileColumns; ++c)
                out[r][c] += fromHalf(tile[block].scale[c]) * products[c];
        }
    }
}

#endif

/// Writes the rows of a tile's outputs (or two tiles'), of which the last tile may not have all.
template <int width>
void storeTile(const float (*values)[width], int rows, std::int64_t columns, float *out, std::int64_t stride)
{
    const std::int64_t count = columns < width ? columns : width;
    for (int r = 0; r < rows; ++r)
        std::memcpy(out + r * stride, values[r], static_cast<std::size_t>(count) * sizeof(float));
}

/// Calls multiply(rows as a constant, first row) for groups of rows, as many as `most` while there are.
template <int most = rowsAtOnce, typename Multiply>
void forRowGroups(std::int64_t rowCount, Multiply multiply)
{
    std::int64_t row = 0;
    for (; most > rowsAtOnce && row + most <= rowCount; row += most)
        multiply(Constant<most>(), row);
    for (; row + rowsAtOnce <= rowCount; row += rowsAtOnce)
        multiply(Constant<rowsAtOnce>(), row);
    switch (rowCount - row) {
    case 5:
        return multiply(Constant<5>(), row);
    case 4:
        return multiply(Constant<4>(), row);
    case 3:
        return multiply(Constant<3>(), row);
    case 2:
        return multiply(Constant<2>(), row);
    case 1:
        return multiply(Constant<1>(), row);
    default:
        return;
    }
}

// Tiles outside, so that each is read from memory once for all rows.

void multiplyInt4(const Int4Block *tiles, std::int64_t tileCount, std::int64_t outputs, const QuantizedRows &x,
                  std::int64_t rowCount, float *out, std::int64_t stride)
{
    std::int64_t tile = 0;
#if defined(__AVX512VNNI__)
    for (; rowCount >= leastRowsOfTwoTiles && tile + 2 <= tileCount; tile += 2) {
        const Int4Block *blocks = tiles + tile * (x.columns / blockWeights);
        const std::int64_t column = tile * tileColumns;
        forRowGroups<rowsOfTwoTiles>(rowCount, [&](auto rows, std::int64_t row) {
            float values[rows.count][2 * tileColumns];
            multiplyTwoTiles<rows.count>(blocks, x, row, values);
            storeTile(values, rows.count, outputs - column, out + row * stride + column, stride);
        });
    }
#endif
    for (; tile < tileCount; ++tile) {
        const Int4Block *blocks = tiles + tile * (x.columns / blockWeights);
        const std::int64_t column = tile * tileColumns;
        forRowGroups(rowCount, [&](auto rows, std::int64_t row) {
            float values[rows.count][tileColumns];
            multiplyTile<rows.count>(blocks, x, row, values);
            storeTile(values, rows.count, outputs - column, out + row * stride + column, stride);
        });
    }
}

void multiplyInt8(const Int8Block *tiles, std::int64_t tileCount, std::int64_t outputs, const float *x,
                  std::int64_t columns, std::int64_t rowCount, float *out, std::int64_t stride)
{
    for (std::int64_t tile = 0; tile < tileCount; ++tile) {
        const Int8Block *blocks = tiles + tile * (columns / blockWeights);
        const std::int64_t column = tile * tileColumns;
        forRowGroups(rowCount, [&](auto rows, std::int64_t row) {
            float values[rows.count][tileColumns];
            multiplyTile<rows.count>(blocks, x + row * columns, columns, values);
            storeTile(values, rows.count, outputs - column, out + row * stride + column, stride);
        });
    }
}

void multiplyDense(const void *rows, ElementType type, std::int64_t count, std::int64_t columns, const float *x,
                   float *out)
{
    for (std::int64_t row = 0; row < count; ++row) {
        if (type == ElementType::Float32)
            out[row] = dotProduct(static_cast<const float *>(rows) + row * columns, x, columns, Vec::load);
        else
            out[row] =
                dotProduct(static_cast<const std::uint16_t *>(rows) + row * columns, x, columns, Vec::loadBFloat16);
    }
}

} // namespace
} // namespace headkv
