// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <filesystem>
#include <string>
#include <vector>

namespace headkv {

/// How a needle is written: as this program's needle, question, answer; or with the keys that HeadKV's scripts read,
/// needle, question, real_needle (the words of the needle that are looked for) and answer (the same).
enum class NeedleLayout { Own, HeadKv };

/// JSONL, an object a line: needle, question, answer. Where there is HeadKV's real_needle, that is the answer, since it
/// is what stands in the needle. Blank lines are skipped.
/// Errors: Input, with the line: malformed JSON, a missing key, an answer that is not in its needle, no needle at all.
[[nodiscard]] std::vector<Needle> readNeedles(const std::filesystem::path &path);
[[nodiscard]] std::vector<Needle> parseNeedles(std::string_view jsonl, const std::string &source);
[[nodiscard]] std::string formatNeedles(const std::vector<Needle> &needles, NeedleLayout layout = NeedleLayout::Own);
/// The program's own: facts for Retrieval and Enhanced; reasoning steps with their reverses and swapped orders for
/// Reasoning.
[[nodiscard]] std::vector<Needle> builtInNeedles(ProbeKind kind);

} // namespace headkv
