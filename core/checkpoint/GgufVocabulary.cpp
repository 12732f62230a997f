// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/GgufVocabulary.h"

#include "core/checkpoint/GgufFile.h"

#include <algorithm>
#include <cctype>
#include <limits>

namespace headkv {

namespace {

/// tokenizer.ggml.token_type of entries that are read out of the text as they stand.
enum TokenType : std::int64_t { Unknown = 2, Control = 3, UserDefined = 4 };

std::optional<TokenId> tokenId(const GgufFile &file, const char *key)
{
    const auto value = file.integer(key);
    if (!value)
        return std::nullopt;
    if (*value < 0 || *value > std::numeric_limits<TokenId>::max())
        file.fail("metadata " + std::string(key) + " is " + std::to_string(*value) + ", which is not a token id");
    return static_cast<TokenId>(*value);
}

/// Phi-3's special tokens take the white space after them. Files do not say; llama.cpp goes by the model's name.
bool isPhi3(const GgufFile &file)
{
    std::string name = file.text("general.name").value_or("");
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name.find("phi-3") != std::string::npos || name.find("phi3") != std::string::npos;
}

void readAdded(const GgufFile &file, Vocabulary &vocabulary)
{
    const auto types = file.integerList("tokenizer.ggml.token_type").value_or(std::vector<std::int64_t>{});
    if (!types.empty() && types.size() < vocabulary.tokens.size())
        file.fail("metadata tokenizer.ggml.token_type: " + std::to_string(vocabulary.tokens.size()) + " tokens but " +
                  std::to_string(types.size()) + " token types");
    const bool strips = isPhi3(file);
    for (std::size_t i = 0; i < std::min(types.size(), vocabulary.tokens.size()); ++i) {
        if (types[i] != Unknown && types[i] != Control && types[i] != UserDefined)
            continue;
        AddedToken token{static_cast<TokenId>(i), vocabulary.tokens[i], types[i] != UserDefined};
        token.rightStrip = strips && token.text != "<unk>" && token.text != "<s>" && token.text != "<|endoftext|>";
        vocabulary.added.push_back(std::move(token));
    }
}

/// "left right"; a token may begin with a space, so the space that divides is not the first character.
void readMerges(const GgufFile &file, Vocabulary &vocabulary)
{
    const auto merges = file.textList("tokenizer.ggml.merges").value_or(std::vector<std::string>{});
    for (const std::string_view merge : merges) {
        const std::size_t space = merge.find(' ', 1);
        if (space == merge.npos)
            file.fail("metadata tokenizer.ggml.merges[" + std::to_string(vocabulary.merges.size()) +
                      "] is not two tokens with a space between");
        vocabulary.merges.add({merge.substr(0, space), merge.substr(space + 1)});
    }
}

} // namespace

std::optional<Vocabulary> readGgufVocabulary(const GgufFile &file)
{
    auto tokens = file.textList("tokenizer.ggml.tokens");
    if (!tokens)
        return std::nullopt;
    Vocabulary vocabulary;
    vocabulary.tokens = std::move(*tokens);
    vocabulary.model = file.text("tokenizer.ggml.model").value_or("none");
    vocabulary.pre = file.text("tokenizer.ggml.pre").value_or("default");
    readMerges(file, vocabulary);
    readAdded(file, vocabulary);
    vocabulary.scores = file.floatList("tokenizer.ggml.scores").value_or(std::vector<float>{});
    vocabulary.bos = tokenId(file, "tokenizer.ggml.bos_token_id");
    vocabulary.eos = tokenId(file, "tokenizer.ggml.eos_token_id");
    vocabulary.eot = tokenId(file, "tokenizer.ggml.eot_token_id");
    vocabulary.unknown = tokenId(file, "tokenizer.ggml.unknown_token_id");
    vocabulary.padding = tokenId(file, "tokenizer.ggml.padding_token_id");
    vocabulary.addBos = file.boolean("tokenizer.ggml.add_bos_token");
    vocabulary.addEos = file.boolean("tokenizer.ggml.add_eos_token");
    vocabulary.addSpacePrefix = file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
    vocabulary.chatTemplate = file.text("tokenizer.chat_template").value_or("");
    return vocabulary;
}

} // namespace headkv
