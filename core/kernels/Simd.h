// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Vectors of float for the instruction set that the including file is compiled for. All of it is private to that file:
// were it shared, the linker could hand one set's code to a machine that lacks it. For the same reason the kernels
// instantiate no templates of the standard library.

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace headkv {
namespace {

[[maybe_unused]] float fromBFloat16(std::uint16_t bits)
{
    const std::uint32_t wide = std::uint32_t{bits} << 16;
    float value = 0;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

[[maybe_unused]] float fromHalf(std::uint16_t bits)
{
    const std::uint32_t sign = std::uint32_t{bits & 0x8000u} << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
    if (exponent == 0)
        return (sign ? -1.0F : 1.0F) * static_cast<float>(fraction) * 0x1p-24F;
    const std::uint32_t wide = sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | fraction << 13;
    float value = 0;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

/// Two numbers of 16 bits in 32.
[[maybe_unused]] std::int32_t pair(std::int32_t low, std::int32_t high)
{
    return static_cast<std::int32_t>((static_cast<std::uint32_t>(low) & 0xffffu) | static_cast<std::uint32_t>(high)
                                                                                       << 16);
}

#if defined(__AVX512F__)

struct Vec
{
    static constexpr std::int64_t width = 16;
    __m512 v;

    static Vec zero() { return {_mm512_setzero_ps()}; }
    static Vec all(float x) { return {_mm512_set1_ps(x)}; }
    static Vec loadBits(const float *p) { return load(p); }
    static Vec load(const float *p) { return {_mm512_loadu_ps(p)}; }
    static Vec loadBFloat16(const std::uint16_t *p)
    {
        const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)));
        return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
    }
    void store(float *p) const { _mm512_storeu_ps(p, v); }
    friend Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
    friend Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
    friend Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
    friend Vec operator/(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
    friend Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
    friend Vec addProducts(Vec sum, Vec a, Vec b) { return fma(a, b, sum); }
    friend Vec greater(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
    friend Vec lesser(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }
    /// `other` where a < b, else `self`.
    friend Vec whereLess(Vec a, Vec b, Vec other, Vec self)
    {
        return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ), self.v, other.v)};
    }
    friend Vec round(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
    /// x·2^n of whole n.
    friend Vec scale(Vec x, Vec n)
    {
        const __m512i bits = _mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n.v), _mm512_set1_epi32(127)), 23);
        return x * Vec{_mm512_castsi512_ps(bits)};
    }
    /// x·2^n, where n stands in the lowest bits.
    friend Vec addExponent(Vec x, Vec n)
    {
        return {_mm512_castsi512_ps(
            _mm512_add_epi32(_mm512_castps_si512(x.v), _mm512_slli_epi32(_mm512_castps_si512(n.v), 23)))};
    }
    friend float sum(Vec a) { return _mm512_reduce_add_ps(a.v); }
    /// The sums of four vectors.
    static void sums(const Vec *a, float *out)
    {
        for (int i = 0; i < 4; ++i)
            out[i] = sum(a[i]);
    }
    friend float greatest(Vec a) { return _mm512_reduce_max_ps(a.v); }
};

/// Whole numbers, as many as in a Vec: 32 bits each, or two of 16 bits.
struct IntVec
{
    __m512i v;

    static IntVec zero() { return {_mm512_setzero_si512()}; }
    static IntVec all(std::int32_t x) { return {_mm512_set1_epi32(x)}; }
    static IntVec loadBits(const float *p) { return {_mm512_loadu_si512(p)}; }
    void storeBits(float *p) const { _mm512_storeu_si512(p, v); }
    static IntVec rounded(Vec x) { return {_mm512_cvtps_epi32(x.v)}; }
    [[nodiscard]] Vec toFloat() const { return {_mm512_cvtepi32_ps(v)}; }
    /// Pairs of 16 bits.
    static IntVec pairs(IntVec low, IntVec high)
    {
        return {_mm512_or_si512(_mm512_and_si512(low.v, _mm512_set1_epi32(0xffff)), _mm512_slli_epi32(high.v, 16))};
    }
    /// sum + a.low·b.low + a.high·b.high
    friend IntVec addProducts(IntVec sum, IntVec a, IntVec b) { return {_mm512_dpwssd_epi32(sum.v, a.v, b.v)}; }
};

