// SPDX-License-Identifier: GPL-3.0-or-later
// What is done to each element of a row of activations.
#pragma once

#include "core/kernels/Kernels.h"
#include "core/kernels/Simd.h"

namespace headkv {
namespace {

void rmsNorm(const float *x, const float *weight, float *y, std::int64_t n, float epsilon)
{
    const std::int64_t whole = n - n % Vec::width;
    Vec squares = Vec::zero();
    for (std::int64_t i = 0; i < whole; i += Vec::width)
        squares = fma(Vec::load(x + i), Vec::load(x + i), squares);
    float total = sum(squares);
    for (std::int64_t i = whole; i < n; ++i)
        total += x[i] * x[i];
    const float factor = 1 / ::sqrtf(total / static_cast<float>(n) + epsilon);
    for (std::int64_t i = 0; i < whole; i += Vec::width)
        (Vec::load(x + i) * Vec::all(factor) * Vec::load(weight + i)).store(y + i);
    for (std::int64_t i = whole; i < n; ++i)
        y[i] = x[i] * factor * weight[i];
}

void rotate(float *vector, const float *cos, const float *sin, std::int64_t half)
{
    const std::int64_t whole = half - half % Vec::width;
    for (std::int64_t i = 0; i < whole; i += Vec::width) {
        const Vec a = Vec::load(vector + i), b = Vec::load(vector + half + i);
        const Vec c = Vec::load(cos + i), s = Vec::load(sin + i);
        (a * c - b * s).store(vector + i);
        (b * c + a * s).store(vector + half + i);
    }
    for (std::int64_t i = whole; i < half; ++i) {
        const float a = vector[i], b = vector[half + i];
        vector[i] = a * cos[i] - b * sin[i];
        vector[half + i] = b * cos[i] + a * sin[i];
    }
}

/// gate = gate·up / (1 + e^−s(gate)).
template <typename Slope>
void gatedProduct(float *gate, const float *up, std::int64_t n, Slope slope)
{
    const auto product = [slope](Vec g, Vec u) { return g * u / (Vec::all(1) + exponential(Vec::zero() - slope(g))); };
    std::int64_t i = 0;
    for (; i + Vec::width <= n; i += Vec::width)
        product(Vec::load(gate + i), Vec::load(up + i)).store(gate + i);
    if (i == n)
        return;
    float lastGate[Vec::width] = {}, lastUp[Vec::width] = {};
    const std::size_t rest = static_cast<std::size_t>(n - i) * sizeof(float);
    std::memcpy(lastGate, gate + i, rest);
    std::memcpy(lastUp, up + i, rest);
    product(Vec::load(lastGate), Vec::load(lastUp)).store(lastGate);
    std::memcpy(gate + i, lastGate, rest);
}

void siluProduct(float *gate, const float *up, std::int64_t n)
{
    gatedProduct(gate, up, n, [](Vec g) { return g; });
}

void geluProduct(float *gate, const float *up, std::int64_t n)
{
    // x/2·(1 + tanh(z)) = x / (1 + e^−2z), z = √(2/π)·(x + 0.044715·x³)
    gatedProduct(gate, up, n, [](Vec g) { return Vec::all(1.5957691216F) * fma(g * g * g, Vec::all(0.044715F), g); });
}

void toBFloat16(const float *x, std::uint16_t *out, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        std::uint32_t bits;
        std::memcpy(&bits, x + i, sizeof bits);
        const bool isNan = (bits & 0x7fffffffu) > 0x7f800000u;
        const std::uint32_t rounded = bits + 0x7fffu + (bits >> 16 & 1);
        out[i] = static_cast<std::uint16_t>((isNan ? bits | 0x400000u : rounded) >> 16);
    }
}

} // namespace
} // namespace headkv
