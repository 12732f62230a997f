// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Regex.h"

#include "core/base/Error.h"
#include "core/text/UnicodeText.h"

#include <cstdint>
#include <optional>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace headkv {

namespace {

struct Free
{
    void operator()(pcre2_code *code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_context *context) const { pcre2_match_context_free(context); }
    void operator()(pcre2_match_data *data) const { pcre2_match_data_free(data); }
};

[[noreturn]] void fail(std::string_view expression, const std::string &reason)
{
    throw Error(ErrorKind::Input,
                "the tokenizer's expression \"" + std::string(expression.substr(0, 60)) + "\" " + reason);
}

} // namespace

struct Regex::Compiled
{
    std::unique_ptr<pcre2_code, Free> code;
    std::string expression; ///< as given
};

Regex::Regex(std::string_view expression)
    : m_compiled(std::make_unique<Compiled>())
{
    const std::string translated = translateOniguruma(expression);
    int error = 0;
    PCRE2_SIZE offset = 0;
    m_compiled->expression = expression;
    m_compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                         PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &error, &offset, nullptr));
    if (!m_compiled->code)
        fail(expression, "cannot be read (PCRE2's error " + std::to_string(error) + ")");
    pcre2_jit_compile(m_compiled->code.get(), PCRE2_JIT_COMPLETE); // slower without, no less right
}

Regex::~Regex() = default;
Regex::Regex(Regex &&) noexcept = default;

std::vector<Stretch> Regex::findAll(std::string_view text) const
{
    const pcre2_code *code = m_compiled->code.get();
    const std::unique_ptr<pcre2_match_data, Free> match(pcre2_match_data_create_from_pattern(code, nullptr));
    const std::unique_ptr<pcre2_match_context, Free> context(pcre2_match_context_create(nullptr));
    if (!match || !context)
        throw Error(ErrorKind::Memory, "splitting text: out of memory; close other programs");
    // The limits guard against expressions of exponential cost. The published ones are linear, but a run of a million
    // spaces takes millions of steps.
    pcre2_set_match_limit(context.get(), 200'000'000);
    pcre2_set_heap_limit(context.get(), 1 << 20); // KiB
    const auto run = [&](std::size_t at, std::uint32_t options) {
        return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                           PCRE2_NO_UTF_CHECK | options, match.get(), context.get());
    };
    std::vector<Stretch> found;
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(match.get());
    for (std::size_t at = 0; at <= text.size();) {
        int result = run(at, 0);
        if (result == PCRE2_ERROR_JIT_STACKLIMIT)
            result = run(at, PCRE2_NO_JIT);
        if (result == PCRE2_ERROR_NOMATCH)
            break;
        if (result < 0)
            fail(m_compiled->expression, "takes too long on this text (PCRE2's error " + std::to_string(result) + ")");
        // As Oniguruma's walk does: nothing right after a find is no find.
        if (range[0] >= range[1] && !found.empty() && found.back().end == range[1]) {
            at += at < text.size() ? firstCharacter(text.substr(at)).length : 1;
            continue;
        }
        found.push_back({range[0], std::max(range[0], range[1])});
        at = found.back().end;
    }
    return found;
}

std::string Regex::replaceAll(std::string_view text, std::string_view content) const
{
    std::string result;
    std::size_t at = 0;
    for (const Stretch &find : findAll(text)) {
        result.append(text.substr(at, find.begin - at)).append(content);
        at = find.end;
    }
    return result.append(text.substr(at));
}

} // namespace headkv
