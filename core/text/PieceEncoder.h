// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
#include <vector>

namespace headkv {

/// Turns one piece of a text into tokens. Immutable; safe to share between threads.
class PieceEncoder
{
public:
    PieceEncoder() = default;
    virtual ~PieceEncoder() = default;
    PieceEncoder(const PieceEncoder &) = delete;
    PieceEncoder &operator=(const PieceEncoder &) = delete;

    /// Appends the tokens of a piece of valid UTF-8. O(n log n).
    virtual void encode(std::string_view piece, std::vector<TokenId> &ids) const = 0;
};

/// Finds strings by views of them.
struct TextHash
{
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

/// A token of a piece in the making: a stretch of the piece (length 0: it is part of the one before), linked to its
/// neighbours; −1: none.
struct Symbol
{
    TokenId id;
    int previous, next;
    std::uint32_t begin, length;
};

/// What a pair of neighbours may become; the highest priority is merged first, of equal ones the leftmost.
struct PairMerge
{
    float priority;
    TokenId merged;
};

/// Merges neighbours until `find(left, right)` (an optional PairMerge) has nothing more for any pair. O(n log n).
template <typename Find>
void mergePairs(std::vector<Symbol> &symbols, const Find &find)
{
    struct Candidate
    {
        PairMerge merge;
        int left;
        std::uint32_t length; ///< of both together: out of date where it is another now

        bool operator<(const Candidate &other) const
        {
            return merge.priority != other.merge.priority ? merge.priority < other.merge.priority : left > other.left;
        }
    };
    std::vector<Candidate> first;
    const auto candidate = [&](int left) -> std::optional<Candidate> {
        const int right = left < 0 ? -1 : symbols[left].next;
        const auto merge = right < 0 ? std::nullopt : find(symbols[left], symbols[right]);
        if (!merge)
            return std::nullopt;
        return Candidate{*merge, left, symbols[left].length + symbols[right].length};
    };
    for (int i = 0; i + 1 < static_cast<int>(symbols.size()); ++i) {
        if (const auto found = candidate(i))
            first.push_back(*found);
    }
    std::priority_queue<Candidate> queue(std::less<Candidate>(), std::move(first));
    while (!queue.empty()) {
        const Candidate best = queue.top();
        queue.pop();
        Symbol &left = symbols[best.left];
        if (left.length == 0 || left.next < 0 || left.length + symbols[left.next].length != best.length)
            continue;
        Symbol &right = symbols[left.next];
        left.id = best.merge.merged;
        left.length = best.length;
        left.next = right.next;
        right.length = 0;
        if (left.next >= 0)
            symbols[left.next].previous = best.left;
        for (const int at : {left.previous, best.left}) {
            if (const auto found = candidate(at))
                queue.push(*found);
        }
    }
}

/// Links what was appended last to the symbol before it.
inline void appendSymbol(std::vector<Symbol> &symbols, TokenId id, std::size_t begin, std::size_t length)
{
    const int at = static_cast<int>(symbols.size());
    if (at > 0)
        symbols.back().next = at;
    symbols.push_back({id, at - 1, -1, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length)});
}

} // namespace headkv
