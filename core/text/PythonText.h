// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Text as Python's str and re take it, by code points: published scorers are written in Python.
namespace headkv::python {

/// str.lower(), a final sigma included.
[[nodiscard]] std::u32string lower(std::u32string_view text);
/// str.isspace() of one character.
[[nodiscard]] bool isSpace(char32_t c) noexcept;
/// re's \d: the decimal digits of every script.
[[nodiscard]] bool isDigit(char32_t c) noexcept;
/// re's \w: letters, numbers and the underscore.
[[nodiscard]] bool isWord(char32_t c) noexcept;
/// str.split(): what stands between white space.
[[nodiscard]] std::vector<std::u32string> split(std::u32string_view text);

} // namespace headkv::python
