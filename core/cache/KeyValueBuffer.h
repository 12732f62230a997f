// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionShape.h"
#include "core/cache/KvCache.h"
#include "core/kernels/Kernels.h"

#include <ATen/core/Tensor.h>

namespace headkv {

[[nodiscard]] at::ScalarType scalarType(ElementType type);

/// One list's rows in a cache's buffers.
struct KeyValueBuffer
{
    void *keys = nullptr, *values = nullptr; ///< [room, D]
    ElementType type = ElementType::BFloat16;
    std::int64_t dim = 0;

    [[nodiscard]] KeyValueRows rows() const { return {keys, values, type, dim}; }
};

/// The rows that begin at an element of both tensors.
[[nodiscard]] KeyValueBuffer bufferOf(const at::Tensor &keys, const at::Tensor &values, std::int64_t offset,
                                      std::int64_t dim);
/// Writes a KV head's keys and values of all tokens to the rows from `row` on.
void storeRows(const AttentionInputs &tokens, std::int64_t group, const AttentionShape &shape,
               const KeyValueBuffer &buffer, std::int64_t row);

} // namespace headkv
