// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaFunctions.h"

#include "core/text/JinjaGuard.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>

namespace headkv {

namespace {

constexpr std::string_view blank = " \t\n\r\f\v";

bool isUndefined(const JinjaValue &value) { return value.is_discarded(); }

/// The argument of a position or name; undefined where it is not given.
JinjaValue argument(const JinjaArguments &arguments, std::size_t position, std::string_view name)
{
    if (position < arguments.values.size())
        return arguments.values[position];
    for (const auto &[key, value] : arguments.keyword) {
        if (key == name)
            return value;
    }
    return undefinedJinja();
}

void requireAtMost(const JinjaArguments &arguments, std::size_t count, std::string_view function)
{
    if (arguments.values.size() + arguments.keyword.size() > count)
        refuseJinja(std::string(function) + " has arguments that are not understood");
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string mapped(std::string text, char (*change)(char))
{
    std::transform(text.begin(), text.end(), text.begin(), change);
    return text;
}

/// Each word's first letter in upper case, the others in lower case; or the whole text's first only.
std::string capitalized(std::string text, bool eachWord)
{
    bool first = true;
    for (char &c : text) {
        c = first ? upper(c) : lower(c);
        first = eachWord && lower(c) == upper(c);
    }
    return text;
}

std::string stripped(std::string_view text, const JinjaValue &characters, bool left, bool right)
{
    const std::string set = isUndefined(characters) || characters.is_null() ? std::string(blank) : textOf(characters);
    if (left)
        text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
    if (right)
        text = text.substr(0, text.find_last_not_of(set) + 1);
    return std::string(text);
}

/// As Python's split and rsplit: at white space without a separator, at most `limit` cuts where that is not negative.
JinjaValue split(std::string_view text, const JinjaValue &separator, std::int64_t limit, bool fromRight)
{
    std::vector<std::string> parts;
    if (isUndefined(separator) || separator.is_null()) {
        if (limit >= 0)
            refuseJinja("a split at white space has a limit");
        for (std::size_t begin = text.find_first_not_of(blank); begin < text.size();) {
            const std::size_t end = std::min(text.find_first_of(blank, begin), text.size());
            parts.emplace_back(text.substr(begin, end - begin));
            begin = text.find_first_not_of(blank, end);
        }
        return parts;
    }
    const std::string &cut = textOf(separator);
    if (cut.empty())
        refuseJinja("a split has an empty separator");
    for (; limit != 0; --limit) {
        const std::size_t at = fromRight ? text.rfind(cut) : text.find(cut);
        if (at == std::string_view::npos)
            break;
        parts.emplace_back(fromRight ? text.substr(at + cut.size()) : text.substr(0, at));
        text = fromRight ? text.substr(0, at) : text.substr(at + cut.size());
    }
    parts.emplace_back(text);
    if (fromRight)
        std::reverse(parts.begin(), parts.end());
    return parts;
}

std::string replaced(std::string_view text, const std::string &from, const std::string &to)
{
    if (from.empty())
        refuseJinja("a replacement of an empty text");
    std::string result;
    for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
        growText(result, text.substr(0, at));
        growText(result, to);
        text.remove_prefix(at + from.size());
    }
    growText(result, text);
    return result;
}

std::string joined(const std::vector<JinjaValue> &parts, const std::string &separator)
{
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        growText(text, i > 0 ? separator : "");
        growText(text, toText(parts[i]));
    }
    return text;
}

/// As Python's json.dumps.
std::string toJson(const JinjaValue &value)
{
    if (isUndefined(value))
        refuseJinja("an undefined value is written as JSON");
    if (!value.is_structured())
        return value.dump(-1, ' ', false, JinjaValue::error_handler_t::replace);
    std::string text(1, value.is_array() ? '[' : '{');
    for (const auto &[key, item] : value.items()) {
        growText(text, text.size() > 1 ? ", " : "");
        growText(text, value.is_object() ? toJson(key) + ": " : "");
        growText(text, toJson(item));
    }
    return text + (value.is_array() ? ']' : '}');
}

JinjaValue dictionaryItems(const JinjaValue &dictionary)
{
    JinjaValue items = JinjaValue::array();
    if (isUndefined(dictionary))
        return items;
    if (!dictionary.is_object())
        refuseJinja("a value is no dictionary");
    for (const auto &[key, value] : dictionary.items())
        items.push_back(JinjaValue::array({key, value}));
    return items;
}

JinjaValue lengthOf(const JinjaValue &value)
{
    if (value.is_structured())
        return static_cast<std::int64_t>(value.size());
    return static_cast<std::int64_t>(isUndefined(value) ? 0 : toCodePoints(textOf(value)).size());
}

/// select, reject, selectattr and rejectattr.
JinjaValue selected(const JinjaValue &value, JinjaArguments arguments, bool byAttribute, bool wanted)
{
    std::optional<JinjaValue> attribute;
    if (byAttribute) {
        if (arguments.values.empty())
            refuseJinja("a selection lacks its attribute");
        attribute = arguments.values.front();
        arguments.values.erase(arguments.values.begin());
    }
    std::string test;
    if (!arguments.values.empty()) {
        test = textOf(arguments.values.front());
        arguments.values.erase(arguments.values.begin());
    }
    JinjaValue result = JinjaValue::array();
    if (!isTruthy(value)) // none, too
        return result;
    for (const JinjaValue &element : elementsOf(value)) {
        const JinjaValue tested = attribute ? itemOf(element, *attribute) : element;
        if ((test.empty() ? isTruthy(tested) : testJinja(test, tested, arguments)) == wanted)
            result.push_back(element);
    }
    return result;
}

/// map with attribute=…, or with the name of a filter.
JinjaValue mappedElements(const JinjaValue &value, JinjaArguments arguments)
{
    const JinjaValue attribute = argument(arguments, arguments.values.size(), "attribute");
    if (isUndefined(attribute) == arguments.values.empty())
        refuseJinja("map has arguments that are not understood");
    JinjaValue result = JinjaValue::array();
    std::string filter;
    if (isUndefined(attribute)) {
        filter = textOf(arguments.values.front());
        arguments.values.erase(arguments.values.begin());
        if (filter == "map")
            refuseJinja("map within map");
    }
    for (const JinjaValue &element : isTruthy(value) ? elementsOf(value) : std::vector<JinjaValue>())
        result.push_back(filter.empty() ? itemOf(element, attribute) : filterJinja(filter, element, arguments));
    return result;
}

/// The whole number that a text or number holds; else 0, or what is given for that.
JinjaValue wholeNumber(const JinjaValue &value, const JinjaArguments &arguments)
{
    requireAtMost(arguments, 1, "int");
    if (value.is_number_float() || value.is_boolean())
        return value.is_boolean() ? integerOf(value) : static_cast<std::int64_t>(value.get<double>());
    const std::string text = stripped(toText(value), undefinedJinja(), true, true);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size())
        return number;
    const JinjaValue other = argument(arguments, 0, "default");
    return isUndefined(other) ? JinjaValue(0) : other;
}

