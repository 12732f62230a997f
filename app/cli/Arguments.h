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

/// A bare JSON array of token ids. Errors: Input, with the byte offset or the JSON path.
[[nodiscard]] std::vector<TokenId> readIds(const std::filesystem::path &path);

/// A file's bytes, or standard input's for "-"; pipes are read to their end. Errors: Input; Cancelled by a signal.
[[nodiscard]] std::string readInput(const std::string &path);

/// Checks, before a long run, that a file can be written there. Errors: Usage, naming the option.
void requireWritable(const std::string &option, const std::filesystem::path &path);

/// A file of a command line, and the option or argument that named it.
struct NamedFile
{
    std::string option;
    std::filesystem::path path; ///< empty: not given
};

/// Checks that no output would replace an input or another output. Errors: Usage, naming both options.
void requireDistinct(const std::vector<NamedFile> &outputs, const std::vector<NamedFile> &inputs);

} // namespace headkv
