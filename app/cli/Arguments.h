// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <filesystem>
#include <string>
#include <vector>

namespace headkv {

/// Comma-separated numbers, all of them and nothing else. Errors: Usage, naming the option.
[[nodiscard]] std::vector<int> parseIntegers(const std::string &option, const std::string &text);
[[nodiscard]] std::vector<double> parseNumbers(const std::string &option, const std::string &text);

/// A bare JSON array of token ids. Errors: Input, with the JSON path.
[[nodiscard]] std::vector<TokenId> readIds(const std::filesystem::path &path);

/// A file's bytes, or standard input's for "-".
[[nodiscard]] std::string readInput(const std::string &path);

/// Checks, before a long run, that a file can be written there. Errors: Usage, naming the option.
void requireWritable(const std::string &option, const std::filesystem::path &path);

} // namespace headkv
