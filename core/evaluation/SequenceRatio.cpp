// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/SequenceRatio.h"

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headkv {

namespace {

constexpr std::size_t longText = 200; ///< characters of b from which frequent ones are left out

struct Range
{
    std::size_t begin, end;
};

struct Block
{
    std::size_t a = 0, b = 0, size = 0;
};

class Matcher
{
public:
    Matcher(std::u32string_view a, std::u32string_view b)
        : m_a(a)
        , m_b(b)
        , m_runs(b.size() + 1)
        , m_nextRuns(b.size() + 1)
    {
        for (std::size_t j = 0; j < b.size(); ++j)
            m_places[b[j]].push_back(j);
        if (b.size() >= longText)
            std::erase_if(m_places,
                          [most = b.size() / 100 + 1](const auto &entry) { return entry.second.size() > most; });
    }

    /// Characters in matching blocks.
    std::size_t matches()
    {
        std::size_t total = 0;
        std::vector<std::pair<Range, Range>> open{{{0, m_a.size()}, {0, m_b.size()}}};
        while (!open.empty()) {
            const auto [a, b] = open.back();
            open.pop_back();
            const Block block = longest(a, b);
            if (block.size == 0)
                continue;
            total += block.size;
            open.push_back({{a.begin, block.a}, {b.begin, block.b}});
            open.push_back({{block.a + block.size, a.end}, {block.b + block.size, b.end}});
        }
        return total;
    }

private:
    /// The longest common block, of several the first in a, of those the first in b; grown at both ends by the
    /// characters that begin none.
    Block longest(Range a, Range b)
    {
        Block best{a.begin, b.begin, 0};
        for (std::size_t i = a.begin; i < a.end; ++i) {
            for (const std::size_t j : placesOf(m_a[i])) {
                if (j < b.begin)
                    continue;
                if (j >= b.end)
                    break;
                const std::size_t size = m_nextRuns[j + 1] = m_runs[j] + 1;
                m_nextEnds.push_back(j + 1);
                if (size > best.size)
                    best = {i + 1 - size, j + 1 - size, size};
            }
            nextRow();
        }
        nextRow(); // leaves both rows empty
        while (best.a > a.begin && best.b > b.begin && m_a[best.a - 1] == m_b[best.b - 1])
            best = {best.a - 1, best.b - 1, best.size + 1};
        while (best.a + best.size < a.end && best.b + best.size < b.end &&
               m_a[best.a + best.size] == m_b[best.b + best.size])
            ++best.size;
        return best;
    }

    [[nodiscard]] const std::vector<std::size_t> &placesOf(char32_t c) const
    {
        static const std::vector<std::size_t> none;
        const auto found = m_places.find(c);
        return found == m_places.end() ? none : found->second;
    }

    void nextRow()
    {
        for (const std::size_t end : m_ends)
            m_runs[end] = 0;
        std::swap(m_runs, m_nextRuns);
        std::swap(m_ends, m_nextEnds);
        m_nextEnds.clear();
    }

    std::u32string_view m_a, m_b;
    std::unordered_map<char32_t, std::vector<std::size_t>> m_places; ///< in b, ascending
    std::vector<std::size_t> m_runs, m_nextRuns; ///< [j + 1]: the common run that ends at this row of a and at j of b
    std::vector<std::size_t> m_ends, m_nextEnds; ///< where they are not 0
};

} // namespace

double sequenceRatio(std::u32string_view a, std::u32string_view b)
{
    const std::size_t size = a.size() + b.size();
    return size == 0 ? 1 : 2.0 * static_cast<double>(Matcher(a, b).matches()) / static_cast<double>(size);
}

} // namespace headkv
