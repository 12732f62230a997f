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
    /// Seeks `text` for the token, which must outlive this. An empty text is never found; of two equal ones the first
    /// counts.
    void add(std::string_view text, const AddedToken &token);

    /// Walks valid UTF-8 text from left to right: `plain` gets each stretch between found tokens (never an empty one)
    /// and whether it begins the text, `found` the id of each token. With `special` off, special tokens are left in the
    /// text.
    void scan(std::string_view text, bool special, const std::function<void(std::string_view, bool)> &plain,
              const std::function<void(TokenId)> &found) const;

private:
    struct Match
    {
        const AddedToken *token = nullptr;
        std::size_t begin = 0, end = 0;
    };
    [[nodiscard]] Match longestAt(std::string_view text, std::size_t begin) const;
    /// The match with the white space it takes, from `from` on; nothing where its flags forbid it.
    [[nodiscard]] static Match widen(std::string_view text, Match match, std::size_t from, bool special);

    // A tree of prefixes: edges by node and byte, the token that ends at each node. Node 0 is the root.
    std::unordered_map<std::uint64_t, std::uint32_t> m_edges;
    std::vector<const AddedToken *> m_tokenAt = {nullptr};
    std::array<bool, 256> m_begins{}; ///< the bytes that some token begins with
};

} // namespace headkv
