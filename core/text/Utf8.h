// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace headkv {

/// The text with each maximal invalid part replaced by U+FFFD (Unicode 15, section 3.9, as browsers and Python's
/// "replace" do).
[[nodiscard]] std::string sanitizeUtf8(std::string_view text);

/// The beginning of a text as part of one line: at most maxBytes, whole characters, no line break.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t maxBytes);

/// The text's code points, U+FFFD for each maximal invalid part.
[[nodiscard]] std::u32string toCodePoints(std::string_view text);

/// A code point as UTF-8.
[[nodiscard]] std::string toUtf8(char32_t codePoint);

/// Text arriving in pieces that may end inside a UTF-8 character: hands out whole characters only.
class Utf8Stream
{
public:
    /// The characters that these bytes complete; the rest waits for the next piece.
    [[nodiscard]] std::string push(std::string_view bytes);
    /// What still waits, at the end: an incomplete character.
    [[nodiscard]] std::string flush();

private:
    std::string m_pending;
};

} // namespace headkv
