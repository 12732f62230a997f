// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/JinjaValue.h"

#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// What a filter, test or method is called with.
struct JinjaArguments
{
    std::vector<JinjaValue> values;                          ///< by position
    std::vector<std::pair<std::string, JinjaValue>> keyword; ///< by name
};

// What follows behaves as Jinja's and Python's functions of these names do (case and white space: ASCII only).
// Errors: Input, where a name, an argument or the type of a value is not one that is understood here.

[[nodiscard]] bool testJinja(std::string_view name, const JinjaValue &value, const JinjaArguments &arguments);
[[nodiscard]] JinjaValue filterJinja(std::string_view name, const JinjaValue &value, const JinjaArguments &arguments);
/// A method of a string or a dictionary.
[[nodiscard]] JinjaValue callJinjaMethod(const JinjaValue &object, std::string_view name,
                                         const JinjaArguments &arguments);

} // namespace headkv
