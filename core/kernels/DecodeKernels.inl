// SPDX-License-Identifier: GPL-3.0-or-later
// Attention of one token over rows of keys and values.
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

} // namespace
} // namespace headkv
