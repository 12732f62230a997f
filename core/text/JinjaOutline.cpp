// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaOutline.h"

#include <algorithm>
#include <map>
#include <optional>

namespace headkv {

namespace {

constexpr std::string_view blank = " \t\r\n";

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(blank);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

bool isNameCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/// The first word, and what follows it.
std::pair<std::string_view, std::string_view> splitWord(std::string_view text)
{
    text = trimmed(text);
    const auto end = std::find_if_not(text.begin(), text.end(), isNameCharacter) - text.begin();
    return {text.substr(0, static_cast<std::size_t>(end)), trimmed(text.substr(static_cast<std::size_t>(end)))};
}

char unescaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    default:
        return c;
    }
}

/// Reads a string literal at the start of `rest` and moves past it.
std::string takeLiteral(std::string_view &rest)
{
    const char quote = rest.front();
    std::string text;
    std::size_t i = 1;
    for (; i < rest.size() && rest[i] != quote; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size())
            text += unescaped(rest[++i]);
        else
            text += rest[i];
    }
    rest.remove_prefix(std::min(i + 1, rest.size()));
    return text;
}

/// Moves past a bracketed part at the start of `rest`, with what is nested in it.
void skipBrackets(std::string_view &rest)
{
    int depth = 0;
    do {
        const char c = rest.front();
        if (c == '\'' || c == '"') {
            takeLiteral(rest);
            continue;
        }
        depth += c == '[' || c == '(' || c == '{' ? 1 : 0;
        depth -= c == ']' || c == ')' || c == '}' ? 1 : 0;
        rest.remove_prefix(1);
    } while (depth > 0 && !rest.empty());
}

using Variables = std::map<std::string, std::string, std::less<>>;

void appendValue(std::string &text)
{
    if (text.empty() || text.back() != JinjaOutput::value)
        text += JinjaOutput::value;
}

/// A name with its indices and arguments, e.g. message['role'].
void takeName(std::string_view &rest, const Variables &variables, std::string &text)
{
    const std::string_view name = splitWord(rest).first;
    rest.remove_prefix(name.size());
    bool plain = true;
    while (!rest.empty() && (rest.front() == '[' || rest.front() == '(')) {
        skipBrackets(rest);
        plain = false;
    }
    const auto variable = variables.find(name);
    if (plain && variable != variables.end())
        text += variable->second;
    else
        appendValue(text);
}

/// What an expression prints.
std::string printed(std::string_view expression, const Variables &variables)
{
    std::string text;
    while (!expression.empty()) {
        const char c = expression.front();
        if (c == '\'' || c == '"') {
            text += takeLiteral(expression);
        } else if (isNameCharacter(c)) {
            takeName(expression, variables, text);
        } else if (c == '[' || c == '{') {
            skipBrackets(expression);
            appendValue(text);
        } else {
            if (blank.find(c) == std::string_view::npos && c != '+' && c != '~' && c != '(' && c != ')')
                appendValue(text);
            expression.remove_prefix(1);
        }
    }
    return text;
}

/// A tag of the template: {{ … }}, {% … %} or {# … #}.
struct Tag
{
    std::size_t begin = 0, end = 0;
    char kind = 0; ///< the second character
    std::string_view inside;
    bool trimBefore = false, trimAfter = false; ///< the dashes
    bool keepsBefore = false;                   ///< a plus sign: lstrip_blocks is off here
};

std::size_t findTagEnd(std::string_view jinja, std::size_t begin, char kind)
{
    const char close = kind == '{' ? '}' : kind;
    std::string_view rest = jinja.substr(begin);
    while (rest.size() >= 2) {
        if (rest[0] == close && rest[1] == '}')
            return jinja.size() - rest.size() + 2;
        if (kind != '#' && (rest[0] == '\'' || rest[0] == '"'))
            takeLiteral(rest);
        else if (kind == '{' && rest[0] == '{')
            skipBrackets(rest);
        else
            rest.remove_prefix(1);
    }
    return jinja.size();
}

