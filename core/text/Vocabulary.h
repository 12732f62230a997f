// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headkv {

using TokenId = std::int32_t;

/// What kind of token an entry is; the values are GGUF's tokenizer.ggml.token_type.
enum class TokenType : std::int32_t { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

/// What a model file says of its tokenizer, as read; Tokenizer makes sense of it.
struct Vocabulary
{
    std::string model;               ///< tokenizer.ggml.model: "gpt2" is byte-level BPE
    std::string pre;                 ///< tokenizer.ggml.pre: the split rule, e.g. "smollm"
    std::vector<std::string> tokens; ///< by id; byte-level BPE spells bytes as the printable characters of GPT-2
    std::vector<TokenType> types;    ///< by id; empty: all Normal
    std::vector<std::string> merges; ///< "left right", by rank
    std::optional<TokenId> bos, eos, eot, unknown, padding;
    std::optional<bool> addBos, addEos; ///< nothing: the file does not say
    std::string chatTemplate;           ///< Jinja text; empty: none
};

} // namespace headkv
