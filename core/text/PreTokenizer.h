// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// Splits text into the pieces that byte-pair merges never cross. One of the rules that GGUF files name in
/// tokenizer.ggml.pre.
class PreTokenizer
{
public:
    /// Errors: Input, for a rule that is not known (the message lists those that are).
    explicit PreTokenizer(const std::string &rule);
    ~PreTokenizer();
    PreTokenizer(const PreTokenizer &) = delete;
    PreTokenizer &operator=(const PreTokenizer &) = delete;

    /// The pieces of valid UTF-8 text, in order; together they are the text. Linear time.
    [[nodiscard]] std::vector<std::string_view> split(std::string_view text) const;
    /// Whether a piece that is a token as a whole is taken as that token, whatever the merges say.
    [[nodiscard]] bool ignoresMerges() const noexcept;
    /// Whether models with this rule begin a text with BOS where their file does not say.
    [[nodiscard]] bool addsBosByDefault() const noexcept;

private:
    struct Rule;
    struct Pattern;
    static const Rule &findRule(const std::string &name);

    const Rule &m_rule;
    std::vector<Pattern> m_patterns; ///< applied one after another, each to the pieces of the one before
};

} // namespace headkv
