// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// A value in a template. A discarded one is Jinja's undefined; tuples are arrays, namespaces objects.
using JinjaValue = nlohmann::ordered_json;

/// No text in a template grows longer than this (bytes); longer ones are refused.
constexpr std::size_t longestJinjaText = 65536;

// What follows behaves as in Jinja and Python.
// Errors: Input, where the type of a value is not one that is understood here.

[[nodiscard]] JinjaValue undefinedJinja();
/// The text of a string, the value of a whole number or a truth; others are refused.
[[nodiscard]] const std::string &textOf(const JinjaValue &value);
[[nodiscard]] std::int64_t integerOf(const JinjaValue &value);
/// Appends, unless the text would grow too long.
void growText(std::string &text, std::string_view more);
[[nodiscard]] bool isTruthy(const JinjaValue &value);
[[nodiscard]] bool areEqual(const JinjaValue &left, const JinjaValue &right);
/// What printing gives. Lists and dictionaries are refused: chat templates print them with tojson.
[[nodiscard]] std::string toText(const JinjaValue &value);
/// What a loop over a value visits: items, keys, characters.
[[nodiscard]] std::vector<JinjaValue> elementsOf(const JinjaValue &value);
/// container.name and container[key]; undefined where there is no such thing.
[[nodiscard]] JinjaValue itemOf(const JinjaValue &container, const JinjaValue &key);
/// container[begin:end:step]; null is a part left out.
[[nodiscard]] JinjaValue sliceOf(const JinjaValue &container, const JinjaValue &begin, const JinjaValue &end,
                                 const JinjaValue &step);
/// item in container
[[nodiscard]] bool containsItem(const JinjaValue &container, const JinjaValue &item);
/// An operator of two values: arithmetic, ~, comparison, in.
[[nodiscard]] JinjaValue binaryJinja(std::string_view name, const JinjaValue &left, const JinjaValue &right);
} // namespace headkv
