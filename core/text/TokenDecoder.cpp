// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/TokenDecoder.h"

#include "core/text/BytePairEncoder.h"
#include "core/text/UnicodeText.h"
#include "core/text/Utf8.h"

namespace headkv {

namespace {

using Kind = DecodeStep::Kind;

std::string join(const std::vector<std::string> &tokens, std::string_view between = "")
{
    std::string text;
    for (const std::string &token : tokens) {
        if (&token != &tokens.front())
            text += between;
        text += token;
    }
    return text;
}

std::vector<std::string> decodeByteLevel(const std::vector<std::string> &tokens)
{
    std::string bytes;
    for (const std::string &token : tokens)
        bytes += decodeByteSpelling(token).value_or(token);
    return {sanitizeUtf8(bytes)};
}

/// Runs of <0x..> become their characters, or U+FFFD for each byte where they are none.
std::vector<std::string> decodeBytes(const std::vector<std::string> &tokens)
{
    std::vector<std::string> result;
    std::string bytes;
    const auto flush = [&] {
        if (bytes.empty())
            return;
        std::string text = sanitizeUtf8(bytes);
        if (text != bytes) {
            text.clear();
            for (std::size_t i = 0; i < bytes.size(); ++i)
                text += "\uFFFD";
        }
        result.push_back(std::move(text));
        bytes.clear();
    };
    for (const std::string &token : tokens) {
        if (const auto byte = byteOfToken(token)) {
            bytes += static_cast<char>(*byte);
            continue;
        }
        flush();
        result.push_back(token);
    }
    flush();
    return result;
}

std::string strip(std::string_view token, const DecodeStep &step)
{
    const std::string &unit = step.pattern;
    for (std::size_t i = 0; i < step.start && !unit.empty() && token.starts_with(unit); ++i)
        token.remove_prefix(unit.size());
    for (std::size_t i = 0; i < step.stop && !unit.empty() && token.ends_with(unit); ++i)
        token.remove_suffix(unit.size());
    return std::string(token);
}

/// One token of a list by a step that looks at each on its own.
std::string decodeOne(const DecodeStep &step, const std::optional<Regex> &regex, const std::string &token, bool first)
{
    switch (step.kind) {
    case Kind::Replace:
        return replaceAll(token, step.pattern, step.content);
    case Kind::ReplaceRegex:
        return regex->replaceAll(token, step.content);
    case Kind::Strip:
        return strip(token, step);
    case Kind::Metaspace:
        return replaceAll(token, step.pattern, first && step.dropsFirst ? "" : " ");
    default:
        return token;
    }
}

} // namespace

TokenDecoder::TokenDecoder(const std::vector<DecodeStep> &steps)
{
    for (const DecodeStep &step : steps)
        m_steps.push_back({step, step.kind == Kind::ReplaceRegex ? std::optional<Regex>(step.pattern) : std::nullopt});
}

std::string TokenDecoder::decode(std::vector<std::string> tokens) const
{
    for (const auto &[step, regex] : m_steps) {
        if (step.kind == Kind::ByteLevel)
            tokens = decodeByteLevel(tokens);
        else if (step.kind == Kind::ByteFallback)
            tokens = decodeBytes(tokens);
        else if (step.kind == Kind::Fuse)
            tokens = {join(tokens)};
        else
            for (std::size_t i = 0; i < tokens.size(); ++i)
                tokens[i] = decodeOne(step, regex, tokens[i], i == 0);
    }
    return join(tokens, m_steps.empty() ? " " : "");
}

std::string TokenDecoder::piece(const std::string &token) const
{
    std::string bytes = token;
    for (const auto &[step, regex] : m_steps) {
        if (step.kind == Kind::ByteLevel)
            bytes = decodeByteSpelling(bytes).value_or(bytes);
        else if (const auto byte = step.kind == Kind::ByteFallback ? byteOfToken(bytes) : std::nullopt)
            return {static_cast<char>(*byte)};
        else if (step.kind != Kind::Strip)
            bytes = decodeOne(step, regex, bytes, false);
    }
    return bytes;
}

} // namespace headkv
