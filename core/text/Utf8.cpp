// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Utf8.h"

#include "core/base/Error.h"

#include <algorithm>
#include <utility>

namespace headkv {

namespace {

/// What a leading byte allows: the length of the character, and the range of its second byte (tighter than 80…BF where
/// a longer form, a surrogate or a value above U+10FFFF would begin). Length 0: not a leading byte.
struct Lead
{
    int length;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
};

Lead classify(unsigned char byte)
{
    if (byte < 0x80)
        return {1};
    if (byte >= 0xC2 && byte <= 0xDF)
        return {2};
    if (byte == 0xE0)
        return {3, 0xA0};
    if (byte == 0xED)
        return {3, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF)
        return {3};
    if (byte == 0xF0)
        return {4, 0x90};
    if (byte >= 0xF1 && byte <= 0xF3)
        return {4};
    if (byte == 0xF4)
        return {4, 0x80, 0x8F};
    return {0};
}

/// Bytes of the character, or of the invalid part, that begins here; `valid` says which.
std::size_t measure(std::string_view text, bool &valid)
{
    const Lead lead = classify(static_cast<unsigned char>(text[0]));
    std::size_t length = 1;
    while (static_cast<int>(length) < lead.length && length < text.size()) {
        const auto byte = static_cast<unsigned char>(text[length]);
        if (byte < (length == 1 ? lead.low : 0x80) || byte > (length == 1 ? lead.high : 0xBF))
            break;
        ++length;
    }
    valid = lead.length > 0 && static_cast<int>(length) == lead.length;
    return length;
}

/// Bytes at the end that begin a character without finishing it: 0 to 3.
std::size_t unfinishedBytes(std::string_view text)
{
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const int length = classify(static_cast<unsigned char>(text[text.size() - back])).length;
        if (length > 0)
            return static_cast<std::size_t>(length) > back ? back : 0;
    }
    return 0;
}

} // namespace

std::string sanitizeUtf8(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        bool valid = false;
        const std::size_t length = measure(text, valid);
        result += valid ? text.substr(0, length) : std::string_view("\uFFFD");
        text.remove_prefix(length);
    }
    return result;
}

std::string excerpt(std::string_view text, std::size_t maxBytes)
{
    std::size_t end = std::min(text.size(), maxBytes);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end; // not inside a character
    return oneLine(sanitizeUtf8(text.substr(0, end)));
}

std::u32string toCodePoints(std::string_view text)
{
    std::u32string result;
    result.reserve(text.size());
    while (!text.empty()) {
        bool valid = false;
        const std::size_t length = measure(text, valid);
        char32_t codePoint =
            valid ? static_cast<unsigned char>(text[0]) & (length == 1 ? 0x7FU : 0x7FU >> length) : 0xFFFD;
        for (std::size_t i = 1; valid && i < length; ++i)
            codePoint = codePoint << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
        result += codePoint;
        text.remove_prefix(length);
    }
    return result;
}

std::string toUtf8(char32_t codePoint)
{
    const auto tail = [codePoint](int shift) { return static_cast<char>(0x80 | ((codePoint >> shift) & 0x3F)); };
    if (codePoint < 0x80)
        return {static_cast<char>(codePoint)};
    if (codePoint < 0x800)
        return {static_cast<char>(0xC0 | codePoint >> 6), tail(0)};
    if (codePoint < 0x10000)
        return {static_cast<char>(0xE0 | codePoint >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | codePoint >> 18), tail(12), tail(6), tail(0)};
}

std::string Utf8Stream::push(std::string_view bytes)
{
    m_pending += bytes;
    const std::size_t whole = m_pending.size() - unfinishedBytes(m_pending);
    std::string text = m_pending.substr(0, whole);
    m_pending.erase(0, whole);
    return text;
}

std::string Utf8Stream::flush() { return std::exchange(m_pending, {}); }

} // namespace headkv
