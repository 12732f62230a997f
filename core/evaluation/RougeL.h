// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace headkv {

/// ROUGE-L F1 of a summary, 0…1 (Lin 2004), as the Python package rouge 1.0.1 computes it: sentences end at every ".",
/// words are split at white space and each counts once; for every sentence of the reference, the words on a longest
/// common subsequence with any sentence of the text. 0 where either has no sentence.
/// Where that package ends by Python's limit of recursion (two sentences of nearly a thousand words together, which
/// LongBench then scores 0), this gives the value.
[[nodiscard]] double rougeL(std::string_view text, std::string_view reference);

} // namespace headkv
