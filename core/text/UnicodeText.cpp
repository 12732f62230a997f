// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/UnicodeText.h"

#include "core/base/Error.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utf8proc.h>
#include <vector>

namespace headkv {

namespace {

struct Range
{
    char32_t first, last;
};

template <std::size_t Size>
bool contains(const std::array<Range, Size> &ranges, char32_t c)
{
    const auto after = std::ranges::upper_bound(ranges, c, {}, &Range::first);
    return after != ranges.begin() && c <= std::prev(after)->last;
}

/// The normalizer of tokenizers is of Unicode 9. Characters that came since and would decompose or change places, up to
/// Unicode 15, are here: it leaves them alone.
constexpr std::array<Range, 47> newerCharacters{
    {{0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},     {0xC3C, 0xC3C},
     {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},   {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},
     {0x32FF, 0x32FF},   {0xA7F2, 0xA7F4},   {0xA82C, 0xA82C},   {0xAB69, 0xAB69},   {0x10781, 0x10785},
     {0x10787, 0x107B0}, {0x107B2, 0x107BA}, {0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF},
     {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E},
     {0x11839, 0x1183A}, {0x11935, 0x11935}, {0x11938, 0x11938}, {0x1193D, 0x1193E}, {0x11943, 0x11943},
     {0x119E0, 0x119E0}, {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42},
     {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1}, {0x1E030, 0x1E06D},
     {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF},
     {0x1F16C, 0x1F16C}, {0x1FBF0, 0x1FBF9}}};

bool isLeftAlone(char32_t c) { return c >= 0x7FD && contains(newerCharacters, c); }

utf8proc_int32_t combiningClass(utf8proc_int32_t c)
{
    return isLeftAlone(static_cast<char32_t>(c)) ? 0 : utf8proc_get_property(c)->combining_class;
}

/// The full decomposition, marks in canonical order.
std::vector<utf8proc_int32_t> decompose(const std::u32string &text, utf8proc_option_t options)
{
    std::vector<utf8proc_int32_t> result;
    result.reserve(text.size() + text.size() / 4);
    std::array<utf8proc_int32_t, 32> buffer{};
    for (const char32_t c : text) {
        int boundary = 0;
        const auto count = isLeftAlone(c) ? 0
                                          : utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), buffer.data(),
                                                                    buffer.size(), options, &boundary);
        if (count <= 0 || count > static_cast<utf8proc_ssize_t>(buffer.size()))
            result.push_back(static_cast<utf8proc_int32_t>(c));
        else
            result.insert(result.end(), buffer.begin(), buffer.begin() + count);
    }
    // utf8proc's own ordering takes quadratic time on a long run of marks.
    for (auto at = result.begin(); at != result.end();) {
        at = std::find_if(at, result.end(), [](auto c) { return combiningClass(c) != 0; });
        const auto end = std::find_if(at, result.end(), [](auto c) { return combiningClass(c) == 0; });
        std::stable_sort(at, end, [](auto a, auto b) { return combiningClass(a) < combiningClass(b); });
        at = end;
    }
    return result;
}

/// Composes in place what lies between the characters that are left alone.
void compose(std::vector<utf8proc_int32_t> &characters)
{
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    auto out = characters.begin();
    for (auto at = characters.begin(); at != characters.end();) {
        const auto end =
            std::find_if(at, characters.end(), [](auto c) { return isLeftAlone(static_cast<char32_t>(c)); });
        const auto size = at == end ? 0 : utf8proc_normalize_utf32(&*at, end - at, options);
        out = std::copy(at, at + std::max<utf8proc_ssize_t>(size, 0), out);
        at = end;
        if (at != characters.end())
            *out++ = *at++;
    }
    characters.erase(out, characters.end());
}

bool isAscii(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

} // namespace

std::string normalizeUnicode(std::string_view text, UnicodeForm form)
{
    if (isAscii(text))
        return std::string(text);
    const bool composes = form == UnicodeForm::C || form == UnicodeForm::KC;
    const bool compatible = form == UnicodeForm::KC || form == UnicodeForm::KD;
    const auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0));
    std::vector<utf8proc_int32_t> characters = decompose(toCodePoints(text), options);
    if (composes)
        compose(characters);
    std::string result;
    result.reserve(text.size());
    for (const utf8proc_int32_t c : characters)
        result += toUtf8(static_cast<char32_t>(c));
    return result;
}

bool isWhiteSpace(char32_t c) noexcept
{
    return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

FirstCharacter firstCharacter(std::string_view text) noexcept
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t codePoint = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length && i < text.size(); ++i)
        codePoint = codePoint << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    return {codePoint, std::min(length, text.size())};
}

FirstCharacter lastCharacter(std::string_view text) noexcept
{
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80)
        --begin;
    return {firstCharacter(text.substr(begin)).codePoint, text.size() - begin};
}

std::string_view stripWhiteSpace(std::string_view text, bool left, bool right) noexcept
{
    while (left && !text.empty() && isWhiteSpace(firstCharacter(text).codePoint))
        text.remove_prefix(firstCharacter(text).length);
    while (right && !text.empty() && isWhiteSpace(lastCharacter(text).codePoint))
        text.remove_suffix(lastCharacter(text).length);
    return text;
}

std::string replaceAll(std::string_view text, std::string_view pattern, std::string_view content)
{
    std::string result;
    std::size_t at = 0;
    for (std::size_t found = 0; !pattern.empty() && (found = text.find(pattern, at)) != std::string_view::npos;) {
        result.append(text.substr(at, found - at)).append(content);
        at = found + pattern.size();
    }
    return result.append(text.substr(at));
}

} // namespace headkv
