// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/AnswerMetric.h"

#include "core/evaluation/RougeL.h"
#include "core/evaluation/SequenceRatio.h"
#include "core/text/PythonText.h"
#include "core/text/TextMetrics.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace headkv {

namespace {

constexpr std::array<std::pair<AnswerMetric, std::string_view>, 7> names{
    {{AnswerMetric::Rouge1Recall, "rouge1_recall"},
     {AnswerMetric::QaF1, "qa_f1"},
     {AnswerMetric::RougeL, "rouge_l"},
     {AnswerMetric::Classification, "classification"},
     {AnswerMetric::Retrieval, "retrieval"},
     {AnswerMetric::Count, "count"},
     {AnswerMetric::CodeSimilarity, "code_similarity"}}};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Runs of digits.
std::vector<std::u32string> numbersIn(const std::u32string &text)
{
    std::vector<std::u32string> numbers;
    for (auto at = text.begin(); (at = std::find_if(at, text.end(), python::isDigit)) != text.end();) {
        const auto end = std::find_if_not(at, text.end(), python::isDigit);
        numbers.emplace_back(at, end);
        at = end;
    }
    return numbers;
}

/// The share of the numbers said that are the right one.
double shareOf(const std::u32string &number, std::string_view prediction)
{
    const std::vector<std::u32string> said = numbersIn(toCodePoints(prediction));
    if (said.empty())
        return 0;
    return 100 * static_cast<double>(std::ranges::count(said, number)) / static_cast<double>(said.size());
}

/// The number behind the first "Paragraph " that has one.
double retrievalScore(std::string_view prediction, std::string_view answer)
{
    constexpr std::u32string_view word = U"Paragraph ";
    const std::u32string text = toCodePoints(answer);
    for (std::size_t at = 0; (at = text.find(word, at)) != std::u32string::npos;) {
        at += word.size();
        if (at < text.size() && python::isDigit(text[at]))
            return shareOf(numbersIn(text.substr(at)).front(), prediction);
    }
    return 0;
}

/// 1 over the classes said, if the right one is among them. Classes that are part of the right one's name do not count,
/// but as the published scorer takes them out of the list that it walks, the one behind each always stays.
double classificationScore(std::string_view prediction, std::string_view answer, std::span<const std::string> classes)
{
    std::vector<std::string_view> said;
    std::ranges::copy_if(classes, std::back_inserter(said),
                         [prediction](const std::string &name) { return contains(prediction, name); });
    for (std::size_t i = 0; i < said.size(); ++i) {
        if (contains(answer, said[i]) && said[i] != answer)
            said.erase(std::ranges::find(said, said[i]));
    }
    return std::ranges::find(said, answer) == said.end() ? 0 : 100 / static_cast<double>(said.size());
}

/// The first line that holds no mark of a comment or of Markdown; empty where there is none.
std::string_view firstCodeLine(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        if (!contains(line, "`") && !contains(line, "#") && !contains(line, "//"))
            return line;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

/// A whole percentage, as fuzzywuzzy's fuzz.ratio has it: a half goes to the even neighbour.
double codeSimilarity(std::string_view prediction, std::string_view answer)
{
    const std::u32string line = toCodePoints(firstCodeLine(prediction));
    const std::u32string right = toCodePoints(answer);
    if (line == right)
        return 100;
    return line.empty() || right.empty() ? 0 : std::nearbyint(100 * sequenceRatio(line, right));
}

double score(AnswerMetric metric, std::string_view prediction, std::string_view answer,
             std::span<const std::string> classes)
{
    switch (metric) {
    case AnswerMetric::Rouge1Recall:
        return rouge1Recall(prediction, answer);
    case AnswerMetric::QaF1:
        return tokenF1(prediction, answer);
    case AnswerMetric::RougeL:
        return 100 * rougeL(prediction, answer);
    case AnswerMetric::Classification:
        return classificationScore(prediction, answer, classes);
    case AnswerMetric::Retrieval:
        return retrievalScore(prediction, answer);
    case AnswerMetric::Count:
        return shareOf(toCodePoints(answer), prediction);
    case AnswerMetric::CodeSimilarity:
        return codeSimilarity(prediction, answer);
    }
    return 0;
}

} // namespace

std::string toString(AnswerMetric metric)
{
    const auto *const found = std::ranges::find(names, metric, &std::pair<AnswerMetric, std::string_view>::first);
    return std::string(found->second);
}

std::optional<AnswerMetric> answerMetricFrom(std::string_view name)
{
    const auto *const found = std::ranges::find(names, name, &std::pair<AnswerMetric, std::string_view>::second);
    return found == names.end() ? std::nullopt : std::optional(found->first);
}

double scoreAnswer(AnswerMetric metric, std::string_view prediction, std::span<const std::string> answers,
                   std::span<const std::string> allClasses)
{
    double best = 0;
    for (const std::string &answer : answers)
        best = std::max(best, score(metric, prediction, answer, allClasses));
    return best;
}

std::string_view firstLine(std::string_view answer)
{
    answer.remove_prefix(std::min(answer.find_first_not_of('\n'), answer.size()));
    return answer.substr(0, answer.find('\n'));
}

} // namespace headkv