/// A text with each {} replaced by the next argument.
JinjaValue formatted(std::string_view text, const JinjaArguments &arguments)
{
    std::string result;
    for (const JinjaValue &value : arguments.values) {
        const std::size_t at = std::min(text.find("{}"), text.size());
        growText(result, text.substr(0, at));
        if (at < text.size())
            growText(result, toText(value));
        text.remove_prefix(std::min(at + 2, text.size()));
    }
    growText(result, text);
    if (!arguments.keyword.empty() || result.find_first_of("{}") != std::string::npos)
        refuseJinja("a text is formatted in a way that is not understood");
    return result;
}

JinjaValue firstOrLast(const JinjaValue &value, bool first)
{
    const std::vector<JinjaValue> elements = elementsOf(value);
    return elements.empty() ? undefinedJinja() : first ? elements.front() : elements.back();
}

JinjaValue reversed(const JinjaValue &value)
{
    const JinjaValue minusOne = -1;
    return sliceOf(value, nullptr, nullptr, minusOne);
}

JinjaValue defaulted(const JinjaValue &value, const JinjaArguments &arguments)
{
    requireAtMost(arguments, 2, "default");
    const bool falseToo = isTruthy(argument(arguments, 1, "boolean"));
    if (!isUndefined(value) && !(falseToo && !isTruthy(value)))
        return value;
    const JinjaValue other = argument(arguments, 0, "default_value");
    return isUndefined(other) && arguments.values.empty() ? JinjaValue("") : other;
}

