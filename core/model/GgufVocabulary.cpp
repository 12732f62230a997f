// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/GgufVocabulary.h"

#include "core/model/GgufFile.h"

#include <limits>

namespace headkv {

namespace {

std::optional<TokenId> tokenId(const GgufFile &file, const char *key)
{
    const auto value = file.integer(key);
    if (!value)
        return std::nullopt;
    if (*value < 0 || *value > std::numeric_limits<TokenId>::max())
        file.fail("metadata " + std::string(key) + " is " + std::to_string(*value) + ", which is not a token id");
    return static_cast<TokenId>(*value);
}

} // namespace

std::optional<Vocabulary> readGgufVocabulary(const GgufFile &file)
{
    auto tokens = file.textList("tokenizer.ggml.tokens");
    if (!tokens)
        return std::nullopt;
    Vocabulary vocabulary;
    vocabulary.tokens = std::move(*tokens);
    vocabulary.model = file.text("tokenizer.ggml.model").value_or("");
    vocabulary.pre = file.text("tokenizer.ggml.pre").value_or("default");
    vocabulary.merges = file.textList("tokenizer.ggml.merges").value_or(std::vector<std::string>{});
    for (const std::int64_t type : file.integerList("tokenizer.ggml.token_type").value_or(std::vector<std::int64_t>{}))
        vocabulary.types.push_back(static_cast<TokenType>(type));
    vocabulary.bos = tokenId(file, "tokenizer.ggml.bos_token_id");
    vocabulary.eos = tokenId(file, "tokenizer.ggml.eos_token_id");
    vocabulary.eot = tokenId(file, "tokenizer.ggml.eot_token_id");
    vocabulary.unknown = tokenId(file, "tokenizer.ggml.unknown_token_id");
    vocabulary.padding = tokenId(file, "tokenizer.ggml.padding_token_id");
    vocabulary.addBos = file.boolean("tokenizer.ggml.add_bos_token");
    vocabulary.addEos = file.boolean("tokenizer.ggml.add_eos_token");
    vocabulary.chatTemplate = file.text("tokenizer.chat_template").value_or("");
    return vocabulary;
}

} // namespace headkv
