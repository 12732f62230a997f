// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/PieceEncoder.h"

#include <array>
#include <string>
#include <unordered_map>

namespace headkv {

/// Byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): a piece's bytes or characters become tokens, then
/// the pair of lowest rank is merged, the leftmost first, until no pair is left. As tokenizers does it.
class BytePairEncoder : public PieceEncoder
{
public:
    /// Errors: Input, for equal tokens and for a merge that names no token.
    explicit BytePairEncoder(const Vocabulary &vocabulary);

    void encode(std::string_view piece, std::vector<TokenId> &ids) const override;

private:
    struct Merge
    {
        std::uint32_t rank;
        TokenId merged;
    };
    using Spellings = std::unordered_map<std::string_view, TokenId>;
    void readMerges(const Vocabulary &vocabulary, const Spellings &spellings);
    [[nodiscard]] TokenId find(std::string_view bytes) const; ///< −1: none
    [[nodiscard]] std::vector<Symbol> split(std::string_view piece) const;

    bool m_byteLevel, m_byteFallback, m_fuseUnknown, m_ignoreMerges;
    std::array<TokenId, 256> m_byteTokens{};                                      ///< −1: none
    std::unordered_map<std::string, TokenId, TextHash, std::equal_to<>> m_tokens; ///< by bytes
    std::unordered_map<std::uint64_t, Merge> m_merges;                            ///< by the pair of ids
    TokenId m_unknown = -1;
};

/// SentencePiece's byte-pair encoding (Kudo & Richardson 2018) as GGUF files carry it: the neighbours whose joint text
/// is the token of the highest score are merged first. As llama.cpp does it.
class ScoreEncoder : public PieceEncoder
{
public:
    explicit ScoreEncoder(const Vocabulary &vocabulary);

    void encode(std::string_view piece, std::vector<TokenId> &ids) const override;

private:
    [[nodiscard]] TokenId find(std::string_view text) const; ///< −1: none

    std::unordered_map<std::string, TokenId, TextHash, std::equal_to<>> m_tokens;
    std::vector<float> m_scores;
    std::array<TokenId, 256> m_byteTokens{};
    std::size_t m_longest = 0; ///< bytes of the longest token
    TokenId m_unknown = -1;
};

/// The bytes behind a token's spelling in GPT-2's printable alphabet; nothing where the spelling leaves the alphabet.
[[nodiscard]] std::optional<std::string> decodeByteSpelling(std::string_view spelling);

/// The byte that a token <0x00> … <0xFF> stands for; nothing for other tokens.
[[nodiscard]] std::optional<unsigned char> byteOfToken(std::string_view token);

} // namespace headkv
