// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/WordDiff.h"

#include <QHash>
#include <algorithm>
#include <span>

namespace headkv {

namespace {

using Words = std::span<const int>; // each word by the number of its first occurrence

std::vector<TextRange> wordsOf(const QString &text)
{
    std::vector<TextRange> words;
    const int length = static_cast<int>(text.size());
    for (int i = 0; i < length;) {
        while (i < length && text[i].isSpace())
            ++i;
        const int begin = i;
        while (i < length && !text[i].isSpace())
            ++i;
        if (i > begin)
            words.push_back({begin, i});
    }
    return words;
}

QStringView wordOf(const QString &text, const TextRange &word)
{
    return QStringView(text).mid(word.begin, word.end - word.begin);
}

std::vector<int> numbered(const QString &text, std::span<const TextRange> words, QHash<QStringView, int> &numbers)
{
    std::vector<int> result;
    result.reserve(words.size());
    for (const TextRange &word : words) {
        const QStringView view = wordOf(text, word);
        const auto known = numbers.constFind(view);
        result.push_back(known != numbers.constEnd() ? *known : static_cast<int>(numbers.size()));
        if (known == numbers.constEnd())
            numbers.insert(view, result.back());
    }
    return result;
}

/// Myers's greedy search forward. Row d holds the furthest positions in `b` that d edits reach on the diagonals
/// −d, −d + 2, …, d (position in b less position in a).
class Search
{
public:
    Search(Words a, Words b)
        : m_a(a)
        , m_b(b)
    {}

    /// False where more than maxEdits are needed.
    bool run(int maxEdits)
    {
        for (int d = 0; d <= maxEdits; ++d) {
            m_rows.emplace_back(static_cast<std::size_t>(d) + 1);
            for (int k = -d; k <= d; k += 2) {
                const int end = follow(d == 0 ? 0 : begin(d, k), k);
                m_rows.back()[index(d, k)] = end;
                if (end == size(m_b) && end - k == size(m_a))
                    return true;
            }
        }
        return false;
    }

    /// Which words of b are not in the common subsequence.
    [[nodiscard]] std::vector<bool> differing() const
    {
        std::vector<bool> result(m_b.size(), false);
        int k = size(m_b) - size(m_a);
        for (int d = static_cast<int>(m_rows.size()) - 1; d > 0; --d) {
            if (!isInsertion(d, k)) {
                ++k;
                continue;
            }
            result[static_cast<std::size_t>(begin(d, k)) - 1] = true; // the word of b that the edit took
            --k;
        }
        return result;
    }

private:
    static int size(Words words) { return static_cast<int>(words.size()); }
    static std::size_t index(int d, int k) { return static_cast<std::size_t>((k + d) / 2); }
    [[nodiscard]] int reached(int d, int k) const { return m_rows[static_cast<std::size_t>(d)][index(d, k)]; }

    /// Whether the d-th edit on the way to diagonal k takes a word of b (from k − 1) or drops one of a (from k + 1).
    [[nodiscard]] bool isInsertion(int d, int k) const
    {
        return k == d || (k != -d && reached(d - 1, k - 1) >= reached(d - 1, k + 1));
    }
    /// The position in b right after the d-th edit.
    [[nodiscard]] int begin(int d, int k) const
    {
        return isInsertion(d, k) ? reached(d - 1, k - 1) + 1 : reached(d - 1, k + 1);
    }
    /// Over the words that both have.
    [[nodiscard]] int follow(int inB, int k) const
    {
        while (inB < size(m_b) && inB - k < size(m_a) && inB >= k &&
               m_b[static_cast<std::size_t>(inB)] == m_a[static_cast<std::size_t>(inB - k)])
            ++inB;
        return inB;
    }

    Words m_a;
    Words m_b;
    std::vector<std::vector<int>> m_rows;
};

} // namespace

std::vector<TextRange> differingWords(const QString &reference, const QString &text, int maxEdits)
{
    const std::vector<TextRange> theirs = wordsOf(reference);
    const std::vector<TextRange> ours = wordsOf(text);
    const std::size_t shorter = std::min(theirs.size(), ours.size());
    std::size_t head = 0;
    while (head < shorter && wordOf(reference, theirs[head]) == wordOf(text, ours[head]))
        ++head;
    std::size_t tail = 0;
    while (tail < shorter - head &&
           wordOf(reference, theirs[theirs.size() - 1 - tail]) == wordOf(text, ours[ours.size() - 1 - tail]))
        ++tail;
    const std::span from = std::span(theirs).subspan(head, theirs.size() - head - tail);
    const std::span to = std::span(ours).subspan(head, ours.size() - head - tail);
    if (from.empty() || to.empty())
        return {to.begin(), to.end()};
    QHash<QStringView, int> numbers;
    const std::vector<int> a = numbered(reference, from, numbers);
    const std::vector<int> b = numbered(text, to, numbers);
    Search search(a, b);
    if (!search.run(maxEdits))
        return {to.begin(), to.end()};
    const std::vector<bool> differs = search.differing();
    std::vector<TextRange> result;
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (differs[i])
            result.push_back(to[i]);
    }
    return result;
}

} // namespace headkv
