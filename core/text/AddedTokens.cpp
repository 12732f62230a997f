// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/AddedTokens.h"

namespace headkv {

namespace {

std::uint64_t edgeKey(std::uint32_t node, char byte)
{
    return std::uint64_t{node} << 8 | static_cast<std::uint8_t>(byte);
}

} // namespace

void AddedTokens::add(std::string_view text, TokenId id)
{
    if (text.empty())
        return;
    m_begins[static_cast<std::uint8_t>(text.front())] = true;
    std::uint32_t node = 0;
    for (const char byte : text) {
        const auto [edge, isNew] =
            m_edges.try_emplace(edgeKey(node, byte), static_cast<std::uint32_t>(m_tokenAt.size()));
        if (isNew)
            m_tokenAt.push_back(-1);
        node = edge->second;
    }
    m_tokenAt[node] = id;
}

AddedTokens::Found AddedTokens::longestAt(std::string_view text) const
{
    Found found;
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto edge = m_edges.find(edgeKey(node, text[i]));
        if (edge == m_edges.end())
            break;
        node = edge->second;
        if (m_tokenAt[node] >= 0)
            found = {m_tokenAt[node], i + 1};
    }
    return found;
}

void AddedTokens::scan(std::string_view text, const std::function<void(std::string_view)> &plain,
                       const std::function<void(TokenId)> &token) const
{
    std::size_t plainBegin = 0;
    std::size_t i = 0;
    while (i < text.size()) {
        const Found found = m_begins[static_cast<std::uint8_t>(text[i])] ? longestAt(text.substr(i)) : Found{};
        if (found.length == 0) {
            ++i;
            continue;
        }
        if (i > plainBegin)
            plain(text.substr(plainBegin, i - plainBegin));
        token(found.id);
        i += found.length;
        plainBegin = i;
    }
    if (plainBegin < text.size())
        plain(text.substr(plainBegin));
}

} // namespace headkv
