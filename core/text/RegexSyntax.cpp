// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Error.h"
#include "core/text/Regex.h"

#include <array>
#include <cctype>

namespace headkv {

const char *const rustWordCharacters =
    R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{200C}\x{200D}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149})"
    R"(\x{1F150}-\x{1F169}\x{1F170}-\x{1F189})";

namespace {

// Unicode's White_Space, spelled out: PCRE2's \s also takes U+180E, which Oniguruma does not.
#define SPACES R"(\t-\r\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
constexpr const char *spaces = SPACES;
constexpr const char *noSpaces = R"(\x00-\x08\x0E-\x1F\x21-\x{84}\x{86}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF})"
                                 R"(\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF})"
                                 R"(\x{3001}-\x{10FFFF})";
/// Oniguruma's \w beside letters, marks and digits: connectors, superscripts, fractions, circled letters.
constexpr const char *otherWordCharacters =
    R"(\p{Nl}\p{Pc}\xB2\xB3\xB9\xBC-\xBE\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189})";

struct Additions
{
    const char *category;
    const char *characters;
};

/// What Unicode 15 and 16, which tokenizers' Oniguruma knows, added to each general category; Debian 12's PCRE2 knows
/// Unicode 14.
constexpr std::array<Additions, 13> additions{{
    {"Lu", R"(\x{1C89}\x{A7CB}-\x{A7CC}\x{A7DA}\x{A7DC}\x{10D50}-\x{10D65})"},
    {"Ll", R"(\x{1C8A}\x{A7CD}\x{A7DB}\x{10D70}-\x{10D85}\x{1DF25}-\x{1DF2A})"},
    {"Lm", R"(\x{10D4E}\x{10D6F}\x{16D40}-\x{16D42}\x{16D6B}-\x{16D6C}\x{1E030}-\x{1E06D}\x{1E4EB})"},
    {"Lo", R"(\x{105C0}-\x{105F3}\x{10D4A}-\x{10D4D}\x{10D4F}\x{10EC2}-\x{10EC4}\x{1123F}-\x{11240})"
           R"(\x{11380}-\x{11389}\x{1138B}\x{1138E}\x{11390}-\x{113B5}\x{113B7}\x{113D1}\x{113D3})"
           R"(\x{11BC0}-\x{11BE0}\x{11F02}\x{11F04}-\x{11F10}\x{11F12}-\x{11F33}\x{1342F}\x{13441}-\x{13446})"
           R"(\x{13460}-\x{143FA}\x{16100}-\x{1611D}\x{16D43}-\x{16D6A}\x{18CFF}\x{1B132}\x{1B155})"
           R"(\x{1E4D0}-\x{1E4EA}\x{1E5D0}-\x{1E5ED}\x{1E5F0}\x{2B739}\x{2EBF0}-\x{2EE5D}\x{31350}-\x{323AF})"},
    {"Mn", R"(\x{897}\x{ECE}\x{10D69}-\x{10D6D}\x{10EFC}-\x{10EFF}\x{11241}\x{113BB}-\x{113C0}\x{113CE}\x{113D0})"
           R"(\x{113D2}\x{113E1}-\x{113E2}\x{11F00}-\x{11F01}\x{11F36}-\x{11F3A}\x{11F40}\x{11F42}\x{11F5A})"
           R"(\x{13440}\x{13447}-\x{13455}\x{1611E}-\x{16129}\x{1612D}-\x{1612F}\x{1E08F}\x{1E4EC}-\x{1E4EF})"
           R"(\x{1E5EE}-\x{1E5EF})"},
    {"Mc", R"(\x{CF3}\x{113B8}-\x{113BA}\x{113C2}\x{113C5}\x{113C7}-\x{113CA}\x{113CC}-\x{113CD}\x{113CF}\x{1171E})"
           R"(\x{11F03}\x{11F34}-\x{11F35}\x{11F3E}-\x{11F3F}\x{11F41}\x{1612A}-\x{1612C})"},
    {"Nd", R"(\x{10D40}-\x{10D49}\x{116D0}-\x{116E3}\x{11BF0}-\x{11BF9}\x{11F50}-\x{11F59}\x{16130}-\x{16139})"
           R"(\x{16D70}-\x{16D79}\x{1CCF0}-\x{1CCF9}\x{1E4F0}-\x{1E4F9}\x{1E5F1}-\x{1E5FA})"},
    {"No", R"(\x{1D2C0}-\x{1D2D3})"},
    {"Pd", R"(\x{10D6E})"},
    {"Po", R"(\x{1B4E}-\x{1B4F}\x{1B7F}\x{113D4}-\x{113D5}\x{113D7}-\x{113D8}\x{11B00}-\x{11B09}\x{11BE1})"
           R"(\x{11F43}-\x{11F4F}\x{16D6D}-\x{16D6F}\x{1E5FF})"},
    {"Sm", R"(\x{10D8E}-\x{10D8F})"},
    {"So", R"(\x{2427}-\x{2429}\x{2FFC}-\x{2FFF}\x{31E4}-\x{31E5}\x{31EF}\x{1CC00}-\x{1CCEF}\x{1CD00}-\x{1CEB3})"
           R"(\x{1F6DC}\x{1F774}-\x{1F776}\x{1F77B}-\x{1F77F}\x{1F7D9}\x{1F8B2}-\x{1F8BB}\x{1F8C0}-\x{1F8C1})"
           R"(\x{1FA75}-\x{1FA77}\x{1FA87}-\x{1FA89}\x{1FA8F}\x{1FAAD}-\x{1FAAF}\x{1FABB}-\x{1FABF}\x{1FAC6})"
           R"(\x{1FACE}-\x{1FACF}\x{1FADA}-\x{1FADC}\x{1FADF}\x{1FAE8}-\x{1FAE9}\x{1FAF7}-\x{1FAF8})"
           R"(\x{1FBCB}-\x{1FBEF})"},
    {"Cf", R"(\x{13439}-\x{1343F})"},
}};

/// The members of a general category ("L", "Lu") or another property, for use inside a class.
std::string category(std::string_view name)
{
    std::string members = "\\p{" + std::string(name) + "}";
    for (const Additions &entry : additions) {
        if (std::string_view(entry.category).starts_with(name == "Alphabetic" ? "L" : name))
            members += entry.characters;
    }
    return members;
}

/// Walks an expression once, copying what both engines read alike.
class Translator
{
public:
    explicit Translator(std::string_view expression)
        : m_source(expression)
    {}

