// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headkv {

/// Finds tokens that are read out of the text as they stand, before it is split: the leftmost, and of those that begin
/// at the same place the longest.
class AddedTokens
{
public:
    /// An empty text is never found; of two equal ones the later counts.
    void add(std::string_view text, TokenId id);

    /// Walks the text from left to right: `plain` gets each stretch between found tokens (never an empty one), `token`
    /// the id of each found token.
    void scan(std::string_view text, const std::function<void(std::string_view)> &plain,
              const std::function<void(TokenId)> &token) const;

private:
    struct Found
    {
        TokenId id = -1;
        std::size_t length = 0; ///< 0: nothing
    };
    [[nodiscard]] Found longestAt(std::string_view text) const;

    // A tree of prefixes: edges by node and byte, the token that ends at each node (-1: none). Node 0 is the root.
    std::unordered_map<std::uint64_t, std::uint32_t> m_edges;
    std::vector<TokenId> m_tokenAt = {-1};
    std::array<bool, 256> m_begins{}; ///< the bytes that some token begins with
};

} // namespace headkv
