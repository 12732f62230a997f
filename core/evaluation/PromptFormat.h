// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/AnswerMetric.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace headkv {

/// How the questions of a dataset are asked, and how their answers are scored.
struct PromptFormat
{
    std::string prompt; ///< "{context}" stands in it once, "{input}" (the question) as often as it likes
    AnswerMetric metric = AnswerMetric::QaF1;
    int maxNewTokens = 32;
    bool chat = true;           ///< in the model's chat template; few-shot and code tasks are not
    bool firstLineOnly = false; ///< of an answer, counts
    bool operator==(const PromptFormat &) const = default;
};

/// The formats by dataset. The program's own (resources/evaluation/prompts.json) know LongBench's English datasets,
/// with its metrics and lengths but prompts in other words, and the program's documents.
class PromptFormats
{
public:
    [[nodiscard]] static PromptFormats builtIn();

    /// Takes in a user's file: a JSON object of datasets, each an object with prompt, metric, max_new_tokens, chat and
    /// first_line, where what is missing stays as it was (a new name begins as "default"); or only the prompt's text,
    /// as in LongBench's dataset2prompt.json. Errors: Input, with the file and the dataset.
    void read(const std::filesystem::path &path);
    void parse(std::string_view json, const std::string &source);

    /// The format of a dataset; LongBench-E's "NAME_e" are as NAME, an unknown one is as "default".
    [[nodiscard]] const PromptFormat &of(const std::string &dataset) const;
    [[nodiscard]] const std::map<std::string, PromptFormat> &all() const noexcept { return m_formats; }

private:
    std::map<std::string, PromptFormat> m_formats;
};

/// LongBench's Chinese datasets, whose scores need the words of a text without spaces.
[[nodiscard]] bool isChineseDataset(std::string_view dataset);

} // namespace headkv
