// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <string>
#include <string_view>
#include <vector>

namespace headkv {

class Tokenizer;

/// How one user turn is wrapped for a model: the texts before and after the user's words, special tokens spelled out.
/// They are what the model's chat template prints around a single user message, with a default system prompt where it
/// has one, up to where the answer begins. Without a template both are empty (a base model reads plain text).
///
/// BOS is as transformers has it in apply_chat_template: `prefix` begins with its text where the template prints
/// bos_token, and no other is added, even where the tokenizer adds one to plain text.
struct ChatFormat
{
    /// "chatml", "llama2", "llama3", "mistral", "phi3", "gemma" or "zephyr"; "custom" where the template prints none of
    /// their markers; "plain" where there is no template, or none that could be read.
    std::string name = "plain";
    std::string prefix; ///< e.g. "<|im_start|>system\n…<|im_end|>\n<|im_start|>user\n"
    std::string suffix; ///< e.g. "<|im_end|>\n<|im_start|>assistant\n"
    /// Between an answer and the user's words of the next turn, the answer's end-of-sequence text first, where the
    /// template spells it: "<|im_end|>\n<|im_start|>user\n".
    std::string turn;
    bool trimsWords = false; ///< the template strips white space around the words
    /// Where the model has a template that could not be read: one line that says why, for a notice that prefix and
    /// suffix are the user's to give. Else empty.
    std::string problem;

    /// The format of a model's Jinja chat template (JinjaTemplate says what is read of it, and which date it prints).
    /// The texts of BOS and EOS are those of the vocabulary; empty: the model has none. A system prompt stands where
    /// the template prints one, or before the words, where it knows none; empty: the template's own. Never fails.
    [[nodiscard]] static ChatFormat fromTemplate(std::string_view chatTemplate, std::string_view bosText = {},
                                                 std::string_view eosText = {}, std::string_view systemPrompt = {});

    /// Texts of the user's own around the words.
    [[nodiscard]] static ChatFormat plain(std::string prefix, std::string suffix);

    /// As above, with the vocabulary's template and tokens.
    [[nodiscard]] static ChatFormat fromVocabulary(const Vocabulary &vocabulary, std::string_view systemPrompt = {});

    /// The ids that a prompt begins with, its one BOS included: a template's prefix as it is; a plain prefix with the
    /// BOS that the tokenizer adds to any text, if it does not spell it out itself.
    [[nodiscard]] std::vector<TokenId> prefixIds(const Tokenizer &tokenizer) const;
    /// One user turn: prefix, words and suffix tokenised as one text, as transformers does (special tokens spelled in
    /// the words count as such), with one BOS as in prefixIds.
    [[nodiscard]] std::vector<TokenId> promptIds(const Tokenizer &tokenizer, std::string_view words) const;
    /// What a later turn appends to the ids so far; an answer that emitted its end-of-sequence token has the first of
    /// them already.
    [[nodiscard]] std::vector<TokenId> turnIds(const Tokenizer &tokenizer, std::string_view words) const;
    bool operator==(const ChatFormat &) const = default;

private:
    void addSystemPrompt(std::string_view systemPrompt);
    [[nodiscard]] std::string spelled(std::string_view words) const;
};

/// "\n", "\t" and "\\" in a text that was typed on one line, as the characters they mean; and the way back.
[[nodiscard]] std::string unescape(std::string_view typed);
[[nodiscard]] std::string escape(std::string_view text);

} // namespace headkv