#elif defined(__AVX2__)

struct Vec
{
    static constexpr std::int64_t width = 8;
    __m256 v;

    static Vec zero() { return {_mm256_setzero_ps()}; }
    static Vec all(float x) { return {_mm256_set1_ps(x)}; }
    static Vec loadBits(const float *p) { return load(p); }
    static Vec load(const float *p) { return {_mm256_loadu_ps(p)}; }
    static Vec loadBFloat16(const std::uint16_t *p)
    {
        const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)));
        return {_mm256_castsi256_ps(_mm256_slli_epi32(wide, 16))};
    }
    void store(float *p) const { _mm256_storeu_ps(p, v); }
    friend Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
    friend Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
    friend Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
    friend Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
    friend Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
    friend Vec addProducts(Vec sum, Vec a, Vec b) { return fma(a, b, sum); }
    friend Vec greater(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
    friend Vec lesser(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
    friend Vec whereLess(Vec a, Vec b, Vec other, Vec self)
    {
        return {_mm256_blendv_ps(self.v, other.v, _mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ))};
    }
    friend Vec round(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
    friend Vec scale(Vec x, Vec n)
    {
        const __m256i bits = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127)), 23);
        return x * Vec{_mm256_castsi256_ps(bits)};
    }
    friend Vec addExponent(Vec x, Vec n)
    {
        return {_mm256_castsi256_ps(
            _mm256_add_epi32(_mm256_castps_si256(x.v), _mm256_slli_epi32(_mm256_castps_si256(n.v), 23)))};
    }
    static void sums(const Vec *a, float *out)
    {
        const __m256 x = _mm256_hadd_ps(_mm256_hadd_ps(a[0].v, a[1].v), _mm256_hadd_ps(a[2].v, a[3].v));
        _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
    }
    friend float sum(Vec a)
    {
        __m128 x = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
        x = _mm_add_ps(x, _mm_movehl_ps(x, x));
        return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
    }
    friend float greatest(Vec a)
    {
        __m128 x = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
        x = _mm_max_ps(x, _mm_movehl_ps(x, x));
        return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
    }
};

struct IntVec
{
    __m256i v;

    static IntVec zero() { return {_mm256_setzero_si256()}; }
    static IntVec all(std::int32_t x) { return {_mm256_set1_epi32(x)}; }
    static IntVec loadBits(const float *p) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p))}; }
    void storeBits(float *p) const { _mm256_storeu_si256(reinterpret_cast<__m256i *>(p), v); }
    static IntVec rounded(Vec x) { return {_mm256_cvtps_epi32(x.v)}; }
    [[nodiscard]] Vec toFloat() const { return {_mm256_cvtepi32_ps(v)}; }
    static IntVec pairs(IntVec low, IntVec high)
    {
        return {_mm256_or_si256(_mm256_and_si256(low.v, _mm256_set1_epi32(0xffff)), _mm256_slli_epi32(high.v, 16))};
    }
    friend IntVec addProducts(IntVec sum, IntVec a, IntVec b)
    {
        // Written out, or GCC puts off the additions and keeps the products in memory.
        __asm__("vpaddd %1, %0, %0" : "+x"(sum.v) : "x"(_mm256_madd_epi16(a.v, b.v)));
        return sum;
    }
};

#else

struct Vec
{
    static constexpr std::int64_t width = 4;
    float v[4];

