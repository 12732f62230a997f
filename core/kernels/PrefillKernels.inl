// SPDX-License-Identifier: GPL-3.0-or-later
// Attention of many queries, block by block of keys (Dao et al. 2022). A lane of the vectors is a query, so that a
// softmax needs no sum across lanes, and keys and values are read one number at a time, as they lie. Scores are in base
// 2.
#pragma once

#include "core/kernels/Kernels.h"
#include "core/kernels/Simd.h"

namespace headkv {
namespace {

constexpr int laneVectors = 3; ///< with 4 keys or dimensions, as many sums as fit into the registers
constexpr std::int64_t lanes = laneVectors * Vec::width;
constexpr std::int64_t tilesAtOnce = 4; ///< of `lanes` queries, which share a block of keys
constexpr std::int64_t keysAtOnce = 64;
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

/// A block of keys and values, and space for what is made of it.
struct KeyBlock
{
    std::int64_t dim, first, count;
    float *keys, *values;                 ///< [keysAtOnce, dim] of 16 bits, values in pairs of keys; then as float32
    float *keyScales;                     ///< [keysAtOnce]
    float *valueScales, *valueFactors;    ///< [dim]
    float *scores;                        ///< [keysAtOnce, lanes]
    float before[lanes];                  ///< what the sums so far are worth, after the block
    float now[lanes];                     ///< what the block's sums are worth
    const float *exactKeys, *exactValues; ///< as float32: where they lie, or converted
};

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
    static void packQueries(QueryTile & /*tile*/, std::int64_t /*dim*/) {}
    static void packBlock(KeyBlock & /*block*/) {}

    static void score(const QueryTile &tile, KeyBlock &block)
    {
        multiplyAllLanes<Vec>([&](std::int64_t key, std::int64_t d) { return block.exactKeys[key * block.dim + d]; },
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
        multiplyAllLanes<Vec>([&](std::int64_t d, std::int64_t key) { return block.exactValues[key * block.dim + d]; },
                              block.dim, block.scores, block.count,
                              [&](std::int64_t d, std::int64_t lane, Vec sum) {
                                  float *sums = tile.sums + d * lanes + lane;
                                  const Vec old = Vec::load(sums) * Vec::load(block.before + lane);
                                  fma(sum, Vec::load(block.now + lane), old).store(sums);
                              });
    }
};

/// Products of 16-bit numbers, twice as many at once: queries and keys as multiples of their greatest part, values
/// by dimension in a block, weights by query in a block. Finer than bfloat16 by a factor of 16 and more.
struct RoundedProducts
{
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

    static void packKeys(KeyBlock &block)
    {
        const std::int64_t dim = block.dim;
        const float most = levels(dim);
        for (std::int64_t key = 0; key < block.count; ++key) {
            const float *row = block.exactKeys + key * dim;
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
            block.keyScales[key] = magnitude / most;
            packPairs(
                row, row + dim / 2, dim / 2, block.keys + key * (dim / 2),
                [inverse](std::int64_t) { return Vec::all(inverse); }, [inverse](std::int64_t) { return inverse; });
        }
    }

    static void packValues(KeyBlock &block)
    {
        const std::int64_t dim = block.dim;
        for (std::int64_t d = 0; d < dim; ++d)
            block.valueScales[d] = 1e-30F;
        for (std::int64_t key = 0; key < block.count; ++key) {
            const float *row = block.exactValues + key * dim;
            for (std::int64_t d = 0; d < dim; ++d) {
                const float magnitude = row[d] < 0 ? -row[d] : row[d];
                block.valueScales[d] = block.valueScales[d] < magnitude ? magnitude : block.valueScales[d];
            }
        }
        for (std::int64_t d = 0; d < dim; ++d)
            block.valueFactors[d] = valueLevels / block.valueScales[d];
        for (std::int64_t key = 0; key < block.count; key += 2) {
            const float *row = block.exactValues + key * dim;
            const bool isLast = key + 1 == block.count; // its weight is paired with 0
            packPairs(
                row, isLast ? row : row + dim, dim, block.values + key / 2 * dim,
                [&](std::int64_t d) { return Vec::load(block.valueFactors + d); },
                [&](std::int64_t d) { return block.valueFactors[d]; });
        }
        for (std::int64_t d = 0; d < dim; ++d)
            block.valueScales[d] /= valueLevels;
    }

