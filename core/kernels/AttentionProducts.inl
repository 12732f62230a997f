// SPDX-License-Identifier: GPL-3.0-or-later
// The products of attention of many queries, exact and rounded. A lane of the vectors is a query, so that a softmax
// needs no sum across lanes, and keys and values are read one number at a time, as they lie. Scores are in base 2.
#pragma once

#include "core/kernels/Kernels.h"
#include "core/kernels/Simd.h"

namespace headkv {
namespace {

constexpr int laneVectors = 3; ///< with 4 keys or dimensions, as many sums as fit into the registers
constexpr std::int64_t lanes = laneVectors * Vec::width;
constexpr std::int64_t tilesAtOnce = 4; ///< of `lanes` queries, which share a block of keys
constexpr std::int64_t keysAtOnce = packedKeys;
constexpr float leastScore = -3e38F; ///< below any score; finite, so that differences are numbers
constexpr float log2OfE = 1.44269504F;

/// The state of `lanes` queries between blocks of keys.
struct QueryTile
{
    float *queries;      ///< [dim, lanes] of float32, or [dim/2, lanes] of pairs of 16 bits
    float *sums;         ///< [dim, lanes] of values
    float scales[lanes]; ///< of the queries, with the attention's
    float greatest[lanes], weight[lanes];
    float begins[lanes], ends[lanes]; ///< keys seen; whole numbers, which float32 holds to 2²⁴
};

/// A block of keys and values, and what is made of it.
struct KeyBlock
{
    std::int64_t dim, first, count;
    const float *keys, *values; ///< [keysAtOnce, dim] of float32; or of 16 bits, values in pairs of keys
    const float *keyScales;     ///< [keysAtOnce] of 16-bit numbers
    const float *valueScales;   ///< [dim], likewise
    float *converted;           ///< [2·keysAtOnce, dim]
    float *scores;              ///< [keysAtOnce, lanes]
    float before[lanes];        ///< what the sums so far are worth, after the block
    float now[lanes];           ///< what the block's sums are worth
};

/// Rows as float32: where they lie, or converted.
const float *asFloat(const void *rows, ElementType type, std::int64_t first, std::int64_t count, std::int64_t dim,
                     float *converted)
{
    if (type == ElementType::Float32)
        return static_cast<const float *>(rows) + first * dim;
    const std::uint16_t *bits = static_cast<const std::uint16_t *>(rows) + first * dim;
    std::int64_t i = 0;
    for (; i + Vec::width <= count * dim; i += Vec::width)
        Vec::loadBFloat16(bits + i).store(converted + i);
    for (; i < count * dim; ++i)
        converted[i] = fromBFloat16(bits[i]);
    return converted;
}

/// Σ over i of a(i, r)·b[i, lanes] for the rows r; done(r, v, sum) takes each vector of the result.
template <int rows, typename Number, typename At, typename Done>
void multiplyLanes(At at, const float *b, std::int64_t count, Done done)
{
    Number sums[rows][laneVectors];
    for (int r = 0; r < rows; ++r)
        for (int v = 0; v < laneVectors; ++v)
            sums[r][v] = Number::zero();
    for (std::int64_t i = 0; i < count; ++i) {
        Number x[laneVectors];
        for (int v = 0; v < laneVectors; ++v)
            x[v] = Number::loadBits(b + i * lanes + v * Vec::width);
        for (int r = 0; r < rows; ++r) {
            const Number a = Number::all(at(i, r));
            for (int v = 0; v < laneVectors; ++v)
                sums[r][v] = addProducts(sums[r][v], a, x[v]);
        }
    }
    for (int r = 0; r < rows; ++r)
        for (int v = 0; v < laneVectors; ++v)
            done(r, v * Vec::width, sums[r][v]);
}

/// All rows, four at a time. at(row, i): the element; done(row, lane, sum).
template <typename Number, typename At, typename Done>
void multiplyAllLanes(At at, std::int64_t rows, const float *b, std::int64_t count, Done done)
{
    const auto group = [&](auto size, std::int64_t row) {
        multiplyLanes<size.count, Number>([&](std::int64_t i, int r) { return at(row + r, i); }, b, count,
                                          [&](int r, std::int64_t lane, Number sum) { done(row + r, lane, sum); });
    };
    std::int64_t row = 0;
    for (; row + 4 <= rows; row += 4)
        group(Constant<4>(), row);
    for (; row < rows; ++row)
        group(Constant<1>(), row);
}

/// Products in float32.
struct ExactProducts
{
    using Source = KeyValueRows;
    static void packQueries(QueryTile & /*tile*/, std::int64_t /*dim*/) {}
    static void takeBlock(const Source &source, KeyBlock &block)
    {
        block.keys = asFloat(source.keys, source.type, block.first, block.count, block.dim, block.converted);
        block.values = asFloat(source.values, source.type, block.first, block.count, block.dim,
                               block.converted + keysAtOnce * block.dim);
    }

