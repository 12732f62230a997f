// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/PreTokenizer.h"

#include "core/base/Error.h"

#include <array>
#include <cstdint>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace headkv {

namespace {

// Unicode's White_Space, spelled out: PCRE2's \s also takes U+180E, which the tokenizers' engine does not.
#define SPACES R"(\t-\r\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
// The engine knows Unicode 16; an older PCRE2 (Debian 12's knows Unicode 14) misses the letters and numbers that came
// since, so those are listed.
#define LETTERS                                                                                                        \
    R"(\p{L}\x{1C89}-\x{1C8A}\x{A7CB}-\x{A7CD}\x{A7DA}-\x{A7DC}\x{105C0}-\x{105F3}\x{10D4A}-\x{10D65})"                \
    R"(\x{10D6F}-\x{10D85}\x{10EC2}-\x{10EC4}\x{1123F}-\x{11240}\x{11380}-\x{11389}\x{1138B}\x{1138E})"                \
    R"(\x{11390}-\x{113B5}\x{113B7}\x{113D1}\x{113D3}\x{11BC0}-\x{11BE0}\x{11F02}\x{11F04}-\x{11F10})"                 \
    R"(\x{11F12}-\x{11F33}\x{1342F}\x{13441}-\x{13446}\x{13460}-\x{143FA}\x{16100}-\x{1611D})"                         \
    R"(\x{16D40}-\x{16D6C}\x{18CFF}\x{1B132}\x{1B155}\x{1DF25}-\x{1DF2A}\x{1E030}-\x{1E06D})"                          \
    R"(\x{1E4D0}-\x{1E4EB}\x{1E5D0}-\x{1E5ED}\x{1E5F0}\x{2B739}\x{2EBF0}-\x{2EE5D}\x{31350}-\x{323AF})"
#define NUMBERS                                                                                                        \
    R"(\p{N}\x{10D40}-\x{10D49}\x{116D0}-\x{116E3}\x{11BF0}-\x{11BF9}\x{11F50}-\x{11F59}\x{16130}-\x{16139})"          \
    R"(\x{16D70}-\x{16D79}\x{1CCF0}-\x{1CCF9}\x{1D2C0}-\x{1D2D3}\x{1E4F0}-\x{1E4F9}\x{1E5F1}-\x{1E5FA})"
// Single digits the tokenizers find by Rust's own tables instead, which are of Unicode 17.
#define NEWER_NUMBERS R"(\x{11DE0}-\x{11DE9}\x{16FF4}-\x{16FF6})"
#define SPACE_RUNS "[" SPACES "]+(?![^" SPACES "])|[" SPACES "]+"

// The published split rules. GPT-2 (Radford et al. 2019), Llama 3 (Meta 2024), Qwen2 (Alibaba 2024).
constexpr const char *gpt2Pattern =
    "'s|'t|'re|'ve|'m|'ll|'d| ?[" LETTERS "]+| ?[" NUMBERS "]+| ?[^" SPACES LETTERS NUMBERS "]+|" SPACE_RUNS;
constexpr const char *singleDigitPattern = "[" NUMBERS NEWER_NUMBERS "]";
#define LLAMA3_PATTERN(DIGITS)                                                                                         \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n" LETTERS NUMBERS "]?[" LETTERS "]+|[" NUMBERS "]" DIGITS                    \
    "| ?[^" SPACES LETTERS NUMBERS "]+[\\r\\n]*|[" SPACES "]*[\\r\\n]+|" SPACE_RUNS

} // namespace

struct PreTokenizer::Rule
{
    std::array<const char *, 3> names; ///< as files spell it
    std::array<const char *, 2> patterns;
    bool ignoresMerges;
    bool addsBosByDefault;
};

/// A compiled expression. Matches are pieces, and so is what lies between them.
struct PreTokenizer::Pattern
{
    struct Free
    {
        void operator()(pcre2_code *code) const { pcre2_code_free(code); }
        void operator()(pcre2_match_context *context) const { pcre2_match_context_free(context); }
        void operator()(pcre2_match_data *data) const { pcre2_match_data_free(data); }
    };
    std::unique_ptr<pcre2_code, Free> code;

    explicit Pattern(const char *expression)
    {
        int error = 0;
        PCRE2_SIZE offset = 0;
        code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression), PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP,
                                 &error, &offset, nullptr));
        if (!code)
            throw Error(ErrorKind::Failed, "PCRE2 refuses a split rule at character " + std::to_string(offset) +
                                               "; is it built with Unicode?");
        pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE); // slower without, no less right
    }

    void split(std::string_view text, std::vector<std::string_view> &pieces) const
    {
        const std::unique_ptr<pcre2_match_data, Free> match(pcre2_match_data_create_from_pattern(code.get(), nullptr));
        const std::unique_ptr<pcre2_match_context, Free> context(pcre2_match_context_create(nullptr));
        if (!match || !context)
            throw Error(ErrorKind::Memory, "splitting text: out of memory; close other programs");
        // The limits guard against patterns of exponential cost. These are linear, but a run of a million spaces takes
        // a million steps.
        pcre2_set_match_limit(context.get(), UINT32_MAX);
        pcre2_set_heap_limit(context.get(), UINT32_MAX);
        const auto *subject = reinterpret_cast<PCRE2_SPTR>(text.data());
        std::size_t at = 0;
        while (at < text.size()) {
            const int found =
                pcre2_match(code.get(), subject, text.size(), at, PCRE2_NO_UTF_CHECK, match.get(), context.get());
            if (found < 0 && found != PCRE2_ERROR_NOMATCH)
                throw Error(ErrorKind::Failed,
                            "PCRE2 gave up on splitting the text (its error " + std::to_string(found) + ")");
            const PCRE2_SIZE *range = pcre2_get_ovector_pointer(match.get());
            const std::size_t begin = found < 0 ? text.size() : range[0];
            if (begin > at)
                pieces.push_back(text.substr(at, begin - at));
            if (found >= 0)
                pieces.push_back(text.substr(begin, range[1] - begin));
            at = found < 0 ? text.size() : range[1];
        }
    }
};

const PreTokenizer::Rule &PreTokenizer::findRule(const std::string &name)
{
    static const std::array<Rule, 4> rules{{
        {{"smollm"}, {singleDigitPattern, gpt2Pattern}, false, false},
        {{"gpt-2", "gpt2", "default"}, {gpt2Pattern}, false, false},
        {{"llama-bpe", "llama3", "llama-v3"}, {LLAMA3_PATTERN("{1,3}")}, true, true},
        {{"qwen2"}, {LLAMA3_PATTERN("")}, false, false},
    }};
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
    throw Error(ErrorKind::Input,
                "the split rule \"" + name.substr(0, 40) + "\" (tokenizer.ggml.pre) is not known; known are: " + known);
}

PreTokenizer::PreTokenizer(const std::string &rule)
    : m_rule(findRule(rule))
{
    for (const char *pattern : m_rule.patterns) {
        if (pattern)
            m_patterns.emplace_back(pattern);
    }
}

PreTokenizer::~PreTokenizer() = default;

std::vector<std::string_view> PreTokenizer::split(std::string_view text) const
{
    std::vector<std::string_view> pieces{text};
    for (const Pattern &pattern : m_patterns) {
        std::vector<std::string_view> finer;
        for (const std::string_view piece : pieces)
            pattern.split(piece, finer);
        pieces = std::move(finer);
    }
    return pieces;
}

bool PreTokenizer::ignoresMerges() const noexcept { return m_rule.ignoresMerges; }

bool PreTokenizer::addsBosByDefault() const noexcept { return m_rule.addsBosByDefault; }

} // namespace headkv
