// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaLexer.h"

#include "core/text/JinjaGuard.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <array>
#include <optional>

namespace headkv {

namespace {

using Kind = JinjaToken::Kind;

constexpr std::string_view blank = " \t\n\r\f\v";

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isNameCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_'; }

/// Line breaks as "\n"; one at the end is dropped.
std::string withPlainLineBreaks(std::string_view jinja)
{
    std::string text;
    text.reserve(jinja.size());
    for (std::size_t i = 0; i < jinja.size(); ++i) {
        if (jinja[i] == '\r' && i + 1 < jinja.size() && jinja[i + 1] == '\n')
            continue;
        text += jinja[i] == '\r' ? '\n' : jinja[i];
    }
    if (text.ends_with('\n'))
        text.pop_back();
    return text;
}

/// A code point written with digits of a base at `position`, which is moved past them.
std::string takeCodePoint(std::string_view text, std::size_t &position, std::size_t digits, bool exactly, unsigned base)
{
    char32_t value = 0;
    std::size_t taken = 0;
    for (; taken < digits && position < text.size(); ++taken, ++position) {
        const char c = text[position];
        const unsigned digit = isDigit(c)             ? c - '0'
                               : c >= 'a' && c <= 'f' ? c - 'a' + 10
                               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                      : 99;
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    if ((exactly && taken < digits) || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        refuseJinja("a string has a character escape that names no character");
    return toUtf8(value);
}

/// What a backslash and the characters after it stand for, as in Python; `position` is just after the backslash.
std::string takeEscape(std::string_view text, std::size_t &position)
{
    constexpr std::string_view letters = "ntrabfv\\'\"", values = "\n\t\r\a\b\f\v\\'\"";
    const char c = text[position];
    if (const std::size_t found = letters.find(c); found != std::string_view::npos) {
        ++position;
        return std::string(1, values[found]);
    }
    if (c >= '0' && c <= '7')
        return takeCodePoint(text, position, 3, false, 8);
    if (c == 'N')
        refuseJinja("a string has a character given by its name");
    if (c == 'x' || c == 'u' || c == 'U')
        return takeCodePoint(text, ++position, c == 'x' ? 2 : c == 'u' ? 4 : 8, true, 16);
    ++position;
    return c == '\n' ? std::string() : std::string{'\\', c};
}

/// Walks one template.
class Lexer
{
public:
    explicit Lexer(std::string_view jinja)
        : m_text(withPlainLineBreaks(jinja))
        , m_rest(m_text)
    {}

    std::vector<JinjaToken> run()
    {
        while (!m_rest.empty()) {
            text();
            if (m_rest.empty())
                break;
            const char kind = m_rest[1];
            take(2);
            if (m_rest.starts_with('-') || m_rest.starts_with('+'))
                take(1);
            if (kind == '#')
                comment();
            else
                inside(kind);
        }
        add(Kind::End);
        return std::move(m_tokens);
    }

private:
    void add(Kind kind, std::string_view text = {}) { m_tokens.push_back({kind, std::string(text)}); }

    std::string_view take(std::size_t size)
    {
        const std::string_view taken = m_rest.substr(0, size);
        m_rest.remove_prefix(taken.size());
        if (!taken.empty())
            m_lineBegins = taken.back() == '\n';
        return taken;
    }

    void skipBlank() { take(std::min(m_rest.find_first_not_of(blank), m_rest.size())); }

    /// Text up to the next {{, {% or {#, without the white space that the tag strips.
    void text()
    {
        std::size_t end = m_rest.find('{');
        while (end != std::string_view::npos &&
               (end + 1 == m_rest.size() || std::string_view("{%#").find(m_rest[end + 1]) == std::string_view::npos))
            end = m_rest.find('{', end + 1);
        const bool lineBegins = m_lineBegins;
        std::string_view text = take(end);
        if (m_rest.size() > 2 && m_rest[2] == '-') {
            text = text.substr(0, text.find_last_not_of(blank) + 1);
        } else if (m_rest.size() > 2 && m_rest[2] != '+' && m_rest[1] != '{') {
            const std::size_t line = text.rfind('\n') + 1;
            if ((line > 0 || lineBegins) && text.find_first_not_of(blank, line) == std::string_view::npos)
                text = text.substr(0, line);
        }
        if (!text.empty())
            add(Kind::Text, text);
    }

    void comment()
    {
        const std::size_t end = m_rest.find("#}");
        if (end == std::string_view::npos)
            refuseJinja("a comment does not end");
        const char sign = end > 0 ? m_rest[end - 1] : '#';
        take(end + 2);
        afterBlock(sign);
    }

    /// The white space that a tag with this character before its end takes with it.
    void afterBlock(char sign)
    {
        if (sign == '-')
            skipBlank();
        else if (sign != '+' && m_rest.starts_with('\n'))
            take(1);
    }

    /// What stands between {{ and }} or {% and %}.
    void inside(char kind)
    {
        const bool prints = kind == '{';
        add(prints ? Kind::PrintBegin : Kind::TagBegin);
        for (int depth = 0;;) {
            skipBlank();
            if (m_rest.empty())
                refuseJinja("a tag does not end");
            if (depth == 0 && tagEnds(prints))
                return;
            depth += std::string_view("([{").find(m_rest[0]) != std::string_view::npos ? 1 : 0;
            depth -= std::string_view(")]}").find(m_rest[0]) != std::string_view::npos ? 1 : 0;
            if (depth < 0)
                refuseJinja("a bracket closes that was not opened");
            token();
        }
    }

    bool tagEnds(bool prints)
    {
        const char sign = m_rest[0] == '-' || (m_rest[0] == '+' && !prints) ? m_rest[0] : '\0';
        const std::size_t signSize = sign == '\0' ? 0 : 1;
        if (!m_rest.substr(signSize).starts_with(prints ? "}}" : "%}"))
            return false;
        take(signSize + 2);
        add(prints ? Kind::PrintEnd : Kind::TagEnd);
        if (prints && sign == '-')
            skipBlank();
        else if (!prints)
            afterBlock(sign);
        return true;
    }

    void token()
    {
        const char c = m_rest[0];
        if (c == '\'' || c == '"')
            string();
        else if (isDigit(c))
            number();
        else if (isNameCharacter(c))
            add(Kind::Name, take(std::min(lengthOf(isNameCharacter), m_rest.size())));
        else
            add(Kind::Operator, take(operatorSize()));
    }

    std::size_t lengthOf(bool (*belongs)(char)) const
    {
        return static_cast<std::size_t>(std::find_if_not(m_rest.begin(), m_rest.end(), belongs) - m_rest.begin());
    }

    void number()
    {
        std::string digits(take(lengthOf(isDigit)));
        const bool isFloat = m_rest.size() > 1 && m_rest[0] == '.' && isDigit(m_rest[1]);
        if (isFloat) {
            digits += take(1);
            digits += take(lengthOf(isDigit));
        }
        if (digits.size() > 18 || (!m_rest.empty() && isNameCharacter(m_rest[0])))
            refuseJinja("a number is not written in plain digits");
        add(isFloat ? Kind::Float : Kind::Integer, digits);
    }

    void string()
    {
        const char quote = m_rest[0];
        std::string value;
        for (std::size_t i = 1; i < m_rest.size();) {
            if (m_rest[i] == quote) {
                take(i + 1);
                return add(Kind::String, value);
            }
            if (m_rest[i] == '\\' && i + 1 < m_rest.size())
                value += takeEscape(m_rest, ++i);
            else
                value += m_rest[i++];
        }
        refuseJinja("a string does not end");
    }

    std::size_t operatorSize() const
    {
        constexpr std::array<std::string_view, 6> pairs = {"//", "**", "==", "!=", ">=", "<="};
        if (std::find(pairs.begin(), pairs.end(), m_rest.substr(0, 2)) != pairs.end())
            return 2;
        if (std::string_view("+-/*%~[](){}><=.:|,;").find(m_rest[0]) == std::string_view::npos)
            refuseJinja("a tag holds a character that means nothing there");
        return 1;
    }

    const std::string m_text;
    std::string_view m_rest;
    bool m_lineBegins = true; ///< whether m_rest stands at the beginning of a line
    std::vector<JinjaToken> m_tokens;
};

} // namespace

std::vector<JinjaToken> lexJinja(std::string_view jinja) { return Lexer(jinja).run(); }

} // namespace headkv