    static void score(const QueryTile &tile, KeyBlock &block)
    {
        multiplyAllLanes<Vec>([&](std::int64_t key, std::int64_t d) { return block.keys[key * block.dim + d]; },
                              block.count, tile.queries, block.dim,
                              [&](std::int64_t key, std::int64_t lane, Vec sum) {
                                  (sum * Vec::load(tile.scales + lane)).store(block.scores + key * lanes + lane);
                              });
    }
    static constexpr float weightUnit = 1; ///< what a weight of 1 is held as
    /// Scores to weights relative to the greatest score, in place; returns their sum.
    static Vec weigh(KeyBlock &block, std::int64_t lane, Vec most)
    {
        Vec sum = Vec::zero();
        for (std::int64_t key = 0; key < block.count; ++key) {
            float *score = block.scores + key * lanes + lane;
            const Vec weight = powerOfTwo(Vec::load(score) - most);
            weight.store(score);
            sum = sum + weight;
        }
        return sum;
    }
    static void addValues(QueryTile &tile, const KeyBlock &block)
    {
        multiplyAllLanes<Vec>([&](std::int64_t d, std::int64_t key) { return block.values[key * block.dim + d]; },
                              block.dim, block.scores, block.count,
                              [&](std::int64_t d, std::int64_t lane, Vec sum) {
                                  float *sums = tile.sums + d * lanes + lane;
                                  const Vec old = Vec::load(sums) * Vec::load(block.before + lane);
                                  fma(sum, Vec::load(block.now + lane), old).store(sums);
                              });
    }
};

/// Products of 16-bit numbers, twice as many at once: queries and keys as multiples of their greatest part, values
/// by dimension in a block, weights by query in a block. A step is some 1/5,700 of the greatest (of 64 dimensions).
struct RoundedProducts
{
    using Source = PackedKeyValues;
    /// The largest whole number such that `terms` products fit into 32 bits.
    static float levels(std::int64_t terms) { return ::floorf(::sqrtf(2.1e9F / static_cast<float>(terms))); }
    static constexpr float weightUnit = 5700, valueLevels = 5700; ///< keysAtOnce products fit into 32 bits

    static std::int32_t pairAt(const float *pairs, std::int64_t index)
    {
        std::int32_t bits;
        std::memcpy(&bits, pairs + index, sizeof bits);
        return bits;
    }
    // A pair is a number and the one dim/2 behind it; of values, one and the next key's.

    static void packQueries(QueryTile &tile, std::int64_t dim)
    {
        const float most = levels(dim);
        const std::int64_t half = dim / 2;
        for (std::int64_t lane = 0; lane < lanes; lane += Vec::width) {
            Vec magnitude = Vec::all(1e-30F);
            for (std::int64_t d = 0; d < dim; ++d) {
                const Vec q = Vec::load(tile.queries + d * lanes + lane);
                magnitude = greater(magnitude, greater(q, Vec::zero() - q));
            }
            const Vec inverse = Vec::all(most) / magnitude;
            (Vec::load(tile.scales + lane) * magnitude * Vec::all(1 / most)).store(tile.scales + lane);
            for (std::int64_t d = 0; d < half; ++d) {
                float *low = tile.queries + d * lanes + lane;
                IntVec::pairs(IntVec::rounded(Vec::load(low) * inverse),
                              IntVec::rounded(Vec::load(low + half * lanes) * inverse))
                    .storeBits(low);
            }
        }
    }

    /// pairs[i] = low[i]·lowFactor[i] and high[i]·highFactor[i], n of them; At gives vectors and numbers of factors.
    template <typename VectorAt, typename NumberAt>
    static void packPairs(const float *low, const float *high, std::int64_t n, float *pairs, VectorAt vectorAt,
                          NumberAt numberAt)
    {
        std::int64_t i = 0;
        for (; i + Vec::width <= n; i += Vec::width)
            IntVec::pairs(IntVec::rounded(Vec::load(low + i) * vectorAt(i)),
                          IntVec::rounded(Vec::load(high + i) * vectorAt(i)))
                .storeBits(pairs + i);
        for (; i < n; ++i) {
            const std::int32_t bits = pair(static_cast<std::int32_t>(::rintf(low[i] * numberAt(i))),
                                           static_cast<std::int32_t>(::rintf(high[i] * numberAt(i))));
            std::memcpy(pairs + i, &bits, sizeof bits);
        }
    }

    static void packKeys(const float *rows, std::int64_t count, std::int64_t dim, float *pairs, float *scales)
    {
        const float most = levels(dim);
        for (std::int64_t key = 0; key < count; ++key) {
            const float *row = rows + key * dim;
            Vec high = Vec::zero();
            std::int64_t d = 0;
            for (; d + Vec::width <= dim; d += Vec::width) {
                const Vec k = Vec::load(row + d);
                high = greater(high, greater(k, Vec::zero() - k));
            }
            float magnitude = greatest(high);
            for (; d < dim; ++d)
                magnitude = magnitude < ::fabsf(row[d]) ? ::fabsf(row[d]) : magnitude;
            const float inverse = magnitude > 0 ? most / magnitude : 0;
            scales[key] = magnitude / most;
            packPairs(
                row, row + dim / 2, dim / 2, pairs + key * (dim / 2),
                [inverse](std::int64_t) { return Vec::all(inverse); }, [inverse](std::int64_t) { return inverse; });
        }
    }

