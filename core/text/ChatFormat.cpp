// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/ChatFormat.h"

namespace headkv {

namespace {

/// The contents of a Jinja string literal, escapes resolved.
std::string unescape(std::string_view literal)
{
    std::string text;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] != '\\' || i + 1 == literal.size()) {
            text += literal[i];
            continue;
        }
        const char next = literal[++i];
        text += next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next;
    }
    return text;
}

/// The end of the string literal that the text is inside of: the first unescaped quote of the kind.
std::size_t literalEnd(std::string_view text, std::size_t from, char quote)
{
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == quote)
            return i;
    }
    return std::string_view::npos;
}

/// The system turn that a ChatML template writes by itself where the conversation has none: a string literal that holds
/// a whole one.
std::string defaultSystemTurn(std::string_view chatTemplate)
{
    constexpr std::string_view opening = "<|im_start|>system";
    constexpr std::string_view closing = "<|im_end|>";
    for (std::size_t at = chatTemplate.find(opening); at != std::string_view::npos;
         at = chatTemplate.find(opening, at + 1)) {
        const char quote = at > 0 ? chatTemplate[at - 1] : '\0';
        const std::size_t end =
            quote == '\'' || quote == '"' ? literalEnd(chatTemplate, at, quote) : std::string_view::npos;
        if (end == std::string_view::npos)
            continue;
        std::string turn = unescape(chatTemplate.substr(at, end - at));
        if (turn.find(closing) != std::string::npos && turn.size() > opening.size() + 1 + closing.size() + 1)
            return turn;
    }
    return {};
}

} // namespace

ChatFormat ChatFormat::fromTemplate(std::string_view chatTemplate)
{
    if (chatTemplate.find("<|im_start|>") == std::string_view::npos)
        return {};
    return {"chatml", defaultSystemTurn(chatTemplate) + "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"};
}

} // namespace headkv
