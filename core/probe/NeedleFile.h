// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <filesystem>
#include <string>
#include <vector>

namespace headkv {

/// JSONL, an object a line: needle, question, answer (HeadKV's real_needle is read as answer). Blank lines are skipped.
/// Errors: Input, with the line: malformed JSON, a missing key, an answer that is not in its needle, no needle at all.
[[nodiscard]] std::vector<Needle> readNeedles(const std::filesystem::path &path);
[[nodiscard]] std::vector<Needle> parseNeedles(std::string_view jsonl, const std::string &source);
[[nodiscard]] std::string formatNeedles(const std::vector<Needle> &needles);
/// The program's own: facts for Retrieval and Enhanced; reasoning steps with their reverses and swapped orders for
/// Reasoning.
[[nodiscard]] std::vector<Needle> builtInNeedles(ProbeKind kind);

} // namespace headkv
