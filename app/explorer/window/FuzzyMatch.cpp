// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/FuzzyMatch.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace headkv {

namespace {

constexpr int none = std::numeric_limits<int>::min() / 2;
constexpr int letter = 1, wordStart = 8, next = 5;

bool beginsWord(const QString &text, qsizetype i)
{
    return i == 0 || (!text[i - 1].isLetterOrNumber() && text[i].isLetterOrNumber());
}

/// Character by character, so that positions stay.
QString folded(QString text)
{
    for (QChar &c : text)
        c = c.toCaseFolded();
    return text;
}

} // namespace

std::optional<FuzzyMatch> fuzzyMatch(const QString &pattern, const QString &text)
{
    QString letters = folded(pattern);
    letters.removeIf([](QChar c) { return c.isSpace(); });
    const QString characters = folded(text);
    const qsizetype n = characters.size(), m = letters.size();
    if (m == 0)
        return FuzzyMatch{};
    if (m > n)
        return {};
    // best[i][j]: of the first i+1 letters, the last at j; the best of all ways to place them.
    std::vector<std::vector<int>> best(m, std::vector<int>(n, none)), from(m, std::vector<int>(n, -1));
    for (qsizetype i = 0; i < m; ++i) {
        int before = i == 0 ? 0 : none, beforeAt = -1;
        for (qsizetype j = 0; j < n; ++j) {
            if (i > 0 && j > 0 && best[i - 1][j - 1] > before) {
                before = best[i - 1][j - 1];
                beforeAt = static_cast<int>(j - 1);
            }
            if (characters[j] != letters[i] || before == none)
                continue;
            best[i][j] = before;
            from[i][j] = beforeAt;
            if (i > 0 && j > 0 && best[i - 1][j - 1] != none && best[i - 1][j - 1] + next > before) {
                best[i][j] = best[i - 1][j - 1] + next;
                from[i][j] = static_cast<int>(j - 1);
            }
            best[i][j] += letter + (beginsWord(text, j) ? wordStart : 0);
        }
    }
    const auto last = std::max_element(best[m - 1].begin(), best[m - 1].end());
    if (*last <= none / 2)
        return {};
    FuzzyMatch match{*last * 100 - static_cast<int>(n), {}};
    int at = static_cast<int>(last - best[m - 1].begin());
    for (qsizetype i = m - 1; i >= 0; --i) {
        match.positions.prepend(at);
        at = from[i][at];
    }
    return match;
}

} // namespace headkv
