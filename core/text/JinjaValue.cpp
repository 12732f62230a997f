// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaValue.h"

#include "core/text/JinjaGuard.h"
#include "core/text/Utf8.h"

#include <algorithm>

namespace headkv {

namespace {

bool isUndefined(const JinjaValue &value) { return value.is_discarded(); }

JinjaValue compared(std::string_view name, const JinjaValue &left, const JinjaValue &right)
{
    if (!(left.is_number() && right.is_number()) && !(left.is_string() && right.is_string()))
        refuseJinja("values that have no order are compared");
    if (name == "<")
        return left < right;
    if (name == ">")
        return right < left;
    return name == "<=" ? !(right < left) : !(left < right);
}

/// Of whole numbers; as Python, division rounds down.
JinjaValue wholeArithmetic(std::string_view name, std::int64_t left, std::int64_t right)
{
    constexpr std::int64_t greatest = std::int64_t{1} << 31; // keeps every result exact
    if (std::abs(left) > greatest || std::abs(right) > greatest)
        refuseJinja("a number is too great");
    if (name == "+")
        return left + right;
    if (name == "-")
        return left - right;
    if (name == "*")
        return left * right;
    if (right == 0)
        refuseJinja("a number is divided by 0");
    if (name == "/")
        return static_cast<double>(left) / static_cast<double>(right);
    const std::int64_t quotient = left / right - ((left % right != 0 && (left < 0) != (right < 0)) ? 1 : 0);
    return name == "//" ? quotient : left - quotient * right;
}

} // namespace

JinjaValue undefinedJinja() { return JinjaValue(JinjaValue::value_t::discarded); }

const std::string &textOf(const JinjaValue &value)
{
    if (!value.is_string())
        refuseJinja("a " + std::string(isUndefined(value) ? "undefined value" : value.type_name()) +
                    " stands in place of a string");
    return value.get_ref<const std::string &>();
}

std::int64_t integerOf(const JinjaValue &value)
{
    if (value.is_boolean())
        return value.get<bool>() ? 1 : 0;
    if (!value.is_number_integer())
        refuseJinja("a value is no whole number");
    return value.get<std::int64_t>();
}

void growText(std::string &text, std::string_view more)
{
    if (text.size() + more.size() > longestJinjaText)
        refuseJinja("a text grows too long");
    text += more;
}

bool isTruthy(const JinjaValue &value)
{
    if (value.is_string())
        return !textOf(value).empty();
    if (value.is_structured())
        return !value.empty();
    if (value.is_boolean())
        return value.get<bool>();
    return value.is_number() && value.get<double>() != 0;
}

bool areEqual(const JinjaValue &left, const JinjaValue &right)
{
    if (isUndefined(left) || isUndefined(right))
        return isUndefined(left) && isUndefined(right);
    if ((left.is_boolean() && right.is_number()) || (left.is_number() && right.is_boolean()))
        return integerOf(left) == integerOf(right);
    return left == right;
}

std::string toText(const JinjaValue &value)
{
    if (value.is_string())
        return textOf(value);
    if (isUndefined(value))
        return {};
    if (value.is_null())
        return "None";
    if (value.is_boolean())
        return value.get<bool>() ? "True" : "False";
    if (value.is_structured())
        refuseJinja("a list or dictionary is printed as it is");
    return value.dump();
}

std::vector<JinjaValue> elementsOf(const JinjaValue &value)
{
    std::vector<JinjaValue> elements;
    if (value.is_array()) {
        elements.assign(value.begin(), value.end());
    } else if (value.is_object()) {
        for (const auto &[key, item] : value.items())
            elements.emplace_back(key);
    } else if (value.is_string()) {
        for (const char32_t codePoint : toCodePoints(textOf(value)))
            elements.emplace_back(toUtf8(codePoint));
    } else if (!isUndefined(value)) {
        refuseJinja("a value that holds no items is looped over");
    }
    return elements;
}

JinjaValue itemOf(const JinjaValue &container, const JinjaValue &key)
{
    if (isUndefined(container))
        refuseJinja("an item of an undefined value is asked for");
    if (container.is_object() && key.is_string()) {
        const auto found = container.find(textOf(key));
        return found == container.end() ? undefinedJinja() : *found;
    }
    if (!key.is_number_integer() || (!container.is_array() && !container.is_string()))
        return undefinedJinja();
    const std::vector<JinjaValue> elements = elementsOf(container);
    const auto size = static_cast<std::int64_t>(elements.size());
    const std::int64_t index = integerOf(key) + (integerOf(key) < 0 ? size : 0);
    return index < 0 || index >= size ? undefinedJinja() : elements[static_cast<std::size_t>(index)];
}

JinjaValue sliceOf(const JinjaValue &container, const JinjaValue &begin, const JinjaValue &end, const JinjaValue &step)
{
    if (!container.is_array() && !container.is_string())
        refuseJinja("a value that is no list and no string is sliced");
    const std::vector<JinjaValue> elements = elementsOf(container);
    const auto size = static_cast<std::int64_t>(elements.size());
    const std::int64_t stride = step.is_null() ? 1 : integerOf(step);
    if (stride == 0 || std::abs(stride) > static_cast<std::int64_t>(longestJinjaText))
        refuseJinja("a slice has a step that is not understood");
    const std::int64_t lowest = stride > 0 ? 0 : -1, highest = stride > 0 ? size : size - 1;
    const auto bound = [&](const JinjaValue &part, std::int64_t without) {
        if (part.is_null())
            return without;
        const std::int64_t index = integerOf(part);
        return std::clamp(index < 0 ? index + size : index, lowest, highest);
    };
    const std::int64_t from = bound(begin, stride > 0 ? lowest : highest),
                       to = bound(end, stride > 0 ? highest : lowest);
    JinjaValue items = JinjaValue::array();
    for (std::int64_t i = from; stride > 0 ? i < to : i > to; i += stride)
        items.push_back(elements[static_cast<std::size_t>(i)]);
    if (container.is_array())
        return items;
    std::string text;
    for (const auto &character : items)
        text += textOf(character);
    return text;
}

bool containsItem(const JinjaValue &container, const JinjaValue &item)
{
    if (container.is_string())
        return textOf(container).find(textOf(item)) != std::string::npos;
    if (container.is_object())
        return item.is_string() && container.contains(textOf(item));
    const std::vector<JinjaValue> elements = elementsOf(container);
    return std::any_of(elements.begin(), elements.end(), [&item](const JinjaValue &e) { return areEqual(e, item); });
}

JinjaValue binaryJinja(std::string_view name, const JinjaValue &left, const JinjaValue &right)
{
    if (name == "==" || name == "!=")
        return areEqual(left, right) == (name == "==");
    if (name == "in" || name == "not in")
        return containsItem(right, left) == (name == "in");
    if (name[0] == '<' || name[0] == '>')
        return compared(name, left, right);
    if (name == "~" || (name == "+" && left.is_string() && right.is_string())) {
        std::string text = toText(left);
        growText(text, toText(right));
        return text;
    }
    if (name == "+" && left.is_array() && right.is_array()) {
        JinjaValue list = left;
        list.insert(list.end(), right.begin(), right.end());
        return list;
    }
    if (left.is_number_float() || right.is_number_float())
        refuseJinja("a number that is not whole is computed with");
    return wholeArithmetic(name, integerOf(left), integerOf(right));
}

} // namespace headkv
