// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/BytePairEncoder.h"

#include "core/base/Error.h"
#include "core/text/UnicodeText.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <charconv>
#include <iterator>

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

std::string byteTokenText(int byte)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    return std::string("<0x") + digits[byte >> 4] + digits[byte & 15] + '>';
}

template <typename Tokens>
std::array<TokenId, 256> findByteTokens(const Tokens &tokens)
{
    std::array<TokenId, 256> ids{};
    for (int byte = 0; byte < 256; ++byte) {
        const auto found = tokens.find(byteTokenText(byte));
        ids[byte] = found == tokens.end() ? -1 : found->second;
    }
    return ids;
}

bool haveTokens(std::string_view bytes, const std::array<TokenId, 256> &byteTokens)
{
    return std::ranges::all_of(bytes, [&](char byte) { return byteTokens[static_cast<unsigned char>(byte)] >= 0; });
}

/// Tokens that only stand in the text as they are, never what a model's merges or look-ups give.
std::vector<bool> outsideModel(const Vocabulary &vocabulary)
{
    std::vector<bool> outside(vocabulary.tokens.size());
    for (const AddedToken &token : vocabulary.added)
        outside[token.id] = outside[token.id] || !token.inModel;
    return outside;
}

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

std::optional<unsigned char> byteOfToken(std::string_view token)
{
    if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>'))
        return std::nullopt;
    unsigned char value = 0;
    const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, value, 16);
    return error == std::errc() && end == token.data() + 5 ? std::optional(value) : std::nullopt;
}

BytePairEncoder::BytePairEncoder(const Vocabulary &vocabulary)
    : m_byteLevel(vocabulary.byteLevel)
    , m_byteFallback(vocabulary.byteFallback && !vocabulary.byteLevel)
    , m_fuseUnknown(vocabulary.fuseUnknown)
    , m_ignoreMerges(vocabulary.ignoreMerges)
{
    Spellings spellings;
    const std::vector<bool> outside = outsideModel(vocabulary);
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const std::string &token = vocabulary.tokens[i];
        if (token.empty() || outside[i])
            continue;
        const auto id = static_cast<TokenId>(i);
        const auto [entry, isNew] = spellings.emplace(token, id);
        if (!isNew)
            fail("tokens " + std::to_string(entry->second) + " and " + std::to_string(i) + " are the same");
        if (auto bytes = m_byteLevel ? decodeByteSpelling(token) : token)
            m_tokens.emplace(std::move(*bytes), id);
    }
    if (m_byteLevel) {
        for (int byte = 0; byte < 256; ++byte) {
            const auto found = spellings.find(ByteAlphabet::instance().spelling[byte]);
            m_byteTokens[byte] = found == spellings.end() ? -1 : found->second;
        }
        if (std::ranges::all_of(m_byteTokens, [](TokenId id) { return id < 0; }))
            fail("no byte has a token, so this is not byte-level BPE");
    } else {
        m_byteTokens = findByteTokens(spellings);
    }
    if (vocabulary.unknownToken) {
        const auto found = spellings.find(*vocabulary.unknownToken);
        m_unknown = found == spellings.end() ? -1 : found->second;
    }
    readMerges(vocabulary, spellings);
}

void BytePairEncoder::readMerges(const Vocabulary &vocabulary, const Spellings &spellings)
{
    constexpr std::size_t maxRank = 1 << 24; // a float tells ranks apart up to there
    if (vocabulary.merges.size() > maxRank)
        fail("there are more than " + std::to_string(maxRank) + " merges");
    m_merges.reserve(vocabulary.merges.size());
    for (std::size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
        const auto [left, right] = vocabulary.merges[rank];
        const auto token = [&](std::string_view spelling) {
            const auto found = spellings.find(spelling);
            if (found == spellings.end())
                fail("merge " + std::to_string(rank) + " does not join two tokens into a third");
            return found->second;
        };
        // Of equal pairs the last counts, as in tokenizers.
        m_merges.insert_or_assign(pairKey(token(left), token(right)),
                                  Merge{static_cast<std::uint32_t>(rank), token(std::string(left).append(right))});
    }
}

TokenId BytePairEncoder::find(std::string_view bytes) const
{
    const auto found = m_tokens.find(bytes);
    return found == m_tokens.end() ? -1 : found->second;
}

