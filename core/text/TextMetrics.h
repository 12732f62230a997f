// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace headkv {

/// Share of the reference's unigrams found in the text, 0…100 (ROUGE-1 recall: lower case, runs of letters and digits,
/// repeated words counted). Lin 2004. 0 where the reference has no word. Lowers only ASCII letters; beyond ASCII every
/// character counts as a letter but white space and the punctuation of Latin-1, General Punctuation (curly quotes,
/// dashes) and Chinese and Japanese text.
[[nodiscard]] double rouge1Recall(std::string_view text, std::string_view reference);

/// Token F1, 0…100, as SQuAD scores answers: lower case, ASCII punctuation and the articles a, an, the removed,
/// split on white space, repeated words counted. Rajpurkar et al. 2016; text of every script as Python takes it. 0
/// where nothing is shared.
[[nodiscard]] double tokenF1(std::string_view text, std::string_view reference);

} // namespace headkv
