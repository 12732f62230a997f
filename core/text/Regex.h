// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// A stretch of a text, in bytes.
struct Stretch
{
    std::size_t begin, end;
};

/// A compiled regular expression. Immutable; safe to share between threads.
class Regex
{
public:
    /// The expression in Oniguruma's syntax and Unicode tables, as tokenizers uses it. Errors: Input, for an expression
    /// that cannot be read.
    explicit Regex(std::string_view expression);
    ~Regex();
    Regex(Regex &&) noexcept;

    /// All finds in valid UTF-8 text, from left to right. Errors: Input, where the expression takes far too long.
    [[nodiscard]] std::vector<Stretch> findAll(std::string_view text) const;
    /// The text with every find replaced by `content`.
    [[nodiscard]] std::string replaceAll(std::string_view text, std::string_view content) const;

private:
    struct Compiled;
    std::unique_ptr<Compiled> m_compiled;
};

/// What \w finds in Rust's regular expressions, for use inside a class: letters, marks, decimal digits, connectors,
/// joiners, circled letters.
extern const char *const rustWordCharacters;

/// An expression for PCRE2 that finds what Oniguruma (Ruby syntax, Unicode 16) finds with `expression`.
/// Errors: Input, for what has no counterpart.
[[nodiscard]] std::string translateOniguruma(std::string_view expression);

} // namespace headkv
