// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

namespace headkv {

/// A list that was typed, or what is wrong with it.
template <typename Value>
struct TypedList
{
    std::vector<Value> values;
    QString problem; ///< one line; empty: none
};

/// "512, 1024": these lengths in tokens; "4x2048": four, evenly up to 2,048.
[[nodiscard]] TypedList<int> parseLengths(const QString &text);
/// "64, 128": these budgets in tokens, in any order, each once.
[[nodiscard]] TypedList<int> parseBudgets(const QString &text);
/// "5": as many depths, evenly from 0 to 1; "0, 0.5, 1": these.
[[nodiscard]] TypedList<double> parseDepths(const QString &text);

} // namespace headkv