    static void packBlock(KeyBlock &block)
    {
        packKeys(block);
        packValues(block);
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

/// Takes the rows from `first` on; lanes without a row see no key.
void beginTile(QueryTile &tile, const AttentionRows &rows, std::int64_t first, std::int64_t dim)
{
    std::memset(tile.queries, 0, static_cast<std::size_t>(dim * lanes) * sizeof(float));
    std::memset(tile.sums, 0, static_cast<std::size_t>(dim * lanes) * sizeof(float));
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const bool used = first + lane < rows.count;
        tile.greatest[lane] = leastScore;
        tile.weight[lane] = 0;
        tile.scales[lane] = rows.scale * (rows.softcap > 0 ? 1 : log2OfE);
        tile.begins[lane] = used ? static_cast<float>(rows.begins[first + lane]) : 0;
        tile.ends[lane] = used ? static_cast<float>(rows.ends[first + lane]) : 0;
        for (std::int64_t d = 0; used && d < dim; ++d)
            tile.queries[d * lanes + lane] = rows.queries[first + lane][d];
    }
}

/// Hides the keys that a lane does not see.
void hideKeys(const QueryTile &tile, KeyBlock &block)
{
    for (std::int64_t i = 0; i < block.count; ++i) {
        const Vec key = Vec::all(static_cast<float>(block.first + i));
        for (std::int64_t lane = 0; lane < lanes; lane += Vec::width) {
            float *score = block.scores + i * lanes + lane;
            const Vec hidden = Vec::all(-INFINITY);
            const Vec early = whereLess(key, Vec::load(tile.begins + lane), hidden, Vec::load(score));
            whereLess(key, Vec::load(tile.ends + lane), early, hidden).store(score);
        }
    }
}

void capScores(KeyBlock &block, float cap)
{
    for (std::int64_t i = 0; i < block.count * lanes; i += Vec::width) {
        // tanh(x) = 1 − 2 / (e^2x + 1)
        const Vec e = exponential(Vec::load(block.scores + i) * Vec::all(2 / cap));
        const Vec capped = Vec::all(cap) - Vec::all(2 * cap) / (e + Vec::all(1));
        (capped * Vec::all(log2OfE)).store(block.scores + i);
    }
}

/// Scores to weights in place, relative to the block's greatest; what they and the sums before are worth beside each
/// other (Milakov and Gimelshein 2018).
template <typename Products>
void weighKeys(QueryTile &tile, KeyBlock &block)
{
    for (std::int64_t lane = 0; lane < lanes; lane += Vec::width) {
        Vec most = Vec::all(leastScore);
        for (std::int64_t i = 0; i < block.count; ++i)
            most = greater(most, Vec::load(block.scores + i * lanes + lane));
        const Vec weight = Products::weigh(block, lane, most);
        const Vec old = Vec::load(tile.greatest + lane), all = greater(old, most);
        const Vec before = powerOfTwo(old - all), now = powerOfTwo(most - all);
        before.store(block.before + lane);
        now.store(block.now + lane);
        all.store(tile.greatest + lane);
        (Vec::load(tile.weight + lane) * before + weight * now).store(tile.weight + lane);
    }
}

template <typename Products>
void endTile(const QueryTile &tile, const AttentionRows &rows, std::int64_t first, std::int64_t dim)
{
    for (std::int64_t lane = 0; lane < lanes && first + lane < rows.count; ++lane) {
        const bool seen = tile.greatest[lane] > leastScore;
        const float inverse = seen ? 1 / tile.weight[lane] : 0;
        for (std::int64_t d = 0; d < dim; ++d)
            rows.outputs[first + lane][d] = tile.sums[d * lanes + lane] * inverse;
        if (rows.logSumExps)
            rows.logSumExps[first + lane] =
                seen ? tile.greatest[lane] / log2OfE + ::logf(tile.weight[lane] / Products::weightUnit) : -INFINITY;
    }
}

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

/// The keys that some lane of a tile sees, [begin, end), and those that all its lanes see.
struct SeenKeys
{
    float begin = INFINITY, end = 0, commonBegin = 0, commonEnd = INFINITY;

