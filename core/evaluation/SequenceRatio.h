// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace headkv {

/// How alike two texts are, 0…1: twice the characters in matching blocks over the characters of both, as Python's
/// difflib.SequenceMatcher(None, a, b).ratio() finds them: the longest common block first, then left and right of it;
/// in a `b` of 200 characters or more, those that make up over 1% of it begin no block. The order matters. 1 for two
/// empty texts.
[[nodiscard]] double sequenceRatio(std::u32string_view a, std::u32string_view b);

} // namespace headkv
