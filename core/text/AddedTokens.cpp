// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/AddedTokens.h"

#include "core/text/Regex.h"
#include "core/text/UnicodeText.h"

#include <algorithm>

namespace headkv {

namespace {

std::uint64_t edgeKey(std::uint32_t node, char byte)
{
    return std::uint64_t{node} << 8 | static_cast<std::uint8_t>(byte);
}

/// Whether no word character is beside a stretch of the text.
bool isWord(std::string_view text, std::size_t begin, std::size_t end)
{
    static const Regex word("[" + std::string(rustWordCharacters) + "]");
    const auto isWordCharacter = [](std::string_view character) { return !word.findAll(character).empty(); };
    const std::string_view before = text.substr(0, begin), after = text.substr(end);
    return (before.empty() || !isWordCharacter(before.substr(begin - lastCharacter(before).length))) &&
           (after.empty() || !isWordCharacter(after.substr(0, firstCharacter(after).length)));
}

} // namespace

void AddedTokens::add(std::string_view text, const AddedToken &token)
{
    if (text.empty())
        return;
    m_begins[static_cast<std::uint8_t>(text.front())] = true;
    std::uint32_t node = 0;
    for (const char byte : text) {
        const auto [edge, isNew] =
            m_edges.try_emplace(edgeKey(node, byte), static_cast<std::uint32_t>(m_tokenAt.size()));
        if (isNew)
            m_tokenAt.push_back(nullptr);
        node = edge->second;
    }
    if (!m_tokenAt[node])
        m_tokenAt[node] = &token;
}

AddedTokens::Match AddedTokens::longestAt(std::string_view text, std::size_t begin) const
{
    Match found;
    std::uint32_t node = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        const auto edge = m_edges.find(edgeKey(node, text[i]));
        if (edge == m_edges.end())
            break;
        node = edge->second;
        if (m_tokenAt[node])
            found = {m_tokenAt[node], begin, i + 1};
    }
    return found;
}

AddedTokens::Match AddedTokens::widen(std::string_view text, Match match, std::size_t from, bool special)
{
    const AddedToken &token = *match.token;
    if ((token.special && !special) || (token.singleWord && !isWord(text, match.begin, match.end)))
        return {};
    if (token.leftStrip && match.begin >= from)
        match.begin = from + stripWhiteSpace(text.substr(from, match.begin - from), false, true).size();
    if (token.rightStrip)
        match.end = text.size() - stripWhiteSpace(text.substr(match.end), true, false).size();
    return match;
}

void AddedTokens::scan(std::string_view text, bool special, const std::function<void(std::string_view, bool)> &plain,
                       const std::function<void(TokenId)> &found) const
{
    std::size_t plainBegin = 0;
    std::size_t i = 0;
    while (i < text.size()) {
        const Match match = m_begins[static_cast<std::uint8_t>(text[i])] ? longestAt(text, i) : Match{};
        if (!match.token) {
            ++i;
            continue;
        }
        // What a token's flags turn down is passed over as a whole, as tokenizers does.
        i = match.end;
        const Match taken = widen(text, match, plainBegin, special);
        if (!taken.token)
            continue;
        if (taken.begin > plainBegin)
            plain(text.substr(plainBegin, taken.begin - plainBegin), plainBegin == 0);
        found(taken.token->id);
        plainBegin = taken.end;
    }
    if (plainBegin < text.size())
        plain(text.substr(plainBegin), plainBegin == 0);
}

} // namespace headkv