    void add(const QueryTile &tile)
    {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
            commonBegin = commonBegin < tile.begins[lane] ? tile.begins[lane] : commonBegin;
            commonEnd = commonEnd > tile.ends[lane] ? tile.ends[lane] : commonEnd;
            if (tile.ends[lane] > tile.begins[lane]) {
                begin = begin > tile.begins[lane] ? tile.begins[lane] : begin;
                end = end < tile.ends[lane] ? tile.ends[lane] : end;
            }
        }
    }
};

template <typename Products>
void attendTiles(QueryTile *tiles, std::int64_t tileCount, const AttentionRows &rows, const KeyValueRows &keyValues,
                 KeyBlock &block)
{
    SeenKeys seen[tilesAtOnce], all;
    for (std::int64_t t = 0; t < tileCount; ++t) {
        seen[t].add(tiles[t]);
        all.add(tiles[t]);
    }
    if (all.end <= all.begin)
        return;
    const auto last = static_cast<std::int64_t>(all.end);
    for (auto key = static_cast<std::int64_t>(all.begin); key < last; key += keysAtOnce) {
        block.first = key;
        block.count = last - key < keysAtOnce ? last - key : keysAtOnce;
        block.exactKeys =
            asFloat(keyValues.keys, keyValues.type, key, block.count, block.dim, block.keys + keysAtOnce * block.dim);
        block.exactValues = asFloat(keyValues.values, keyValues.type, key, block.count, block.dim,
                                    block.values + keysAtOnce * block.dim);
        Products::packBlock(block);
        const auto first = static_cast<float>(key), behind = static_cast<float>(key + block.count);
        for (std::int64_t t = 0; t < tileCount; ++t) {
            if (seen[t].begin >= behind || seen[t].end <= first)
                continue;
            Products::score(tiles[t], block);
            if (rows.softcap > 0)
                capScores(block, rows.softcap);
            if (seen[t].commonBegin > first || seen[t].commonEnd < behind)
                hideKeys(tiles[t], block);
            weighKeys<Products>(tiles[t], block);
            Products::addValues(tiles[t], block);
        }
    }
}

std::int64_t attentionScratch(std::int64_t dim)
{
    return 2 * tilesAtOnce * dim * lanes + 4 * keysAtOnce * dim + keysAtOnce + 2 * dim + keysAtOnce * lanes;
}

template <typename Products>
void attendRows(const AttentionRows &rows, const KeyValueRows &keyValues, float *scratch)
{
    const std::int64_t dim = keyValues.dim;
    const auto take = [&scratch](std::int64_t count) {
        float *part = scratch;
        scratch += count;
        return part;
    };
    QueryTile tiles[tilesAtOnce];
    for (QueryTile &tile : tiles) {
        tile.queries = take(dim * lanes);
        tile.sums = take(dim * lanes);
    }
    KeyBlock block;
    block.dim = dim;
    block.keys = take(2 * keysAtOnce * dim);
    block.values = take(2 * keysAtOnce * dim);
    block.keyScales = take(keysAtOnce);
    block.valueScales = take(dim);
    block.valueFactors = take(dim);
    block.scores = take(keysAtOnce * lanes);
    for (std::int64_t first = 0; first < rows.count; first += tilesAtOnce * lanes) {
        std::int64_t count = 0;
        for (; count < tilesAtOnce && first + count * lanes < rows.count; ++count) {
            beginTile(tiles[count], rows, first + count * lanes, dim);
            Products::packQueries(tiles[count], dim);
        }
        attendTiles<Products>(tiles, count, rows, keyValues, block);
        for (std::int64_t t = 0; t < count; ++t)
            endTile<Products>(tiles[t], rows, first + t * lanes, dim);
    }
}

} // namespace
} // namespace headkv
