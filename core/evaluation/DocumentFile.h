// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// One line of a file in LongBench's layout: a document and a question about it.
struct DocumentQuestion
{
    std::string context;
    std::string input;                ///< the question; empty where the task needs none (summaries)
    std::vector<std::string> answers; ///< at least one
    std::vector<std::string> allClasses;
    std::string dataset; ///< empty: the file does not say
    std::string id;
    std::size_t line = 0; ///< from 1
};

struct DocumentFile
{
    std::string source; ///< for messages: the path
    std::string name;   ///< the file's name without its ending; stands for the dataset of lines that name none
    std::vector<DocumentQuestion> questions;
    std::vector<std::string> skipped; ///< the errors of the lines that were left out, "FILE:LINE: what; what to do"
};

/// JSONL, an object a line: context, input, answers (a list of texts, or a text), and where they are there dataset,
/// all_classes and _id; other keys do not matter. Blank lines, CRLF and a byte-order mark do not either. With
/// skipMalformed, lines that cannot be read are left out and listed.
/// Errors: Input, with the file and the line: no JSON object, a missing key, one of the wrong type, bytes that are no
/// UTF-8; a file without a question.
[[nodiscard]] DocumentFile readDocuments(const std::filesystem::path &path, bool skipMalformed = false);
[[nodiscard]] DocumentFile parseDocuments(std::string_view jsonl, const std::string &source, const std::string &name,
                                          bool skipMalformed = false);
/// The program's own, made by rules (resources/evaluation/make_documents.py): datasets "facts", "two-step", "counting"
/// and "ordering", each with a question about every document.
[[nodiscard]] DocumentFile builtInDocuments();

} // namespace headkv