JinjaValue jsonFilter(const JinjaValue &value, const JinjaArguments &arguments)
{
    for (const auto &[name, given] : arguments.keyword) {
        if (name != "ensure_ascii" || isTruthy(given))
            refuseJinja("tojson has arguments that are not understood");
    }
    requireAtMost(arguments, arguments.keyword.size(), "tojson");
    return toJson(value);
}

using Filter = std::function<JinjaValue(const JinjaValue &, const JinjaArguments &)>;

const std::map<std::string_view, Filter> &filters()
{
    using V = const JinjaValue &;
    using A = const JinjaArguments &;
    static const std::map<std::string_view, Filter> all = {
        {"trim", [](V v, A a) -> JinjaValue { return stripped(toText(v), argument(a, 0, "chars"), true, true); }},
        {"length", [](V v, A) { return lengthOf(v); }},
        {"count", [](V v, A) { return lengthOf(v); }},
        {"default", defaulted},
        {"d", defaulted},
        {"int", wholeNumber},
        {"tojson", jsonFilter},
        {"upper", [](V v, A) -> JinjaValue { return mapped(toText(v), upper); }},
        {"lower", [](V v, A) -> JinjaValue { return mapped(toText(v), lower); }},
        {"capitalize", [](V v, A) -> JinjaValue { return capitalized(toText(v), false); }},
        {"title", [](V v, A) -> JinjaValue { return capitalized(toText(v), true); }},
        {"string", [](V v, A) -> JinjaValue { return toText(v); }},
        {"safe", [](V v, A) -> JinjaValue { return toText(v); }},
        {"first", [](V v, A) { return firstOrLast(v, true); }},
        {"last", [](V v, A) { return firstOrLast(v, false); }},
        {"list", [](V v, A) -> JinjaValue { return elementsOf(v); }},
        {"items", [](V v, A) { return dictionaryItems(v); }},
        {"reverse", [](V v, A) { return reversed(v); }},
        {"select", [](V v, A a) { return selected(v, a, false, true); }},
        {"reject", [](V v, A a) { return selected(v, a, false, false); }},
        {"selectattr", [](V v, A a) { return selected(v, a, true, true); }},
        {"rejectattr", [](V v, A a) { return selected(v, a, true, false); }},
        {"map", mappedElements},
        {"replace",
         [](V v, A a) -> JinjaValue {
             requireAtMost(a, 2, "replace");
             return replaced(toText(v), textOf(argument(a, 0, "old")), textOf(argument(a, 1, "new")));
         }},
        {"join",
         [](V v, A a) -> JinjaValue {
             requireAtMost(a, 1, "join");
             const JinjaValue separator = argument(a, 0, "d");
             return joined(elementsOf(v), isUndefined(separator) ? "" : toText(separator));
         }},
    };
    return all;
}

using Test = std::function<bool(const JinjaValue &, const JinjaArguments &)>;

bool equalsArgument(const JinjaValue &value, const JinjaArguments &arguments)
{
    return areEqual(value, argument(arguments, 0, "other"));
}

bool isDivisible(const JinjaValue &value, std::int64_t by)
{
    return by == -1 ? true : by != 0 ? integerOf(value) % by == 0 : (refuseJinja("a number is divided by 0"), false);
}

const std::map<std::string_view, Test> &tests()
{
    using V = const JinjaValue &;
    using A = const JinjaArguments &;
    static const std::map<std::string_view, Test> all = {
        {"defined", [](V v, A) { return !isUndefined(v); }},
        {"undefined", [](V v, A) { return isUndefined(v); }},
        {"none", [](V v, A) { return v.is_null(); }},
        {"string", [](V v, A) { return v.is_string(); }},
        {"mapping", [](V v, A) { return v.is_object(); }},
        {"sequence", [](V v, A) { return v.is_string() || v.is_structured(); }},
        {"iterable", [](V v, A) { return v.is_string() || v.is_structured() || isUndefined(v); }},
        {"number", [](V v, A) { return v.is_number() || v.is_boolean(); }},
        {"integer", [](V v, A) { return v.is_number_integer(); }},
        {"float", [](V v, A) { return v.is_number_float(); }},
        {"boolean", [](V v, A) { return v.is_boolean(); }},
        {"true", [](V v, A) { return v.is_boolean() && v.get<bool>(); }},
        {"false", [](V v, A) { return v.is_boolean() && !v.get<bool>(); }},
        {"odd", [](V v, A) { return !isDivisible(v, 2); }},
        {"even", [](V v, A) { return isDivisible(v, 2); }},
        {"divisibleby", [](V v, A a) { return isDivisible(v, integerOf(argument(a, 0, "num"))); }},
        {"equalto", equalsArgument},
        {"eq", equalsArgument},
        {"==", equalsArgument},
        {"ne", std::not_fn(equalsArgument)},
        {"!=", std::not_fn(equalsArgument)},
        {"in", [](V v, A a) { return containsItem(argument(a, 0, "seq"), v); }},
    };
    return all;
}