std::vector<Symbol> BytePairEncoder::split(std::string_view piece) const
{
    std::vector<Symbol> symbols;
    symbols.reserve(m_byteLevel ? piece.size() : piece.size() / 2);
    std::size_t unknownLength = 0; // bytes of the unknown token that waits for its end; 0: none
    const auto flush = [&](std::size_t end) {
        if (unknownLength > 0)
            appendSymbol(symbols, m_unknown, end - unknownLength, unknownLength);
        unknownLength = 0;
    };
    for (std::size_t at = 0, length = 0; at < piece.size(); at += length) {
        length = m_byteLevel ? 1 : firstCharacter(piece.substr(at)).length;
        const std::string_view character = piece.substr(at, length);
        const TokenId id = m_byteLevel ? m_byteTokens[static_cast<unsigned char>(piece[at])] : find(character);
        if (id >= 0) {
            flush(at);
            appendSymbol(symbols, id, at, length);
        } else if (m_byteFallback && haveTokens(character, m_byteTokens)) {
            // tokenizers does not end a waiting unknown token here: it comes after these.
            for (std::size_t i = 0; i < length; ++i)
                appendSymbol(symbols, m_byteTokens[static_cast<unsigned char>(character[i])], at + i, 1);
        } else if (m_unknown >= 0) { // else the character is dropped
            if (!m_fuseUnknown)
                flush(at);
            unknownLength += length;
        }
    }
    flush(piece.size());
    return symbols;
}

void BytePairEncoder::encode(std::string_view piece, std::vector<TokenId> &ids) const
{
    if (const TokenId whole = m_ignoreMerges ? find(piece) : -1; whole >= 0) {
        ids.push_back(whole);
        return;
    }
    std::vector<Symbol> symbols = split(piece);
    mergePairs(symbols, [this](const Symbol &left, const Symbol &right) -> std::optional<PairMerge> {
        const auto found = m_merges.find(pairKey(left.id, right.id));
        if (found == m_merges.end())
            return std::nullopt;
        return PairMerge{-static_cast<float>(found->second.rank), found->second.merged};
    });
    for (const Symbol &symbol : symbols) {
        if (symbol.length > 0)
            ids.push_back(symbol.id);
    }
}

ScoreEncoder::ScoreEncoder(const Vocabulary &vocabulary)
    : m_scores(vocabulary.scores)
{
    if (m_scores.size() != vocabulary.tokens.size())
        fail(std::to_string(vocabulary.tokens.size()) + " tokens but " + std::to_string(m_scores.size()) + " scores");
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const std::string &token = vocabulary.tokens[i];
        if (token.empty())
            continue;
        const auto [entry, isNew] = m_tokens.emplace(token, static_cast<TokenId>(i));
        if (!isNew)
            fail("tokens " + std::to_string(entry->second) + " and " + std::to_string(i) + " are the same");
        m_longest = std::max(m_longest, token.size());
    }
    m_byteTokens = findByteTokens(m_tokens);
    m_unknown = vocabulary.unknown.value_or(-1);
}

TokenId ScoreEncoder::find(std::string_view text) const
{
    const auto found = text.size() > m_longest ? m_tokens.end() : m_tokens.find(text);
    return found == m_tokens.end() ? -1 : found->second;
}

void ScoreEncoder::encode(std::string_view piece, std::vector<TokenId> &ids) const
{
    std::vector<Symbol> symbols;
    symbols.reserve(piece.size());
    for (std::size_t at = 0, length = 0; at < piece.size(); at += length) {
        length = firstCharacter(piece.substr(at)).length;
        appendSymbol(symbols, find(piece.substr(at, length)), at, length);
    }
    mergePairs(symbols, [&](const Symbol &left, const Symbol &right) -> std::optional<PairMerge> {
        const TokenId id = find(piece.substr(left.begin, left.length + right.length));
        return id < 0 ? std::nullopt : std::optional(PairMerge{m_scores[id], id});
    });
    for (const Symbol &symbol : symbols) {
        const std::string_view text = piece.substr(symbol.begin, symbol.length);
        if (symbol.id >= 0 && symbol.length > 0)
            ids.push_back(symbol.id);
        else if (haveTokens(text, m_byteTokens))
            std::ranges::transform(text, std::back_inserter(ids),
                                   [this](char byte) { return m_byteTokens[static_cast<unsigned char>(byte)]; });
        else if (m_unknown >= 0)
            ids.push_back(m_unknown);
    }
}

} // namespace headkv
