// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/ChatFormat.h"

#include "core/text/JinjaTemplate.h"
#include "core/text/Tokenizer.h"
#include "core/text/UnicodeText.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace headkv {

namespace {

/// Stands for the user's words: nothing that a template would look for, strip or change the case of, and nothing that
/// comes through where it is escaped.
constexpr std::string_view userWords = "\x02\x03";
constexpr std::string_view answerWords = "\x02\x04"; ///< the model's
constexpr std::string_view nextWords = "\x02\x05";   ///< the user's in the turn after

constexpr std::size_t longestError = 200; ///< bytes; it may quote the template

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// A template, and what it prints around messages.
struct ChatTemplate
{
    JinjaTemplate chat;
    std::string_view bosText, eosText, systemPrompt;

    /// Of one user message, or of a conversation that goes on with answerWords and nextWords. Some templates take the
    /// contents in parts only.
    [[nodiscard]] std::string print(std::string_view words, bool inParts = false, bool withNextTurn = false) const
    {
        const auto content = [inParts](std::string_view text) {
            return inParts ? JinjaValue::array({{{"type", "text"}, {"text", text}}}) : JinjaValue(text);
        };
        JinjaValue messages = JinjaValue::array({});
        if (!systemPrompt.empty())
            messages.push_back({{"role", "system"}, {"content", content(systemPrompt)}});
        messages.push_back({{"role", "user"}, {"content", content(words)}});
        if (withNextTurn) {
            messages.push_back({{"role", "assistant"}, {"content", content(answerWords)}});
            messages.push_back({{"role", "user"}, {"content", content(nextWords)}});
        }
        JinjaValue variables = {
            {"messages", messages}, {"tools", nullptr}, {"documents", nullptr}, {"add_generation_prompt", true}};
        if (!bosText.empty())
            variables["bos_token"] = bosText;
        if (!eosText.empty())
            variables["eos_token"] = eosText;
        return chat.render(variables);
    }
};

/// Prefix and suffix of what a template printed, if the user's words are in it once.
std::optional<ChatFormat> cut(std::string_view printed)
{
    const std::size_t at = printed.find(userWords);
    if (at == std::string_view::npos || at != printed.rfind(userWords))
        return std::nullopt;
    ChatFormat format;
    format.prefix = printed.substr(0, at);
    format.suffix = printed.substr(at + userWords.size());
    return format;
}

/// Whether white space around the words is gone from what is printed.
bool trims(const ChatTemplate &chat, const ChatFormat &format)
{
    const std::string spaced = " \n" + std::string(userWords) + " \n";
    try {
        return chat.print(spaced) == format.prefix + std::string(userWords) + format.suffix;
    } catch (const std::exception &) { // it takes messages in parts only
        return false;
    }
}

/// What is printed between an answer and the user's next words, if the template prints whole conversations in order.
std::string betweenTurns(const ChatTemplate &chat, bool inParts)
{
    try {
        const std::string printed = chat.print(userWords, inParts, true);
        const std::size_t answer = printed.find(answerWords);
        const std::size_t next = printed.find(nextWords);
        if (answer == std::string::npos || next == std::string::npos || next < answer)
            return {};
        return printed.substr(answer + answerWords.size(), next - answer - answerWords.size());
    } catch (const std::exception &) {
        return {};
    }
}

/// Prefix and suffix around a message that is a string; around one in parts, for templates that know only those.
ChatFormat printedAround(const ChatTemplate &chat)
{
    std::exception_ptr error;
    for (const bool inParts : {false, true}) {
        try {
            if (auto format = cut(chat.print(userWords, inParts))) {
                format->trimsWords = trims(chat, *format);
                format->turn = betweenTurns(chat, inParts);
                return *format;
            }
        } catch (const std::exception &) {
            error = error ? error : std::current_exception();
        }
    }
    if (error)
        std::rethrow_exception(error);
    throw std::runtime_error("it does not print the user's words once, as they are");
}

/// Nothing where the template knows no system role or prints nothing of it.
std::optional<ChatFormat> printedWithSystemPrompt(const ChatTemplate &chat)
{
    try {
        ChatFormat format = printedAround(chat);
        if (contains(format.prefix, chat.systemPrompt))
            return format;
    } catch (const std::exception &) {
        return std::nullopt;
    }
    return std::nullopt;
}

/// The family by what is printed around the words. Llama 2 and Mistral print the same around a single message; the
/// template of the former also has a place for a system prompt in << >>.
std::string familyOf(const ChatFormat &format, std::string_view chatTemplate, std::string_view eosText)
{
    const std::string_view prefix = format.prefix, suffix = format.suffix;
    if (prefix.ends_with("<|im_start|>user\n") && suffix.starts_with("<|im_end|>"))
        return "chatml";
    if (contains(prefix, "<|start_header_id|>user<|end_header_id|>") && suffix.starts_with("<|eot_id|>"))
        return "llama3";
    if (prefix.ends_with("<start_of_turn>user\n") && suffix.starts_with("<end_of_turn>"))
        return "gemma";
    if (contains(prefix, "[INST]") && contains(suffix, "[/INST]"))
        return contains(chatTemplate, "<<SYS>>") ? "llama2" : "mistral";
    const bool asUser = prefix.ends_with("<|user|>\n") || prefix.ends_with("<|user|>");
    if (asUser && suffix.starts_with("<|end|>") && contains(suffix, "<|assistant|>"))
        return "phi3";
    if (asUser && suffix.starts_with(eosText.empty() ? "</s>" : eosText) && contains(suffix, "<|assistant|>"))
        return "zephyr";
    return "custom";
}

/// Ids of a prompt's beginning, or of the whole: with the tokenizer's BOS where no template said what is printed, but
/// not a second one.
std::vector<TokenId> encodeBeginning(const Tokenizer &tokenizer, std::string_view text, bool fromTemplate)
{
    if (fromTemplate)
        return tokenizer.encodePart(text);
    std::vector<TokenId> ids = tokenizer.encode(text);
    if (const auto bos = tokenizer.vocabulary().bos; bos && ids.size() > 1 && ids[0] == *bos && ids[1] == *bos)
        ids.erase(ids.begin());
    return ids;
}

} // namespace

