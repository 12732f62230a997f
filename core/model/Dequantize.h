// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/GgufFile.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace headkv {

[[nodiscard]] bool isKnownTensorType(std::uint32_t type);
/// "F32, F16, …", for messages.
[[nodiscard]] std::string knownTensorTypes();
/// Bytes of a tensor in the file; nothing where the shape overflows or its rows are not whole blocks.
[[nodiscard]] std::optional<std::uint64_t> tensorBytes(TensorType type, std::span<const std::uint64_t> shape);

/// Writes row `row` of a matrix [rows, columns] (of a vector: row 0) as float32. `out` has shape.back() elements.
/// Equals the gguf package's dequantisation bit for bit.
void dequantizeRow(const GgufTensor &tensor, std::uint64_t row, std::span<float> out);

} // namespace headkv
