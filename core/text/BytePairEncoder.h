// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headkv {

/// Byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): a piece's bytes become tokens, then the
/// pair of lowest rank is merged, the leftmost first, until no pair is left.
class BytePairEncoder
{
public:
    /// Errors: Input, for a merge that names no token. Bytes without a token are dropped from the text, as tokenizers
    /// does.
    explicit BytePairEncoder(const Vocabulary &vocabulary);

    /// Appends the piece's tokens. O(n log n).
    void encode(std::string_view piece, std::vector<TokenId> &ids) const;
    /// The token whose bytes are the whole piece.
    [[nodiscard]] std::optional<TokenId> find(std::string_view piece) const;

private:
    struct Merge
    {
        std::uint32_t rank;
        TokenId merged;
    };
    [[nodiscard]] const Merge *findMerge(TokenId left, TokenId right) const;

    std::array<TokenId, 256> m_byteTokens{};           ///< −1: none
    std::unordered_map<std::string, TokenId> m_tokens; ///< by bytes
    std::unordered_map<std::uint64_t, Merge> m_merges; ///< by the pair of ids
};

/// The bytes behind a token's spelling in GPT-2's printable alphabet; nothing where the spelling leaves the alphabet.
[[nodiscard]] std::optional<std::string> decodeByteSpelling(std::string_view spelling);

} // namespace headkv
