// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Elements.h"

#include <cstddef>

// What a CUDA device does for a layer's cache. Pointers are to device memory unless a comment says otherwise; calls
// only enqueue on the stream: no allocation, no waiting, and what changes from token to token (lengths, the position)
// is read from device memory. So a captured graph can be replayed while lists grow. Errors of arguments and of launches
// are returned; those of running kernels come, as always, with a later call. A workspace serves one call at a time.
struct CUstream_st;

namespace headkv::cuda {

using Stream = CUstream_st *; ///< a cudaStream_t
using Status = int;           ///< 0, or a cudaError_t

/// A layer's keys and values: each list (a query head's or a KV head's) has its rows one after another, with room
/// behind.
struct Lists
{
    void *keys = nullptr, *values = nullptr; ///< [Σ room, D], aligned to 16 bytes
    std::int32_t *positions = nullptr;       ///< [Σ room] of the tokens, rising in a list; −1: compensation; or null
    Type type = Type::BFloat16;              ///< not Float32
    int dim = 0;                             ///< D: 64, 80, 96, 112, 128, 192 or 256
    int count = 0;                           ///< lists, 1,024 at most
    const std::int64_t *offsets = nullptr;   ///< [count + 1] first rows; the next list's ends a list's room
    std::int32_t *lengths = nullptr;         ///< [count]
};

/// softmax(scale·q·Kᵀ)·V of one token over all lists of a layer.
struct DecodeArguments
{
    Lists lists;
    const void *queries = nullptr; ///< [heads, D]; list i serves heads [i·g, (i + 1)·g), g = heads / lists
    void *output = nullptr;        ///< [heads, D]; 0 where a list shows nothing
    Type activations = Type::Float32;
    int heads = 0;
    const std::int32_t *begins = nullptr;      ///< [lists] first entries that a sliding window shows; null: all 0
    const std::int32_t *compensated = nullptr; ///< [lists] tokens that the first entry stands for, or 0; null: all 0
    float scale = 0;
    float softcap = 0;         ///< c·tanh(score/c); 0: none
    void *workspace = nullptr; ///< prepared once by prepareDecode
};

/// Bytes of the workspace of a device with so many multiprocessors. 0: no such shape.
[[nodiscard]] std::size_t decodeWorkspaceBytes(int multiprocessors, int lists, int heads, int dim);
/// Readies a workspace. Once: each call leaves it ready for the next.
[[nodiscard]] Status prepareDecode(void *workspace, int multiprocessors, int lists, int heads, int dim, Stream stream);
/// Blocks share out the entries of all lists evenly; parts of a list are joined by the last block that is done with
/// one.
[[nodiscard]] Status decodeAttention(const DecodeArguments &arguments, int multiprocessors, Stream stream);

/// First entries at or behind *position − window + 1, by binary search in the lists' positions (or, without, of 0, 1
/// …).
[[nodiscard]] Status findWindowBegins(const Lists &lists, const std::int32_t *position, int window,
                                      std::int32_t *begins, Stream stream);

/// Appends one token [groups, D] of the lists' type to every list (a list has its group's: lists / groups follow one
/// another) with the position *position, and lengthens the lists. A list without room keeps its length, and *full, if
/// any, becomes 1.
[[nodiscard]] Status appendToken(const Lists &lists, const void *keys, const void *values, int groups,
                                 const std::int32_t *position, int *full, Stream stream);

/// Copies entries `indices` [lists, stride], the first counts[i] of a row, into another layer's lists of the same type
/// and D, and sets those lists' lengths (cut to their room, with *full set to 1) and positions (where both have them;
/// from a source without, the indices). Source and target must not overlap. mostCount: no count is greater.
[[nodiscard]] Status gatherEntries(const Lists &source, const Lists &target, const std::int32_t *indices, int stride,
                                   const std::int32_t *counts, int mostCount, int *full, Stream stream);

/// SnapKV's scores (Li et al. 2024): the attention rows of the prompt's last `window` queries, causal among themselves
/// and in a sliding window if one is given; their mean over rows and over the list's heads; without the last `window`
/// columns; pooled.
struct WindowScoreArguments
{
    Lists lists;                   ///< their last `window` entries are the queries' tokens
    const void *queries = nullptr; ///< [heads, window, D], rotated
    Type activations = Type::Float32;
    int heads = 0, window = 0;
    const std::int32_t *compensated = nullptr; ///< as in decoding
    float scale = 0, softcap = 0;
    int slidingWindow = 0;   ///< keys that a query sees, its own among them; 0: all before it
    int kernel = 7;          ///< of the pooling, odd
    bool average = false;    ///< else the greatest
    int mostEntries = 0;     ///< no list is longer
    float *scores = nullptr; ///< [lists, mostEntries]: the first length − window of a row are written
    void *workspace = nullptr;
};

[[nodiscard]] std::size_t windowScoresWorkspaceBytes(int lists, int heads, int window, int mostEntries);
[[nodiscard]] Status windowScores(const WindowScoreArguments &arguments, Stream stream);

/// The entries that a list keeps: of the first lengths[i] − tail the capacities[i] with the highest scores [lists,
/// scoreStride] (of equal ones the earlier), and the last `tail`, in order: indices [lists, indexStride], and how many:
/// counts [lists]. indexStride ≥ min(capacity, length − tail) + tail.
[[nodiscard]] Status keepHighest(const float *scores, int scoreStride, const std::int32_t *lengths,
                                 const std::int32_t *capacities, int tail, int lists, std::int32_t *indices,
                                 int indexStride, std::int32_t *counts, Stream stream);

} // namespace headkv::cuda
