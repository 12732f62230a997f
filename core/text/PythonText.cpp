// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/PythonText.h"

#include "core/text/UnicodeText.h"

#include <algorithm>
#include <utf8proc.h>

namespace headkv::python {

namespace {

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

bool isLetter(char32_t c)
{
    switch (category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return true;
    default:
        return false;
    }
}

bool isCased(char32_t c)
{
    const utf8proc_category_t kind = category(c);
    return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL || kind == UTF8PROC_CATEGORY_LT;
}

/// Marks, modifiers and the punctuation of words (Unicode's Case_Ignorable).
bool isCaseIgnorable(char32_t c)
{
    constexpr std::u32string_view insideWords = U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52"
                                                U"\uFE55\uFF07\uFF0E\uFF1A";
    switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return true;
    default:
        return insideWords.find(c) != std::u32string_view::npos;
    }
}

/// Whether the character at `at` ends a word: a letter stands before it, none behind it.
bool endsWord(std::u32string_view text, std::size_t at)
{
    const auto before =
        std::find_if_not(text.rbegin() + static_cast<std::ptrdiff_t>(text.size() - at), text.rend(), isCaseIgnorable);
    const auto behind =
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at) + 1, text.end(), isCaseIgnorable);
    return before != text.rend() && isCased(*before) && (behind == text.end() || !isCased(*behind));
}

} // namespace

std::u32string lower(std::u32string_view text)
{
    std::u32string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char32_t c = text[i];
        if (c == U'\u03A3') // capital sigma
            result += endsWord(text, i) ? U'\u03C2' : U'\u03C3';
        else if (c == U'\u0130') // a capital i with a dot keeps the dot
            result += U"i\u0307";
        else
            result += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    }
    return result;
}

bool isSpace(char32_t c) noexcept { return isWhiteSpace(c) || (c >= 0x1C && c <= 0x1F); }

bool isDigit(char32_t c) noexcept { return category(c) == UTF8PROC_CATEGORY_ND; }

bool isWord(char32_t c) noexcept
{
    const utf8proc_category_t kind = category(c);
    return c == U'_' || isLetter(c) || kind == UTF8PROC_CATEGORY_ND || kind == UTF8PROC_CATEGORY_NL ||
           kind == UTF8PROC_CATEGORY_NO;
}

std::vector<std::u32string> split(std::u32string_view text)
{
    std::vector<std::u32string> words;
    for (auto at = text.begin();;) {
        at = std::find_if_not(at, text.end(), isSpace);
        if (at == text.end())
            return words;
        const auto end = std::find_if(at, text.end(), isSpace);
        words.emplace_back(at, end);
        at = end;
    }
}

} // namespace headkv::python
