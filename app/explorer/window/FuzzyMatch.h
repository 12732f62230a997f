// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <optional>

namespace headkv {

/// How well typed letters stand for a text.
struct FuzzyMatch
{
    int score = 0;        ///< the higher the better
    QList<int> positions; ///< of the letters in the text
};

/// All letters of the pattern in the text, in order, whatever their case; blanks in the pattern do not count. Letters
/// that begin words or follow one another score more, a text that goes on long after them a little less. Nothing: they
/// are not all there.
[[nodiscard]] std::optional<FuzzyMatch> fuzzyMatch(const QString &pattern, const QString &text);

} // namespace headkv
