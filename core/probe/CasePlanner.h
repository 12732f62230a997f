// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeCase.h"

#include <string>
#include <vector>

namespace headkv {

class Tokenizer;
struct ChatFormat;

/// The cases of a probe, in the order needle, length, depth (algorithms §1): prompt = template prefix + haystack[:p] +
/// needle + haystack[p:room] + question + template suffix, each part tokenised by itself, room = length − |needle|, p =
/// ⌊room·depth⌋ moved back to just after a token that contains a ".", or to 0; depth 1 appends at room. A haystack that
/// is too short is repeated. Errors: Usage (a length shorter than the needle, longer than the context, an empty list),
/// Input (an empty haystack, an answer that does not occur in its needle), each naming the offender.
[[nodiscard]] std::vector<ProbeCase> planCases(const ProbeSettings &settings, const Tokenizer &tokenizer,
                                               const ChatFormat &format, int contextLength);

/// What a prompt asks behind its haystack.
[[nodiscard]] std::string questionText(const Needle &needle);

/// The longest haystack-with-needle length that leaves room in the context for the template, the longest question and
/// the answer.
[[nodiscard]] int longestLength(const std::vector<Needle> &needles, int maxNewTokens, const Tokenizer &tokenizer,
                                const ChatFormat &format, int contextLength);

} // namespace headkv
