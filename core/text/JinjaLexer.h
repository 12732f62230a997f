// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// The smallest part of a Jinja template.
struct JinjaToken
{
    enum class Kind {
        Text, ///< printed as it is
        PrintBegin,
        PrintEnd, ///< {{ and }}
        TagBegin,
        TagEnd, ///< {% and %}
        Name,
        String,
        Integer,
        Float,
        Operator,
        End, ///< the end of the template; always the last
    };

    Kind kind = Kind::End;
    std::string text; ///< of a String: its value
};

/// Cuts a template into tokens. White space is stripped as chat templates are read: trim_blocks and lstrip_blocks on,
/// one line break at the end dropped; white space is ASCII. Comments are left out.
/// Errors: Input, where the text is no Jinja, or uses what this reader lacks (raw blocks).
[[nodiscard]] std::vector<JinjaToken> lexJinja(std::string_view jinja);

} // namespace headkv