    /// `factors` is space for [dim].
    static void packValues(const float *rows, std::int64_t count, std::int64_t dim, float *pairs, float *scales,
                           float *factors)
    {
        for (std::int64_t d = 0; d < dim; ++d)
            scales[d] = 1e-30F;
        for (std::int64_t key = 0; key < count; ++key) {
            const float *row = rows + key * dim;
            for (std::int64_t d = 0; d < dim; ++d) {
                const float magnitude = row[d] < 0 ? -row[d] : row[d];
                scales[d] = scales[d] < magnitude ? magnitude : scales[d];
            }
        }
        for (std::int64_t d = 0; d < dim; ++d)
            factors[d] = valueLevels / scales[d];
        for (std::int64_t key = 0; key < count; key += 2) {
            const float *row = rows + key * dim;
            const bool isLast = key + 1 == count; // its weight is paired with 0
            packPairs(
                row, isLast ? row : row + dim, dim, pairs + key / 2 * dim,
                [&](std::int64_t d) { return Vec::load(factors + d); }, [&](std::int64_t d) { return factors[d]; });
        }
        for (std::int64_t d = 0; d < dim; ++d)
            scales[d] /= valueLevels;
    }

    /// A block lies as keys, values, the keys' scales, the values'.
    static void takeBlock(const Source &source, KeyBlock &block)
    {
        const std::int64_t number = block.first / keysAtOnce - source.firstBlock;
        block.keys = source.blocks + number * packedFloats(block.dim);
        block.values = block.keys + keysAtOnce * block.dim / 2;
        block.keyScales = block.values + keysAtOnce * block.dim / 2;
        block.valueScales = block.keyScales + keysAtOnce;
    }

    static void score(const QueryTile &tile, KeyBlock &block)
    {
        const std::int64_t pairs = block.dim / 2;
        multiplyAllLanes<IntVec>([&](std::int64_t key, std::int64_t i) { return pairAt(block.keys, key * pairs + i); },
                                 block.count, tile.queries, pairs,
                                 [&](std::int64_t key, std::int64_t lane, IntVec sum) {
                                     const Vec scale = Vec::load(tile.scales + lane) * Vec::all(block.keyScales[key]);
                                     (sum.toFloat() * scale).store(block.scores + key * lanes + lane);
                                 });
    }

    /// In pairs of keys; an odd one's partner weighs nothing.
    static Vec weigh(KeyBlock &block, std::int64_t lane, Vec most)
    {
        const Vec offset = Vec::all(12.4767077F) - most; // log2(weightUnit)
        Vec sum = Vec::zero();
        for (std::int64_t key = 0; key < block.count; key += 2) {
            const float *score = block.scores + key * lanes + lane;
            const Vec low = roughPowerOfTwo(Vec::load(score) + offset);
            const Vec high = key + 1 < block.count ? roughPowerOfTwo(Vec::load(score + lanes) + offset) : Vec::zero();
            IntVec::pairs(IntVec::rounded(low), IntVec::rounded(high)).storeBits(block.scores + key / 2 * lanes + lane);
            sum = sum + low + high;
        }
        return sum;
    }

    static void addValues(QueryTile &tile, const KeyBlock &block)
    {
        multiplyAllLanes<IntVec>(
            [&](std::int64_t d, std::int64_t i) { return pairAt(block.values, i * block.dim + d); }, block.dim,
            block.scores, (block.count + 1) / 2,
            [&](std::int64_t d, std::int64_t lane, IntVec sum) {
                float *sums = tile.sums + d * lanes + lane;
                const Vec old = Vec::load(sums) * Vec::load(block.before + lane);
                const Vec worth = Vec::load(block.now + lane) * Vec::all(block.valueScales[d]);
                fma(sum.toFloat(), worth, old).store(sums);
            });
    }
};

/// The block's own layout is RoundedProducts::takeBlock's.
void packKeyValues(const KeyValueRows &rows, std::int64_t first, std::int64_t count, float *block, float *scratch)
{
    const std::int64_t dim = rows.dim, part = keysAtOnce * dim / 2;
    float *factors = scratch + keysAtOnce * dim;
    RoundedProducts::packKeys(asFloat(rows.keys, rows.type, first, count, dim, scratch), count, dim, block,
                              block + 2 * part);
    RoundedProducts::packValues(asFloat(rows.values, rows.type, first, count, dim, scratch), count, dim, block + part,
                                block + 2 * part + keysAtOnce, factors);
}

} // namespace
} // namespace headkv