ChatFormat ChatFormat::fromTemplate(std::string_view chatTemplate, std::string_view bosText, std::string_view eosText,
                                    std::string_view systemPrompt)
{
    ChatFormat format;
    if (chatTemplate.empty()) {
        format.addSystemPrompt(systemPrompt);
        return format;
    }
    try {
        ChatTemplate chat{JinjaTemplate(chatTemplate), bosText, eosText, {}};
        format = printedAround(chat);
        if (!systemPrompt.empty()) {
            chat.systemPrompt = systemPrompt;
            if (const auto told = printedWithSystemPrompt(chat))
                format = *told;
            else
                format.addSystemPrompt(systemPrompt);
        }
        format.name = familyOf(format, chatTemplate, eosText);
    } catch (const std::exception &error) {
        format.problem = "the model's chat template is not understood: " + excerpt(error.what(), longestError);
    }
    return format;
}

void ChatFormat::addSystemPrompt(std::string_view systemPrompt)
{
    if (!systemPrompt.empty())
        prefix += std::string(systemPrompt) + "\n\n";
}

ChatFormat ChatFormat::fromVocabulary(const Vocabulary &vocabulary, std::string_view systemPrompt)
{
    const auto text = [&vocabulary](const std::optional<TokenId> &id) -> std::string_view {
        const bool known = id && *id >= 0 && static_cast<std::size_t>(*id) < vocabulary.tokens.size();
        return known ? std::string_view(vocabulary.tokens[static_cast<std::size_t>(*id)]) : std::string_view();
    };
    return fromTemplate(vocabulary.chatTemplate, text(vocabulary.bos), text(vocabulary.eos), systemPrompt);
}

ChatFormat ChatFormat::plain(std::string prefix, std::string suffix)
{
    ChatFormat format;
    format.prefix = std::move(prefix);
    format.suffix = std::move(suffix);
    format.turn = format.prefix;
    return format;
}

std::string unescape(std::string_view typed)
{
    std::string text;
    for (std::size_t i = 0; i < typed.size(); ++i) {
        const char next = typed[i] == '\\' && i + 1 < typed.size() ? typed[i + 1] : '\0';
        if (next == 'n' || next == 't' || next == '\\') {
            text += next == 'n' ? '\n' : next == 't' ? '\t' : '\\';
            ++i;
        } else {
            text += typed[i];
        }
    }
    return text;
}

std::string escape(std::string_view text)
{
    std::string typed;
    for (const char c : text) {
        if (c == '\n')
            typed += "\\n";
        else if (c == '\t')
            typed += "\\t";
        else if (c == '\\')
            typed += "\\\\";
        else
            typed += c;
    }
    return typed;
}

std::vector<TokenId> ChatFormat::prefixIds(const Tokenizer &tokenizer) const
{
    return encodeBeginning(tokenizer, prefix, name != "plain");
}

std::vector<TokenId> ChatFormat::promptIds(const Tokenizer &tokenizer, std::string_view words) const
{
    return encodeBeginning(tokenizer, prefix + spelled(words) + suffix, name != "plain");
}

std::vector<TokenId> ChatFormat::turnIds(const Tokenizer &tokenizer, std::string_view words) const
{
    return tokenizer.encodePart(turn + spelled(words) + suffix);
}

std::string ChatFormat::spelled(std::string_view words) const
{
    return std::string(trimsWords ? stripWhiteSpace(words, true, true) : words);
}

} // namespace headkv
