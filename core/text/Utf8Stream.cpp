// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Utf8Stream.h"

#include <utility>

namespace headkv {

namespace {

/// Bytes at the end that begin a character without finishing it: 0 to 3.
std::size_t unfinishedBytes(std::string_view text)
{
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80)
            continue; // a continuation byte: its leader is further left
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

} // namespace

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
