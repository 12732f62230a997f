// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/JinjaValue.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headkv {

struct JinjaNode;
using JinjaNodePtr = std::unique_ptr<JinjaNode>;

/// An expression or a statement. What the members hold is said with each kind; parts that were left out are null.
struct JinjaNode // NOLINT(bugprone-exception-escape): a JinjaValue may copy when it is moved; nodes never are
{
    enum class Kind {
        // Expressions
        Literal,   ///< value
        Name,      ///< name
        List,      ///< children: the items
        Dict,      ///< children: key, value, key, value …
        Attribute, ///< name, of children[0]
        Item,      ///< children: the container, the key
        Slice,     ///< children: the container, begin?, end?, step?
        Call,      ///< children: the callee, then arguments; named: keyword arguments
        Filter,    ///< name; children: the input, then arguments; named: keyword arguments
        Test,      ///< as Filter
        Not,
        Negative,
        Binary,    ///< name: the operator ("not in" too), of children[0] and [1]
        And,       ///< children: left, right
        Or,        ///< children: left, right
        Condition, ///< children: the value if true, the condition, the value if false?
        // Statements
        Body,  ///< children: statements
        Text,  ///< name: the text
        Print, ///< children[0]
        If,    ///< children: the condition, the body, what else? (a Body or an If)
        For,   ///< names: the targets; children: the items, the filter?, the body, the body where there is no item?
        Set,   ///< names: a variable, an attribute of it maybe; children[0]: an expression or a Body
        Macro, ///< name, names: the parameters; children: the body; named: defaults
        Break,
        Continue,
    };

    Kind kind = Kind::Literal;
    int depth = 1; ///< levels of nodes, this one included
    std::string name;
    std::vector<std::string> names;
    JinjaValue value;
    std::vector<JinjaNodePtr> children;
    std::vector<std::pair<std::string, JinjaNodePtr>> named;
};

/// The statements of a template, as a Body nested less than 400 levels deep.
/// Errors: Input, where the text is no Jinja, or uses what this reader lacks (include, call, filter blocks …).
[[nodiscard]] JinjaNodePtr parseJinja(std::string_view jinja);

} // namespace headkv
