// SPDX-License-Identifier: GPL-3.0-or-later
// Attention of many queries, block by block of keys (Dao et al. 2022).
#pragma once

#include "core/kernels/AttentionProducts.inl"

namespace headkv {
namespace {

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
void attendTiles(QueryTile *tiles, std::int64_t tileCount, const AttentionRows &rows,
                 const typename Products::Source &keyValues, KeyBlock &block)
{
    SeenKeys seen[tilesAtOnce], all;
    for (std::int64_t t = 0; t < tileCount; ++t) {
        seen[t].add(tiles[t]);
        all.add(tiles[t]);
    }
    if (all.end <= all.begin)
        return;
    const auto last = static_cast<std::int64_t>(all.end);
    for (auto key = static_cast<std::int64_t>(all.begin) / keysAtOnce * keysAtOnce; key < last; key += keysAtOnce) {
        block.first = key;
        block.count = last - key < keysAtOnce ? last - key : keysAtOnce;
        Products::takeBlock(keyValues, block);
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
    return 2 * tilesAtOnce * dim * lanes + 2 * keysAtOnce * dim + keysAtOnce * lanes;
}

template <typename Products>
void attendRows(const AttentionRows &rows, const typename Products::Source &keyValues, float *scratch)
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
    block.converted = take(2 * keysAtOnce * dim);
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
