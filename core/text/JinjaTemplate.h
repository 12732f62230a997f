// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/JinjaParser.h"

#include <string>
#include <string_view>

namespace headkv {

/// A chat template in the part of Jinja that chat templates use, rendered as transformers does (trim_blocks,
/// lstrip_blocks, loop controls, raise_exception; nothing else from outside, no escaping). It is safe with any text:
/// depth, steps and sizes are bounded, and what is not understood is an error.
///
/// There is no date: `strftime_now is defined` is false, so that a template with a date of its own prints that. A
/// template that calls strftime_now all the same is given 26 July 2024, 00:00, to print the same every day.
class JinjaTemplate
{
public:
    /// Errors: Input, where the text is no Jinja, or has a statement that is not understood.
    explicit JinjaTemplate(std::string_view text);

    /// What the template prints with these variables (an object).
    /// Errors: Input, where it uses something that is not understood, fails (raise_exception) or does too much.
    [[nodiscard]] std::string render(const JinjaValue &variables) const;

private:
    JinjaNodePtr m_body;
};

} // namespace headkv
