// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/BytePairEncoder.h"

#include "core/base/Error.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <queue>

namespace headkv {

namespace {

[[noreturn]] void fail(const std::string &reason)
{
    throw Error(ErrorKind::Input, "the tokenizer's data are damaged: " + reason);
}

/// GPT-2 spells each byte as one printable character: itself where it is printable, else the next free one from U+0100
/// on.
struct ByteAlphabet
{
    std::array<std::string, 256> spelling;
    std::unordered_map<std::string, unsigned char> byte;

    ByteAlphabet()
    {
        char32_t next = 0x100;
        for (int value = 0; value < 256; ++value) {
            const bool printable = (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
            spelling[value] = toUtf8(printable ? static_cast<char32_t>(value) : next++);
            byte.emplace(spelling[value], static_cast<unsigned char>(value));
        }
    }

    static const ByteAlphabet &instance()
    {
        static const ByteAlphabet alphabet;
        return alphabet;
    }
};

std::uint64_t pairKey(TokenId left, TokenId right)
{
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

/// A token of a piece in the making, linked to its neighbours; −1: none.
struct Symbol
{
    TokenId id;
    int previous, next;
};

/// A pair that may be merged. Out of date when one of its symbols has changed since.
struct Candidate
{
    std::uint32_t rank;
    int left;
    TokenId leftId, rightId, merged;

    bool operator<(const Candidate &other) const
    {
        return rank != other.rank ? rank > other.rank : left > other.left;
    } // a max-heap's order
};

} // namespace

std::optional<std::string> decodeByteSpelling(std::string_view spelling)
{
    const ByteAlphabet &alphabet = ByteAlphabet::instance();
    std::string bytes;
    for (std::size_t at = 0; at < spelling.size();) {
        const std::size_t length =
            static_cast<unsigned char>(spelling[at]) < 0x80 ? 1 : 2; // the alphabet ends below U+0800
        const auto found = alphabet.byte.find(std::string(spelling.substr(at, length)));
        if (found == alphabet.byte.end())
            return std::nullopt;
        bytes += static_cast<char>(found->second);
        at += length;
    }
    return bytes;
}

BytePairEncoder::BytePairEncoder(const Vocabulary &vocabulary)
{
    std::unordered_map<std::string_view, TokenId> spellings;
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const auto id = static_cast<TokenId>(i);
        const auto [entry, isNew] = spellings.emplace(vocabulary.tokens[i], id);
        if (!isNew)
            fail("tokens " + std::to_string(entry->second) + " and " + std::to_string(i) + " are the same");
        const bool special = !vocabulary.types.empty() && vocabulary.types[i] != TokenType::Normal &&
                             vocabulary.types[i] != TokenType::Byte;
        if (auto bytes = special ? std::nullopt : decodeByteSpelling(vocabulary.tokens[i]))
            m_tokens.emplace(std::move(*bytes), id);
    }
    for (int byte = 0; byte < 256; ++byte) {
        const auto found = spellings.find(ByteAlphabet::instance().spelling[byte]);
        m_byteTokens[byte] = found == spellings.end() ? -1 : found->second;
    }
    if (std::ranges::all_of(m_byteTokens, [](TokenId id) { return id < 0; }))
        fail("no byte has a token, so this is not byte-level BPE");
    for (std::size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
        const std::string_view merge = vocabulary.merges[rank];
        const std::size_t space = merge.find(' ');
        const auto token = [&](std::string_view spelling) {
            const auto found = spellings.find(spelling);
            if (space == std::string_view::npos || found == spellings.end())
                fail("merge " + std::to_string(rank) + " does not join two tokens into a third");
            return found->second;
        };
        const std::string_view left = merge.substr(0, space);
        const std::string_view right = space == std::string_view::npos ? "" : merge.substr(space + 1);
        // Of equal pairs the last counts, as in tokenizers.
        m_merges.insert_or_assign(
            pairKey(token(left), token(right)),
            Merge{static_cast<std::uint32_t>(rank), token(std::string(left) + std::string(right))});
    }
}

const BytePairEncoder::Merge *BytePairEncoder::findMerge(TokenId left, TokenId right) const
{
    const auto found = m_merges.find(pairKey(left, right));
    return found == m_merges.end() ? nullptr : &found->second;
}

std::optional<TokenId> BytePairEncoder::find(std::string_view piece) const
{
    const auto found = m_tokens.find(std::string(piece));
    return found == m_tokens.end() ? std::nullopt : std::optional(found->second);
}

void BytePairEncoder::encode(std::string_view piece, std::vector<TokenId> &ids) const
{
    std::vector<Symbol> symbols;
    symbols.reserve(piece.size());
    for (const char byte : piece) {
        const TokenId id = m_byteTokens[static_cast<unsigned char>(byte)];
        const int i = static_cast<int>(symbols.size());
        if (id >= 0) // some vocabularies leave out bytes that their training text never had: those are dropped, as
                     // tokenizers does
            symbols.push_back({id, i - 1, i + 1});
    }
    const int count = static_cast<int>(symbols.size());
    if (count == 0)
        return;
    symbols.back().next = -1;
    std::priority_queue<Candidate> queue;
    const auto consider = [&](int left) {
        const int right = left < 0 ? -1 : symbols[left].next;
        if (right < 0)
            return;
        if (const Merge *merge = findMerge(symbols[left].id, symbols[right].id))
            queue.push({merge->rank, left, symbols[left].id, symbols[right].id, merge->merged});
    };
    for (int i = 0; i + 1 < count; ++i)
        consider(i);
    while (!queue.empty()) {
        const Candidate best = queue.top();
        queue.pop();
        Symbol &left = symbols[best.left];
        if (left.id != best.leftId || left.next < 0 || symbols[left.next].id != best.rightId)
            continue; // one of the two was merged with another neighbour
        Symbol &right = symbols[left.next];
        left.id = best.merged;
        left.next = right.next;
        right.id = -1;
        if (left.next >= 0)
            symbols[left.next].previous = best.left;
        consider(left.previous);
        consider(best.left);
    }
    for (int i = 0; i >= 0; i = symbols[i].next)
        ids.push_back(symbols[i].id);
}

} // namespace headkv
