// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/StoredTensor.h"

#include <cstdint>
#include <span>

namespace headkv {

/// Writes row `row` of a matrix [rows, columns] (of a vector: row 0) as float32. `out` has shape.back() elements.
/// Equals the gguf package's dequantisation bit for bit. The block formats are ggml's (its names are kept).
void dequantizeRow(const StoredTensor &tensor, std::uint64_t row, std::span<float> out);

} // namespace headkv
