// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace headkv {

/// How an answer is held against those that are right. All but the first are LongBench's (Bai et al. 2023), as its
/// published scorer computes them for English text.
enum class AnswerMetric {
    Rouge1Recall,   ///< which of the answer's words were said: needles
    QaF1,           ///< token F1 of normalised words
    RougeL,         ///< F1 of the longest common subsequence, by sentences: summaries
    Classification, ///< the right one of the classes, and only it
    Retrieval,      ///< the right paragraph's number among the numbers said
    Count,          ///< the right number among the numbers said
    CodeSimilarity, ///< how alike the first line of code is
};

/// "rouge1_recall", "qa_f1", "rouge_l", "classification", "retrieval", "count", "code_similarity".
[[nodiscard]] std::string toString(AnswerMetric metric);
[[nodiscard]] std::optional<AnswerMetric> answerMetricFrom(std::string_view name); ///< the way back

/// The best score of a prediction over the right answers, 0…100; 0 without an answer. Classes matter to Classification
/// alone.
[[nodiscard]] double scoreAnswer(AnswerMetric metric, std::string_view prediction, std::span<const std::string> answers,
                                 std::span<const std::string> allClasses = {});

/// An answer's first line that is not empty; all that counts of an answer to a few-shot task.
[[nodiscard]] std::string_view firstLine(std::string_view answer);

} // namespace headkv
