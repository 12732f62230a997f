// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// A stretch of what a Jinja template prints, with the conditions it is printed under.
struct JinjaOutput
{
    /// Literal text; value stands for each value that only the data gives.
    std::string text;
    /// The conditions of the if and elif branches around it, outermost first; an else branch has "not (…)".
    std::vector<std::string> conditions;

    static constexpr char value = '\0';
};

/// What a Jinja template prints, in the order of its text: string literals with their escapes and `+` or `~` between
/// them, text outside tags, and variables that `set` gives a literal under the conditions that `holds` accepts. Each
/// branch is listed, loops once; nothing is evaluated. White space is stripped as chat templates are read: trim_blocks
/// and lstrip_blocks on. Never fails: what it does not understand is a value.
[[nodiscard]] std::vector<JinjaOutput> outlineJinja(std::string_view jinja, bool (*holds)(std::string_view condition));

} // namespace headkv
