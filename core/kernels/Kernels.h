// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/ElementType.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace headkv {

/// Columns (outputs) of a quantised matrix that lie together.
constexpr std::int64_t tileColumns = 8;
[[nodiscard]] constexpr std::int64_t tilesOf(std::int64_t outputs) { return (outputs + tileColumns - 1) / tileColumns; }
/// Weights of a column that share a scale.
constexpr std::int64_t blockWeights = 32;

/// 32 inputs × 8 outputs in 4 bits: w = scale·q + minimum, as GGUF's Q4_1; half precision. Byte 32·c + 4·column + j
/// holds inputs 8·c + j (low) and 8·c + 4 + j (high).
struct Int4Block
{
    std::uint8_t quants[128];
    std::uint16_t scale[8], minimum[8];
};

/// 32 inputs × 8 outputs in 8 bits: w = scale·q, as GGUF's Q8_0. Byte 8·input + column.
struct Int8Block
{
    std::int8_t quants[256];
    std::uint16_t scale[8];
};

/// Rows of activations in 8 bits by blocks of 32: x ≈ scale·q. The sums are those of the rounded ones: so an error of
/// rounding is weighed by weights, whose mean is near 0, not by their quants (half the error, measured).
struct QuantizedRows
{
    std::int8_t *quants = nullptr;            ///< [rows, columns]
    float *scales = nullptr, *sums = nullptr; ///< [rows, columns/32]
    std::int64_t columns = 0;                 ///< a multiple of 32
};

/// Keys and values of consecutive tokens of one list, rows of `dim` elements end to end.
struct KeyValueRows
{
    const void *keys = nullptr, *values = nullptr;
    ElementType type = ElementType::Float32;
    std::int64_t dim = 0;
};

/// Keys and values that are rounded together.
constexpr std::int64_t packedKeys = 64;
/// Floats that such a block takes: numbers of 16 bits, a scale for each key and one for each dimension of the values.
[[nodiscard]] constexpr std::int64_t packedFloats(std::int64_t dim) { return packedKeys * (dim + 1) + dim; }

/// A list's keys and values in rounded blocks.
struct PackedKeyValues
{
    const float *blocks = nullptr; ///< [blocks, packedFloats(dim)]
    std::int64_t firstBlock = 0;   ///< the first one's number: it begins with key packedKeys·firstBlock
    std::int64_t dim = 0;
};

/// The softmax over a part of the keys, for one query: what joins parts.
struct SoftmaxPart
{
    float greatest; ///< of the scores; −∞: no key
    float sum;      ///< of exp(score − greatest)
};

/// Queries that attend to one list of keys and values. Query i sees keys [begins[i], ends[i]).
struct AttentionRows
{
    const float *const *queries = nullptr; ///< [count] of [dim]
    float *const *outputs = nullptr;       ///< [count] of [dim]; 0 where no key is seen
    float *logSumExps = nullptr;           ///< [count] of the scores; −∞ where no key is seen; null: not wanted
    const std::int32_t *begins = nullptr, *ends = nullptr; ///< [count]
    std::int64_t count = 0;
    float scale = 1, softcap = 0; ///< as in AttentionRule
};

/// The arithmetic of the forward pass for one instruction set. Functions work on plain memory, on one thread; callers
/// split the work. All pointers may be unaligned.
struct Kernels
{
    std::string_view name; ///< "AVX2"

    /// y = x / rms(x) · weight, n elements.
    void (*rmsNorm)(const float *x, const float *weight, float *y, std::int64_t n, float epsilon);
    /// Rotates pairs (i, i + half) of a vector by the angles.
    void (*rotate)(float *vector, const float *cos, const float *sin, std::int64_t half);
    /// gate = activation(gate)·up, n elements.
    void (*siluProduct)(float *gate, const float *up, std::int64_t n);
    void (*geluProduct)(float *gate, const float *up, std::int64_t n); ///< the tanh form

    /// Rounds rows [count, columns] of float32.
    void (*quantize)(const float *rows, std::int64_t count, const QuantizedRows &out);
    /// out[r, 8·t + c] = Σ x[r]·w[t, c] for the tiles t of a matrix, `blocks` blocks each, and rows r of the
    /// activations. `stride` of out in elements; only the first `outputs` columns from tile 0 are written.
    void (*multiplyInt4)(const Int4Block *tiles, std::int64_t tileCount, std::int64_t outputs, const QuantizedRows &x,
                         std::int64_t rowCount, float *out, std::int64_t stride);
    /// The same, of 8-bit weights and activations as they are: x [rows, columns].
    void (*multiplyInt8)(const Int8Block *tiles, std::int64_t tileCount, std::int64_t outputs, const float *x,
                         std::int64_t columns, std::int64_t rowCount, float *out, std::int64_t stride);
    /// out[i] = row i of a matrix [count, columns] times x.
    void (*multiplyDense)(const void *rows, ElementType type, std::int64_t count, std::int64_t columns, const float *x,
                          float *out);

    /// Rounds n elements to the nearest bfloat16, ties to even.
    void (*toBFloat16)(const float *x, std::uint16_t *out, std::int64_t n);

    /// scores[h·stride + i] = query h · key i for `heads` queries [heads, dim] and count keys.
    void (*scoreKeys)(const float *queries, std::int64_t heads, const KeyValueRows &rows, std::int64_t count,
                      float *scores, std::int64_t stride);
    /// Scores to exp(score − greatest) in place, with what they sum to.
    SoftmaxPart (*exponentials)(float *scores, std::int64_t count);
    /// out[h] += Σ weights[h·stride + i]·value i, [heads, dim].
    void (*sumValues)(const float *weights, std::int64_t stride, std::int64_t heads, const KeyValueRows &rows,
                      std::int64_t count, float *out);
    /// Softmax(scale·q·Kᵀ)·V for many queries; the scratch has attentionScratch(dim) floats.
    void (*attendRows)(const AttentionRows &rows, const KeyValueRows &keyValues, float *scratch);
    /// The same, faster, with products of numbers rounded to some 12 bits of the greatest beside them.
    void (*attendRowsRounded)(const AttentionRows &rows, const PackedKeyValues &keyValues, float *scratch);
    /// Rounds up to packedKeys keys and values from `first` on to a block.
    void (*packKeyValues)(const KeyValueRows &rows, std::int64_t first, std::int64_t count, float *block,
                          float *scratch);
    std::int64_t (*attentionScratch)(std::int64_t dim);
    /// Queries that are best given together: a multiple of the vectors.
    std::int64_t attentionRows;
};

/// The best that this machine runs.
[[nodiscard]] const Kernels &kernels();
/// All that this machine runs, the plainest first: for tests and benchmarks.
[[nodiscard]] std::span<const Kernels *const> supportedKernels();

} // namespace headkv
