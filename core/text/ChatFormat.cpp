// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/ChatFormat.h"

#include "core/text/JinjaOutline.h"

#include <algorithm>

namespace headkv {

namespace {

constexpr std::string_view turnStart = "<|im_start|>";
constexpr std::string_view turnEnd = "<|im_end|>";

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Whether a branch can be the one taken for a single user message: no tools, no system message, nothing asked for but
/// the start of the answer.
bool holdsForOneUserMessage(std::string_view condition)
{
    const bool negated = condition.starts_with("not ");
    if (contains(condition, "tool") || contains(condition, "enable_thinking") || contains(condition, "documents"))
        return negated;
    if (contains(condition, "'system'") || contains(condition, "\"system\""))
        return contains(condition, "!=") != negated;
    return true;
}

bool forAnswerStart(std::string_view condition)
{
    return contains(condition, "add_generation_prompt") && !condition.starts_with("not ");
}

/// The turn of a default system prompt in what the template prints; empty where there is none.
std::string defaultSystemTurn(std::string_view printed)
{
    const std::string opening = std::string(turnStart) + "system\n";
    for (std::size_t begin = printed.find(opening); begin != std::string_view::npos;
         begin = printed.find(opening, begin + 1)) {
        const std::size_t end = printed.find(turnEnd, begin);
        if (end == std::string_view::npos)
            break;
        std::size_t after = end + turnEnd.size();
        if (after < printed.size() && printed[after] == '\n')
            ++after;
        const std::string_view turn = printed.substr(begin, after - begin);
        if (!contains(turn, {&JinjaOutput::value, 1}))
            return std::string(turn);
    }
    return {};
}

} // namespace

ChatFormat ChatFormat::fromTemplate(std::string_view chatTemplate)
{
    // A template with <|im_sep|> puts other text after the role: another family.
    if (!contains(chatTemplate, turnStart) || !contains(chatTemplate, turnEnd) || contains(chatTemplate, "<|im_sep|>"))
        return {};

    std::string turns, answerStart;
    for (const JinjaOutput &output : outlineJinja(chatTemplate, holdsForOneUserMessage)) {
        if (!std::all_of(output.conditions.begin(), output.conditions.end(), holdsForOneUserMessage))
            continue;
        const bool answers = std::any_of(output.conditions.begin(), output.conditions.end(), forAnswerStart);
        (answers ? answerStart : turns) += output.text;
    }
    // Of several branches that begin an answer the first counts.
    answerStart.resize(std::min(answerStart.size(), answerStart.find(turnStart, 1)));
    if (!answerStart.starts_with(turnStart) || contains(answerStart, {&JinjaOutput::value, 1}))
        answerStart = std::string(turnStart) + "assistant\n";
    const std::string closing = std::string(turnEnd) + (contains(turns, std::string(turnEnd) + "\n") ? "\n" : "");
    return {"chatml", defaultSystemTurn(turns) + std::string(turnStart) + "user\n", closing + answerStart};
}

} // namespace headkv
