// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Normalizer.h"

#include "core/text/UnicodeText.h"

namespace headkv {

namespace {

using Kind = TextStep::Kind;

std::string applyStep(const TextStep &step, const std::optional<Regex> &regex, std::string text)
{
    switch (step.kind) {
    case Kind::Prepend:
        return text.empty() ? text : step.content + text;
    case Kind::Replace:
        return replaceAll(text, step.pattern, step.content);
    case Kind::ReplaceRegex:
        return regex->replaceAll(text, step.content);
    case Kind::Strip:
        return std::string(stripWhiteSpace(text, step.left, step.right));
    case Kind::Nfc:
        return normalizeUnicode(text, UnicodeForm::C);
    case Kind::Nfd:
        return normalizeUnicode(text, UnicodeForm::D);
    case Kind::Nfkc:
        return normalizeUnicode(text, UnicodeForm::KC);
    case Kind::Nfkd:
        return normalizeUnicode(text, UnicodeForm::KD);
    }
    return text;
}

} // namespace

Normalizer::Normalizer(const std::vector<TextStep> &steps)
{
    for (const TextStep &step : steps)
        m_steps.push_back({step, step.kind == Kind::ReplaceRegex ? std::optional<Regex>(step.pattern) : std::nullopt});
}

std::string Normalizer::apply(std::string text) const
{
    for (const Step &step : m_steps)
        text = applyStep(step.rule, step.regex, std::move(text));
    return text;
}

} // namespace headkv
