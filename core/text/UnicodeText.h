// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace headkv {

enum class UnicodeForm { C, D, KC, KD };

/// Valid UTF-8 text in a normalization form (Unicode Standard Annex 15). Characters newer than Unicode 9 stay as they
/// are, as in tokenizers. Near-linear time.
[[nodiscard]] std::string normalizeUnicode(std::string_view text, UnicodeForm form);

/// Unicode's White_Space.
[[nodiscard]] bool isWhiteSpace(char32_t c) noexcept;

/// The first character of valid UTF-8 text that is not empty, and its length in bytes.
struct FirstCharacter
{
    char32_t codePoint;
    std::size_t length;
};
[[nodiscard]] FirstCharacter firstCharacter(std::string_view text) noexcept;
/// Likewise the last one.
[[nodiscard]] FirstCharacter lastCharacter(std::string_view text) noexcept;

/// The text without white space at the ends named.
[[nodiscard]] std::string_view stripWhiteSpace(std::string_view text, bool left, bool right) noexcept;

/// Every `pattern` in the text, from left to right, replaced by `content`; an empty pattern is never found.
[[nodiscard]] std::string replaceAll(std::string_view text, std::string_view pattern, std::string_view content);

} // namespace headkv
