// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/PreTokenizer.h"

#include "core/base/Error.h"

#include <array>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace headkv {

namespace {

// Unicode's White_Space, spelled out: PCRE2's \s also takes U+180E, which the tokenizers' engine does not.
#define SPACES R"(\t-\r\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
#define SPACE_RUNS "[" SPACES "]+(?![^" SPACES "])|[" SPACES "]+"

// The published split rules. GPT-2 (Radford et al. 2019), Llama 3 (Meta 2024), Qwen2 (Alibaba 2024).
constexpr const char *gpt2Pattern =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" SPACES "\\p{L}\\p{N}]+|" SPACE_RUNS;
constexpr const char *singleDigitPattern = R"(\p{N})";
#define LLAMA3_PATTERN(DIGITS)                                                                                         \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" DIGITS "| ?[^" SPACES                          \
    "\\p{L}\\p{N}]+[\\r\\n]*|[" SPACES "]*[\\r\\n]+|" SPACE_RUNS

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
        const auto *subject = reinterpret_cast<PCRE2_SPTR>(text.data());
        std::size_t at = 0;
        while (at < text.size()) {
            const int found =
                pcre2_match(code.get(), subject, text.size(), at, PCRE2_NO_UTF_CHECK, match.get(), nullptr);
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
            if (alias && name == alias)
                return rule;
        }
        known += (known.empty() ? "" : ", ") + std::string(rule.names.front());
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
