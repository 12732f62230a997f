// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

namespace headkv {

/// A part of a text, in UTF-16 code units.
struct TextRange
{
    int begin = 0;
    int end = 0; ///< past the last one

    friend bool operator==(const TextRange &, const TextRange &) = default;
};

/// The words (runs of non-space) of `text` that no longest common subsequence of words with `reference` matches, one
/// range a word, ascending. E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, on what is left
/// between the common beginning and end; where more than maxEdits words have to go or come, everything between the two
/// is given as different. A word still growing differs from its finished form: leave it out while a text streams.
[[nodiscard]] std::vector<TextRange> differingWords(const QString &reference, const QString &text, int maxEdits = 2000);

} // namespace headkv