std::optional<Tag> findTag(std::string_view jinja, std::size_t from)
{
    for (std::size_t i = jinja.find('{', from); i != std::string_view::npos; i = jinja.find('{', i + 1)) {
        if (i + 1 >= jinja.size() || std::string_view("{%#").find(jinja[i + 1]) == std::string_view::npos)
            continue;
        Tag tag;
        tag.begin = i;
        tag.kind = jinja[i + 1];
        tag.end = findTagEnd(jinja, i + 2, tag.kind);
        std::string_view inside = jinja.substr(i + 2, tag.end - i - 2);
        inside.remove_suffix(std::min<std::size_t>(2, inside.size()));
        tag.trimBefore = !inside.empty() && inside.front() == '-';
        tag.keepsBefore = !inside.empty() && inside.front() == '+';
        if (tag.trimBefore || tag.keepsBefore)
            inside.remove_prefix(1);
        tag.trimAfter = !inside.empty() && inside.back() == '-';
        if (tag.trimAfter)
            inside.remove_suffix(1);
        tag.inside = trimmed(inside);
        return tag;
    }
    return std::nullopt;
}

/// Text between two tags as it is printed.
std::string_view strippedBetween(std::string_view text, const std::optional<Tag> &before,
                                 const std::optional<Tag> &after)
{
    if (before && before->trimAfter)
        text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    else if (before && before->kind != '{' && !text.empty() && text.front() == '\n')
        text.remove_prefix(1);
    if (after && after->trimBefore)
        return text.substr(0, text.find_last_not_of(blank) + 1);
    if (after && after->kind != '{' && !after->keepsBefore) {
        const std::size_t last = text.find_last_not_of(" \t");
        if (last == std::string_view::npos ? !before || before->end == 0 || text.empty() : text[last] == '\n')
            return text.substr(0, last + 1);
    }
    return text;
}

/// Walks the tags of one template.
class Outliner
{
public:
    explicit Outliner(bool (*holds)(std::string_view))
        : m_holds(holds)
    {}

    std::vector<JinjaOutput> run(std::string_view jinja)
    {
        std::optional<Tag> before;
        for (std::size_t position = 0; position < jinja.size(); position = before->end) {
            const std::optional<Tag> tag = findTag(jinja, position);
            const std::size_t end = tag ? tag->begin : jinja.size();
            print(std::string(strippedBetween(jinja.substr(position, end - position), before, tag)));
            if (!tag)
                break;
            if (tag->kind == '{')
                print(printed(tag->inside, m_variables));
            else if (tag->kind == '%')
                statement(tag->inside);
            before = tag;
        }
        return std::move(m_outputs);
    }

private:
    void print(std::string text)
    {
        if (!text.empty())
            m_outputs.push_back({std::move(text), m_conditions});
    }

    void statement(std::string_view inside)
    {
        const auto [word, rest] = splitWord(inside);
        if (word == "if") {
            m_conditions.emplace_back(rest);
        } else if (word == "elif" && !m_conditions.empty()) {
            m_conditions.back() = rest;
        } else if (word == "else" && !m_conditions.empty()) {
            m_conditions.back() = "not (" + m_conditions.back() + ")";
        } else if (word == "endif" && !m_conditions.empty()) {
            m_conditions.pop_back();
        } else if (word == "set" && std::all_of(m_conditions.begin(), m_conditions.end(), m_holds)) {
            const auto [name, right] = splitWord(rest);
            if (!right.empty() && right.front() == '=')
                m_variables.insert_or_assign(std::string(name), printed(right.substr(1), m_variables));
        }
    }

    bool (*m_holds)(std::string_view);
    std::vector<std::string> m_conditions;
    Variables m_variables;
    std::vector<JinjaOutput> m_outputs;
};

} // namespace

std::vector<JinjaOutput> outlineJinja(std::string_view jinja, bool (*holds)(std::string_view condition))
{
    return Outliner(holds).run(jinja);
}

} // namespace headkv