    std::string run()
    {
        while (m_at < m_source.size()) {
            const char c = m_source[m_at];
            if (c == '\\')
                escape();
            else if (m_inClass)
                inClass(c);
            else if (c == '[')
                openClass();
            else if (c == '{')
                interval();
            else
                copy(1);
        }
        return std::move(m_result);
    }

private:
    [[noreturn]] void fail(const std::string &what) const
    {
        throw Error(ErrorKind::Input, "the tokenizer's expression at character " + std::to_string(m_at + 1) + " has " +
                                          what + ", which is not understood");
    }

    void copy(std::size_t count)
    {
        m_result += m_source.substr(m_at, count);
        m_at = std::min(m_at + count, m_source.size());
    }

    void openClass()
    {
        m_inClass = true;
        copy(1);
        if (m_at < m_source.size() && m_source[m_at] == '^')
            copy(1);
        if (m_at < m_source.size() && m_source[m_at] == ']')
            copy(1);
    }

    void inClass(char c)
    {
        const std::string_view rest = m_source.substr(m_at);
        if (c == ']')
            m_inClass = false;
        else if (rest.starts_with("[:"))
            return copy(rest.find(":]") == std::string_view::npos ? rest.size() : rest.find(":]") + 2);
        else if (c == '[')
            fail("a class inside a class");
        else if (rest.starts_with("&&"))
            fail("an intersection of classes (&&)");
        copy(1);
    }

    /// In Ruby's syntax {n,m}+ is not possessive: it repeats the repetition.
    void interval()
    {
        const std::size_t end = m_source.find('}', m_at);
        if (end == std::string_view::npos || end + 1 >= m_source.size() || m_source[end + 1] != '+')
            return copy(1);
        const char first = m_source[m_at + 1];
        if ((first != '0' && first != '1') || m_source[m_at + 2] != ',')
            fail("a repeated repetition");
        m_result += first == '0' ? "*" : "+";
        m_at = end + 2;
    }

    void members(const std::string &inside, bool negated)
    {
        if (m_inClass && negated)
            fail("a negated set inside a class");
        m_result += m_inClass ? inside : (negated ? "[^" : "[") + inside + "]";
    }

    void escape()
    {
        const char c = m_at + 1 < m_source.size() ? m_source[m_at + 1] : '\0';
        const bool negated = std::isupper(static_cast<unsigned char>(c)) != 0;
        switch (c) {
        case 's':
        case 'S':
            m_at += 2;
            return m_inClass && negated ? void(m_result += noSpaces) : members(spaces, negated);
        case 'd':
        case 'D':
            m_at += 2;
            return members(category("Nd"), negated);
        case 'h':
        case 'H':
            m_at += 2;
            return members("0-9A-Fa-f", negated);
        case 'w':
        case 'W':
            m_at += 2;
            return members(category("L") + category("M") + category("Nd") + otherWordCharacters, negated);
        case 'p':
        case 'P':
            return property(negated);
        case 'u':
            m_result += "\\x{" + std::string(m_source.substr(m_at + 2, 4)) + "}";
            m_at = std::min(m_at + 6, m_source.size());
            return;
        default:
            copy(2);
        }
    }

    void property(bool negated)
    {
        const std::size_t end = m_source.find('}', m_at);
        if (end == std::string_view::npos || m_source[m_at + 2] != '{')
            fail("a property without braces");
        std::string_view name = m_source.substr(m_at + 3, end - m_at - 3);
        if (name.starts_with('^')) {
            negated = !negated;
            name.remove_prefix(1);
        }
        if (name.empty() || name.size() > 40)
            fail("a property without a name");
        m_at = end + 1;
        if (m_inClass && negated)
            m_result += "\\P{" + std::string(name) + "}";
        else
            members(category(name), negated);
    }

    std::string_view m_source;
    std::size_t m_at = 0;
    bool m_inClass = false;
    std::string m_result;
};

} // namespace

std::string translateOniguruma(std::string_view expression) { return Translator(expression).run(); }

} // namespace headkv
