// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace headkv {

/// What keys and values, and dense weights, are held in. Float16: on accelerators only.
enum class ElementType : std::uint8_t { BFloat16, Float32, Float16 };

[[nodiscard]] std::string toString(ElementType type); ///< "bfloat16", "float32", "float16"

[[nodiscard]] constexpr std::size_t bytesOf(ElementType type) { return type == ElementType::Float32 ? 4 : 2; }

} // namespace headkv
