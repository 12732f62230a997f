// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/GgufRules.h"

#include "core/base/Error.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace headkv {

#define GPT2 R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"

#define DIGIT R"([\p{N}\x{11DE0}-\x{11DE9}\x{16FF4}-\x{16FF6}])"

const char *const gpt2Split = GPT2;
const char *const digitSplit = DIGIT;

namespace {

#define CASED_CONTRACTIONS R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|)"
#define WORDS R"([^\r\n\p{L}\p{N}]?\p{L}+|)"
#define TAIL R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"
#define CASED_WORD(END)                                                                                                \
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)" END                              \
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)" END
#define SLASHED_TAIL R"(| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"

/// A published rule: expressions applied one after another, each isolating its finds.
struct Rule
{
    std::array<const char *, 9> names; ///< as files spell it
    std::array<const char *, 4> splits;
    bool ignoreMerges = false;
    bool addBos = false; ///< where the file does not say
};

constexpr const char *llama3 = CASED_CONTRACTIONS WORDS R"(\p{N}{1,3})" TAIL;
constexpr const char *qwen2 = CASED_CONTRACTIONS WORDS R"(\p{N})" TAIL;
constexpr const char *tekken = CASED_WORD("") R"(|\p{N})" SLASHED_TAIL; // Mistral Nemo
constexpr const char *o200k = CASED_WORD("(?i:'s|'t|'re|'ve|'m|'ll|'d)?") R"(|\p{N}{1,3})" SLASHED_TAIL;

constexpr std::array rules{
    Rule{{"default"}, {R"([\p{P}\$\+<=>\^~\|]+)", GPT2, R"(\p{N}+)", "[0-9][0-9][0-9]"}}, // llama.cpp's own
    Rule{{"gpt-2", "gpt2", "phi-2", "olmo", "mpt", "jais"}, {GPT2}},
    Rule{{"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"}, {DIGIT, GPT2}},
    Rule{{"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"},
         {llama3},
         true,
         true},
    // Phi-4 and SmolLM3 among others.
    Rule{{"dbrx", "smaug-bpe"}, {llama3}},
    Rule{{"qwen2", "deepseek-r1-qwen", "stablelm2", "megrez"}, {qwen2}},
    Rule{{"tekken"}, {tekken}, true, true},
    Rule{{"gpt-4o", "llama4"}, {o200k}},
};

[[noreturn]] void refuse(const std::string &what, const std::string &name, const std::string &known)
{
    throw Error(ErrorKind::Input, what + " \"" + name.substr(0, 40) + "\" is not known; known are: " + known);
}

const Rule &findRule(const std::string &name)
{
    std::string known;
    for (const Rule &rule : rules) {
        for (const char *alias : rule.names) {
            if (!alias)
                continue;
            if (name == alias)
                return rule;
            known += (known.empty() ? "" : ", ") + std::string(alias);
        }
    }
    refuse("the split rule (tokenizer.ggml.pre)", name, known);
}

} // namespace

void applyGgufRules(Vocabulary &vocabulary)
{
    if (vocabulary.model == "llama") {
        vocabulary.algorithm = TokenAlgorithm::MergeScores;
        vocabulary.decoders = {
            {DecodeStep::Kind::Replace, "\u2581", " "}, {DecodeStep::Kind::ByteFallback}, {DecodeStep::Kind::Fuse}};
        if (vocabulary.addSpacePrefix) {
            vocabulary.normalizers.push_back({TextStep::Kind::Prepend, "", " "});
            vocabulary.decoders.push_back({DecodeStep::Kind::Strip, " ", "", 1, 0});
        }
        vocabulary.normalizers.push_back({TextStep::Kind::Replace, " ", "\u2581"});
        vocabulary.addBos = vocabulary.addBos.value_or(true);
        return;
    }
    if (vocabulary.model != "gpt2")
        refuse("the tokenizer kind", vocabulary.model, "gpt2 (byte-level BPE), llama (SentencePiece)");
    const Rule &rule = findRule(vocabulary.pre);
    for (const char *expression : rule.splits) {
        if (expression)
            vocabulary.splitters.push_back({SplitStep::Kind::Regex, expression});
    }
    vocabulary.byteLevel = true;
    vocabulary.ignoreMerges = rule.ignoreMerges;
    vocabulary.decoders = {{DecodeStep::Kind::ByteLevel}};
    vocabulary.addBos = vocabulary.addBos.value_or(rule.addBos);
}

} // namespace headkv
