// SPDX-License-Identifier: GPL-3.0-or-later
// Attention over rows of keys and values.
#pragma once

#include "core/kernels/Kernels.h"
#include "core/kernels/Simd.h"

namespace headkv {
namespace {

/// Calls work(rows as float or bfloat16, a loader of vectors) for keys or values of either type.
template <typename Work>
void withElements(const void *rows, ElementType type, Work work)
{
    if (type == ElementType::Float32)
        work(static_cast<const float *>(rows), [](const float *p) { return Vec::load(p); });
    else
        work(static_cast<const std::uint16_t *>(rows), [](const std::uint16_t *p) { return Vec::loadBFloat16(p); });
}

/// Scores of `heads` queries with four keys: as many sums as fit into the registers.
template <int heads, typename Element, typename Load>
void scoreFourKeys(const float *queries, const Element *keys, std::int64_t dim, float *scores, std::int64_t stride,
                   Load load)
{
    Vec sums[heads][4];
    for (int h = 0; h < heads; ++h)
        for (int i = 0; i < 4; ++i)
            sums[h][i] = Vec::zero();
    std::int64_t d = 0;
    for (; d + Vec::width <= dim; d += Vec::width) {
        Vec query[heads];
        for (int h = 0; h < heads; ++h)
            query[h] = Vec::load(queries + h * dim + d);
        for (int i = 0; i < 4; ++i) {
            const Vec key = load(keys + i * dim + d);
            for (int h = 0; h < heads; ++h)
                sums[h][i] = fma(key, query[h], sums[h][i]);
        }
    }
    for (int h = 0; h < heads; ++h)
        Vec::sums(sums[h], scores + h * stride);
    for (; d < dim; ++d)
        for (int h = 0; h < heads; ++h)
            for (int i = 0; i < 4; ++i)
                scores[h * stride + i] += toFloat(keys[i * dim + d]) * queries[h * dim + d];
}

template <int heads, typename Element, typename Load>
void scoreHeads(const float *queries, const Element *keys, std::int64_t dim, std::int64_t count, float *scores,
                std::int64_t stride, Load load)
{
    std::int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        scoreFourKeys<heads>(queries, keys + i * dim, dim, scores + i, stride, load);
    for (; i < count; ++i)
        for (int h = 0; h < heads; ++h)
            scores[h * stride + i] = dotProduct(keys + i * dim, queries + h * dim, dim, load);
}

/// Calls work(how many as a constant, first head) for groups of at most three heads.
template <typename Work>
void forHeadGroups(std::int64_t heads, Work work)
{
    std::int64_t h = 0;
    for (; h + 3 <= heads; h += 3)
        work(Constant<3>(), h);
    if (heads - h == 2)
        work(Constant<2>(), h);
    else if (heads - h == 1)
        work(Constant<1>(), h);
}

void scoreKeys(const float *queries, std::int64_t heads, const KeyValueRows &rows, std::int64_t count, float *scores,
               std::int64_t stride)
{
    withElements(rows.keys, rows.type, [&](const auto *keys, auto load) {
        forHeadGroups(heads, [&](auto group, std::int64_t h) {
            scoreHeads<group.count>(queries + h * rows.dim, keys, rows.dim, count, scores + h * stride, stride, load);
        });
    });
}

SoftmaxPart exponentials(float *scores, std::int64_t count)
{
    const std::int64_t whole = count - count % Vec::width;
    Vec high = Vec::all(-INFINITY);
    for (std::int64_t i = 0; i < whole; i += Vec::width)
        high = greater(high, Vec::load(scores + i));
    float most = greatest(high);
    for (std::int64_t i = whole; i < count; ++i)
        most = scores[i] > most ? scores[i] : most;
    if (most == -INFINITY) {
        std::memset(scores, 0, static_cast<std::size_t>(count) * sizeof(float));
        return {most, 0};
    }
    Vec total = Vec::zero();
    for (std::int64_t i = 0; i < whole; i += Vec::width) {
        const Vec e = exponential(Vec::load(scores + i) - Vec::all(most));
        e.store(scores + i);
        total = total + e;
    }
    float last[Vec::width];
    exponential(Vec::zero()).store(last);
    float rest = 0;
    for (std::int64_t i = whole; i < count; ++i) {
        exponential(Vec::all(scores[i] - most)).store(last);
        scores[i] = last[0];
        rest += last[0];
    }
    return {most, sum(total) + rest};
}

/// Adds `vectors` vectors of weighted values from dimension d on, for `heads` heads.
template <int heads, int vectors, typename Element, typename Load>
void sumColumns(const float *weights, std::int64_t stride, const Element *values, std::int64_t dim, std::int64_t count,
                float *out, Load load)
{
    Vec sums[heads][vectors];
    for (int h = 0; h < heads; ++h)
        for (int v = 0; v < vectors; ++v)
            sums[h][v] = Vec::load(out + h * dim + v * Vec::width);
    for (std::int64_t i = 0; i < count; ++i) {
        Vec value[vectors];
        for (int v = 0; v < vectors; ++v)
            value[v] = load(values + i * dim + v * Vec::width);
        for (int h = 0; h < heads; ++h) {
            const Vec weight = Vec::all(weights[h * stride + i]);
            for (int v = 0; v < vectors; ++v)
                sums[h][v] = fma(weight, value[v], sums[h][v]);
        }
    }
    for (int h = 0; h < heads; ++h)
        for (int v = 0; v < vectors; ++v)
            sums[h][v].store(out + h * dim + v * Vec::width);
}

template <int heads, typename Element, typename Load>
void sumHeads(const float *weights, std::int64_t stride, const Element *values, std::int64_t dim, std::int64_t count,
              float *out, Load load)
{
    constexpr int vectors = heads == 1 ? 8 : 4; // sums in registers
    std::int64_t d = 0;
    for (; d + vectors * Vec::width <= dim; d += vectors * Vec::width)
        sumColumns<heads, vectors>(weights, stride, values + d, dim, count, out + d, load);
    for (; d + Vec::width <= dim; d += Vec::width)
        sumColumns<heads, 1>(weights, stride, values + d, dim, count, out + d, load);
    for (; d < dim; ++d)
        for (int h = 0; h < heads; ++h)
            for (std::int64_t i = 0; i < count; ++i)
                out[h * dim + d] += weights[h * stride + i] * toFloat(values[i * dim + d]);
}

void sumValues(const float *weights, std::int64_t stride, std::int64_t heads, const KeyValueRows &rows,
               std::int64_t count, float *out)
{
    withElements(rows.values, rows.type, [&](const auto *values, auto load) {
        forHeadGroups(heads, [&](auto group, std::int64_t h) {
            sumHeads<group.count>(weights + h * stride, stride, values, rows.dim, count, out + h * rows.dim, load);
        });
    });
}

// Attention of many queries: a lane of the vectors is a query, so that a softmax needs no sum across lanes, and keys
// and values are read one number at a time, as they lie.

constexpr int laneVectors = 3; ///< with 4 keys or dimensions, as many sums as fit into the registers
constexpr std::int64_t lanes = laneVectors * Vec::width;
constexpr std::int64_t tilesAtOnce = 2; ///< of `lanes` queries, which share keys in the first-level cache
constexpr std::int64_t keysAtOnce = 32;
constexpr float leastScore = -3e38F; ///< below any score; finite, so that differences are numbers

/// The state of `lanes` queries between blocks of keys.
struct QueryTile
{
    float *queries; ///< [dim, lanes], scaled
    float *sums;    ///< [dim, lanes] of values
    float greatest[lanes], weight[lanes];
    float begins[lanes], ends[lanes]; ///< keys seen; whole numbers, which float32 holds to 2²⁴
};

/// out[4 or fewer, lanes] (+)= a[rows, count]ᵀ… : Σ over i of a(i, row)·b[i, lanes].
template <int rows, bool adds, typename At>
void multiplyLanes(At at, const float *b, std::int64_t count, float *out)
{
    Vec sums[rows][laneVectors];
    for (int r = 0; r < rows; ++r)
        for (int v = 0; v < laneVectors; ++v)
            sums[r][v] = adds ? Vec::load(out + r * lanes + v * Vec::width) : Vec::zero();
    for (std::int64_t i = 0; i < count; ++i) {
        Vec x[laneVectors];
        for (int v = 0; v < laneVectors; ++v)
            x[v] = Vec::load(b + i * lanes + v * Vec::width);
        for (int r = 0; r < rows; ++r) {
            const Vec a = Vec::all(at(i, r));
            for (int v = 0; v < laneVectors; ++v)
                sums[r][v] = fma(a, x[v], sums[r][v]);
        }
    }
    for (int r = 0; r < rows; ++r)
        for (int v = 0; v < laneVectors; ++v)
            sums[r][v].store(out + r * lanes + v * Vec::width);
}

/// All rows, four at a time. at(row, i): the element.
template <bool adds, typename At>
void multiplyAllLanes(At at, std::int64_t rows, const float *b, std::int64_t count, float *out)
{
    std::int64_t row = 0;
    for (; row + 4 <= rows; row += 4)
        multiplyLanes<4, adds>([&](std::int64_t i, int r) { return at(row + r, i); }, b, count, out + row * lanes);
    for (; row < rows; ++row)
        multiplyLanes<1, adds>([&](std::int64_t i, int) { return at(row, i); }, b, count, out + row * lanes);
}

/// Takes the rows from `first` on; lanes without a row see no key.
void beginTile(QueryTile &tile, const AttentionRows &rows, std::int64_t first, std::int64_t dim)
{
    std::memset(tile.queries, 0, static_cast<std::size_t>(dim * lanes) * sizeof(float));
    std::memset(tile.sums, 0, static_cast<std::size_t>(dim * lanes) * sizeof(float));
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const bool used = first + lane < rows.count;
        tile.greatest[lane] = leastScore;
        tile.weight[lane] = 0;
        tile.begins[lane] = used ? static_cast<float>(rows.begins[first + lane]) : 0;
        tile.ends[lane] = used ? static_cast<float>(rows.ends[first + lane]) : 0;
        for (std::int64_t d = 0; used && d < dim; ++d)
            tile.queries[d * lanes + lane] = rows.queries[first + lane][d] * rows.scale;
    }
}

/// Hides the keys that a lane does not see.
void hideKeys(const QueryTile &tile, std::int64_t firstKey, std::int64_t count, float *scores)
{
    for (std::int64_t i = 0; i < count; ++i) {
        const Vec key = Vec::all(static_cast<float>(firstKey + i));
        for (int v = 0; v < laneVectors; ++v) {
            float *score = scores + i * lanes + v * Vec::width;
            const Vec hidden = Vec::all(-INFINITY);
            const Vec early = whereLess(key, Vec::load(tile.begins + v * Vec::width), hidden, Vec::load(score));
            whereLess(key, Vec::load(tile.ends + v * Vec::width), early, hidden).store(score);
        }
    }
}

void capScores(float *scores, std::int64_t count, float cap)
{
    for (std::int64_t i = 0; i < count * lanes; i += Vec::width) {
        // tanh(x) = 1 − 2 / (e^2x + 1)
        const Vec e = exponential(Vec::load(scores + i) * Vec::all(2 / cap));
        (Vec::all(cap) - Vec::all(2 * cap) / (e + Vec::all(1))).store(scores + i);
    }
}

/// Scores to weights in place; scales what was summed before to the new greatest score (Milakov and Gimelshein 2018).
void weighKeys(QueryTile &tile, std::int64_t dim, std::int64_t count, float *scores)
{
    for (int v = 0; v < laneVectors; ++v) {
        const std::int64_t lane = v * Vec::width;
        const Vec before = Vec::load(tile.greatest + lane);
        Vec most = before;
        for (std::int64_t i = 0; i < count; ++i)
            most = greater(most, Vec::load(scores + i * lanes + lane));
        const Vec factor = exponential(before - most);
        Vec weight = Vec::load(tile.weight + lane) * factor;
        for (std::int64_t i = 0; i < count; ++i) {
            const Vec e = exponential(Vec::load(scores + i * lanes + lane) - most);
            e.store(scores + i * lanes + lane);
            weight = weight + e;
        }
        most.store(tile.greatest + lane);
        weight.store(tile.weight + lane);
        for (std::int64_t d = 0; d < dim; ++d)
            (Vec::load(tile.sums + d * lanes + lane) * factor).store(tile.sums + d * lanes + lane);
    }
}

void endTile(const QueryTile &tile, const AttentionRows &rows, std::int64_t first, std::int64_t dim)
{
    for (std::int64_t lane = 0; lane < lanes && first + lane < rows.count; ++lane) {
        const float weight = tile.weight[lane];
        for (std::int64_t d = 0; d < dim; ++d)
            rows.outputs[first + lane][d] = weight > 0 ? tile.sums[d * lanes + lane] / weight : 0;
        if (rows.logSumExps)
            rows.logSumExps[first + lane] = weight > 0 ? tile.greatest[lane] + ::logf(weight) : -INFINITY;
    }
}

/// A block of keys or values as float32: where it lies, or converted.
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

std::int64_t attentionScratch(std::int64_t dim)
{
    return 2 * tilesAtOnce * dim * lanes + 2 * keysAtOnce * dim + keysAtOnce * lanes;
}

void attendTiles(QueryTile *tiles, std::int64_t tileCount, const AttentionRows &rows, const KeyValueRows &keyValues,
                 float *scratch)
{
    const std::int64_t dim = keyValues.dim;
    float *keyBlock = scratch, *valueBlock = keyBlock + keysAtOnce * dim, *scores = valueBlock + keysAtOnce * dim;
    float begin = INFINITY, end = 0;
    for (std::int64_t t = 0; t < tileCount; ++t) {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
            if (tiles[t].ends[lane] > 0) {
                begin = tiles[t].begins[lane] < begin ? tiles[t].begins[lane] : begin;
                end = tiles[t].ends[lane] > end ? tiles[t].ends[lane] : end;
            }
        }
    }
    if (end <= begin)
        return;
    const auto last = static_cast<std::int64_t>(end);
    for (auto key = static_cast<std::int64_t>(begin); key < last; key += keysAtOnce) {
        const std::int64_t count = last - key < keysAtOnce ? last - key : keysAtOnce;
        const float *keys = asFloat(keyValues.keys, keyValues.type, key, count, dim, keyBlock);
        const float *values = asFloat(keyValues.values, keyValues.type, key, count, dim, valueBlock);
        for (std::int64_t t = 0; t < tileCount; ++t) {
            QueryTile &tile = tiles[t];
            bool seen = false, hidden = false;
            for (std::int64_t lane = 0; lane < lanes; ++lane) {
                const auto first = static_cast<float>(key), behind = static_cast<float>(key + count);
                seen = seen || (tile.begins[lane] < behind && tile.ends[lane] > first);
                hidden = hidden || tile.begins[lane] > first || tile.ends[lane] < behind;
            }
            if (!seen)
                continue;
            multiplyAllLanes<false>([&](std::int64_t i, std::int64_t d) { return keys[i * dim + d]; }, count,
                                    tile.queries, dim, scores);
            if (rows.softcap > 0)
                capScores(scores, count, rows.softcap);
            if (hidden)
                hideKeys(tile, key, count, scores);
            weighKeys(tile, dim, count, scores);
            multiplyAllLanes<true>([&](std::int64_t d, std::int64_t i) { return values[i * dim + d]; }, dim, scores,
                                   count, tile.sums);
        }
    }
}

void attendRows(const AttentionRows &rows, const KeyValueRows &keyValues, float *scratch)
{
    const std::int64_t dim = keyValues.dim;
    QueryTile tiles[tilesAtOnce];
    for (QueryTile &tile : tiles) {
        tile.queries = scratch;
        tile.sums = scratch + dim * lanes;
        scratch += 2 * dim * lanes;
    }
    for (std::int64_t first = 0; first < rows.count; first += tilesAtOnce * lanes) {
        std::int64_t count = 0;
        for (; count < tilesAtOnce && first + count * lanes < rows.count; ++count)
            beginTile(tiles[count], rows, first + count * lanes, dim);
        attendTiles(tiles, count, rows, keyValues, scratch);
        for (std::int64_t t = 0; t < count; ++t)
            endTile(tiles[t], rows, first + t * lanes, dim);
    }
}

} // namespace
} // namespace headkv