    template <typename F>
    static Vec each(F f)
    {
        return {{f(0), f(1), f(2), f(3)}};
    }
    static Vec zero() { return {{0, 0, 0, 0}}; }
    static Vec all(float x) { return {{x, x, x, x}}; }
    static Vec loadBits(const float *p) { return load(p); }
    static Vec load(const float *p) { return {{p[0], p[1], p[2], p[3]}}; }
    static Vec loadBFloat16(const std::uint16_t *p)
    {
        return each([p](int i) { return fromBFloat16(p[i]); });
    }
    void store(float *p) const { std::memcpy(p, v, sizeof v); }
    friend Vec operator+(Vec a, Vec b)
    {
        return each([&](int i) { return a.v[i] + b.v[i]; });
    }
    friend Vec operator-(Vec a, Vec b)
    {
        return each([&](int i) { return a.v[i] - b.v[i]; });
    }
    friend Vec operator*(Vec a, Vec b)
    {
        return each([&](int i) { return a.v[i] * b.v[i]; });
    }
    friend Vec operator/(Vec a, Vec b)
    {
        return each([&](int i) { return a.v[i] / b.v[i]; });
    }
    friend Vec fma(Vec a, Vec b, Vec c)
    {
        return each([&](int i) { return a.v[i] * b.v[i] + c.v[i]; });
    }
    friend Vec addProducts(Vec sum, Vec a, Vec b) { return fma(a, b, sum); }
    friend Vec greater(Vec a, Vec b)
    {
        return each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
    }
    friend Vec lesser(Vec a, Vec b)
    {
        return each([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
    }
    friend Vec whereLess(Vec a, Vec b, Vec other, Vec self)
    {
        return each([&](int i) { return a.v[i] < b.v[i] ? other.v[i] : self.v[i]; });
    }
    friend Vec round(Vec a)
    {
        return each([&](int i) { return ::nearbyintf(a.v[i]); });
    }
    friend Vec scale(Vec x, Vec n)
    {
        return each([&](int i) { return ::ldexpf(x.v[i], static_cast<int>(n.v[i])); });
    }
    friend Vec addExponent(Vec x, Vec n)
    {
        return each([&](int i) {
            std::uint32_t bits, exponent;
            std::memcpy(&bits, x.v + i, sizeof bits);
            std::memcpy(&exponent, n.v + i, sizeof exponent);
            bits += exponent << 23;
            float value;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        });
    }
    friend float sum(Vec a) { return (a.v[0] + a.v[1]) + (a.v[2] + a.v[3]); }
    static void sums(const Vec *a, float *out)
    {
        for (int i = 0; i < 4; ++i)
            out[i] = sum(a[i]);
    }
    friend float greatest(Vec a)
    {
        const Vec halves = greater(a, {{a.v[2], a.v[3], a.v[0], a.v[1]}});
        return halves.v[0] > halves.v[1] ? halves.v[0] : halves.v[1];
    }
};

struct IntVec
{
    std::int32_t v[4];

    template <typename F>
    static IntVec each(F f)
    {
        return {{f(0), f(1), f(2), f(3)}};
    }
    static IntVec zero() { return all(0); }
    static IntVec all(std::int32_t x) { return {{x, x, x, x}}; }
    static IntVec loadBits(const float *p)
    {
        IntVec x;
        std::memcpy(x.v, p, sizeof x.v);
        return x;
    }
    void storeBits(float *p) const { std::memcpy(p, v, sizeof v); }
    static IntVec rounded(Vec x)
    {
        return each([&](int i) { return static_cast<std::int32_t>(::nearbyintf(x.v[i])); });
    }
    [[nodiscard]] Vec toFloat() const
    {
        return Vec::each([&](int i) { return static_cast<float>(v[i]); });
    }
    static IntVec pairs(IntVec low, IntVec high)
    {
        return each([&](int i) { return pair(low.v[i], high.v[i]); });
    }
    friend IntVec addProducts(IntVec sum, IntVec a, IntVec b)
    {
        return each([&](int i) {
            return sum.v[i] + std::int16_t(a.v[i]) * std::int16_t(b.v[i]) + (a.v[i] >> 16) * (b.v[i] >> 16);
        });
    }
};

#endif

/// eˣ to 2 units in the last place: 2ⁿ·eʳ, |r| ≤ ln 2 / 2, by a polynomial (Cephes' expf). Below −87: 0.
[[maybe_unused]] Vec exponential(Vec x)
{
    constexpr float least = -87;
    const Vec clamped = lesser(greater(x, Vec::all(least)), Vec::all(88));
    const Vec n = round(clamped * Vec::all(1.44269504F));
    Vec r = fma(n, Vec::all(-0.693359375F), clamped);
    r = fma(n, Vec::all(2.12194440e-4F), r);
    Vec p = fma(Vec::all(1.9875691500e-4F), r, Vec::all(1.3981999507e-3F));
    p = fma(p, r, Vec::all(8.3334519073e-3F));
    p = fma(p, r, Vec::all(4.1665795894e-2F));
    p = fma(p, r, Vec::all(1.6666665459e-1F));
    p = fma(p, r, Vec::all(0.5F));
    p = fma(p, r * r, r + Vec::all(1));
    return whereLess(x, Vec::all(least), Vec::zero(), scale(p, n));
}

/// 2ˣ to 2 units in the last place, x ≤ 0; below −126: 2⁻¹²⁶.
[[maybe_unused]] Vec powerOfTwo(Vec x)
{
    const Vec bounded = greater(x, Vec::all(-126)), n = round(bounded), f = bounded - n;
    Vec p = fma(Vec::all(1.546144468e-4F), f, Vec::all(1.340042818e-3F));
    p = fma(p, f, Vec::all(9.618056679e-3F));
    p = fma(p, f, Vec::all(5.550327227e-2F));
    p = fma(p, f, Vec::all(2.402265092e-1F));
    p = fma(p, f, Vec::all(6.931472067e-1F));
    return scale(fma(p, f, Vec::all(1)), n);
}

/// The same to 4·10⁻⁶, for what is rounded to 16 bits.
[[maybe_unused]] Vec roughPowerOfTwo(Vec x)
{
    const Vec magic = Vec::all(0x1.8p23F); // what is added to it is rounded, and stands in its lowest bits
    const Vec bounded = greater(x, Vec::all(-120)), shifted = bounded + magic, f = bounded - (shifted - magic);
    Vec p = fma(Vec::all(9.666368515e-3F), f, Vec::all(5.592197584e-2F));
    p = fma(p, f, Vec::all(2.402234904e-1F));
    p = fma(p, f, Vec::all(6.931210452e-1F));
    return addExponent(fma(p, f, Vec::all(1)), shifted);
}

/// A number that a template takes from an argument.
template <int n>
struct Constant
{
    static constexpr int count = n;
};

[[maybe_unused]] float toFloat(float value) { return value; }
[[maybe_unused]] float toFloat(std::uint16_t bits) { return fromBFloat16(bits); }

/// Σ row[i]·x[i]; load reads a vector of the row.
template <typename Load, typename Element>
float dotProduct(const Element *row, const float *x, std::int64_t n, Load load)
{
    Vec sums[4] = {Vec::zero(), Vec::zero(), Vec::zero(), Vec::zero()};
    std::int64_t i = 0;
    for (; i + 4 * Vec::width <= n; i += 4 * Vec::width)
        for (int chain = 0; chain < 4; ++chain)
            sums[chain] = fma(load(row + i + chain * Vec::width), Vec::load(x + i + chain * Vec::width), sums[chain]);
    for (; i + Vec::width <= n; i += Vec::width)
        sums[0] = fma(load(row + i), Vec::load(x + i), sums[0]);
    float total = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < n; ++i)
        total += toFloat(row[i]) * x[i];
    return total;
}

} // namespace
} // namespace headkv