JinjaValue callStringMethod(const std::string &text, std::string_view name, const JinjaArguments &arguments)
{
    const JinjaValue first = argument(arguments, 0, name == "split" || name == "rsplit" ? "sep" : "");
    const auto ends = [&](auto holds) {
        const std::vector<JinjaValue> wanted = first.is_array() ? elementsOf(first) : std::vector<JinjaValue>{first};
        return std::any_of(wanted.begin(), wanted.end(), [&](const JinjaValue &part) { return holds(textOf(part)); });
    };
    if (name == "format")
        return formatted(text, arguments);
    requireAtMost(arguments, 2, name);
    if (name == "strip" || name == "lstrip" || name == "rstrip")
        return stripped(text, first, name != "rstrip", name != "lstrip");
    if (name == "split" || name == "rsplit") {
        const JinjaValue limit = argument(arguments, 1, "maxsplit");
        return split(text, first, isUndefined(limit) ? -1 : integerOf(limit), name == "rsplit");
    }
    if (name == "replace")
        return replaced(text, textOf(first), textOf(argument(arguments, 1, "")));
    requireAtMost(arguments, 1, name);
    if (name == "startswith")
        return ends([&text](const std::string &part) { return text.starts_with(part); });
    if (name == "endswith")
        return ends([&text](const std::string &part) { return text.ends_with(part); });
    if (name == "join")
        return joined(elementsOf(first), text);
    if (name == "find") {
        const std::size_t at = text.find(textOf(first));
        return at == std::string::npos ? std::int64_t{-1}
                                       : static_cast<std::int64_t>(toCodePoints(text.substr(0, at)).size());
    }
    requireAtMost(arguments, 0, name);
    if (name == "upper" || name == "lower" || name == "title" || name == "capitalize")
        return filterJinja(name, text, {});
    refuseJinja("a string has no method \"" + std::string(name) + "\" here");
}

} // namespace

bool testJinja(std::string_view name, const JinjaValue &value, const JinjaArguments &arguments)
{
    const auto test = tests().find(name);
    if (test == tests().end())
        refuseJinja("it has a test \"" + std::string(name) + "\"");
    return test->second(value, arguments);
}

JinjaValue filterJinja(std::string_view name, const JinjaValue &value, const JinjaArguments &arguments)
{
    const auto filter = filters().find(name);
    if (filter == filters().end())
        refuseJinja("it has a filter \"" + std::string(name) + "\"");
    return filter->second(value, arguments);
}

JinjaValue callJinjaMethod(const JinjaValue &object, std::string_view name, const JinjaArguments &arguments)
{
    if (object.is_string())
        return callStringMethod(textOf(object), name, arguments);
    if (!object.is_object())
        refuseJinja("it has a method \"" + std::string(name) + "\" of a value that has none here");
    if (name == "get") {
        requireAtMost(arguments, 2, name);
        const JinjaValue found = itemOf(object, argument(arguments, 0, ""));
        const JinjaValue other = argument(arguments, 1, "");
        return !isUndefined(found) ? found : isUndefined(other) ? JinjaValue(nullptr) : other;
    }
    requireAtMost(arguments, 0, name);
    if (name == "items")
        return dictionaryItems(object);
    if (name == "keys")
        return elementsOf(object);
    if (name == "values") {
        JinjaValue values = JinjaValue::array();
        for (const auto &item : object)
            values.push_back(item);
        return values;
    }
    refuseJinja("a dictionary has no method \"" + std::string(name) + "\" here");
}

} // namespace headkv
