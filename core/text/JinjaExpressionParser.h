// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/JinjaGuard.h"
#include "core/text/JinjaLexer.h"
#include "core/text/JinjaParser.h"

#include <algorithm>
#include <initializer_list>

namespace headkv {

/// Descends into a template's tokens, by the precedence of Jinja's operators: the part for expressions.
class JinjaExpressionParser
{
public:
    explicit JinjaExpressionParser(std::vector<JinjaToken> tokens)
        : m_tokens(std::move(tokens))
    {}

protected:
    using Kind = JinjaNode::Kind;
    using Token = JinjaToken::Kind;
    using Words = std::initializer_list<std::string_view>;

    static constexpr int deepestNesting = 200; ///< of calls for brackets, operators before a value and blocks

    static bool isOneOf(std::string_view text, Words words)
    {
        return std::find(words.begin(), words.end(), text) != words.end();
    }

    template <class... Children>
    static JinjaNodePtr make(Kind kind, std::string name, Children... children)
    {
        auto node = std::make_unique<JinjaNode>();
        node->kind = kind;
        node->name = std::move(name);
        (node->children.push_back(std::move(children)), ...);
        return node;
    }

    /// The node with its depth counted, once all of its parts are there.
    static JinjaNodePtr finished(JinjaNodePtr node);

    const JinjaToken &peek(std::size_t ahead = 0) const
    {
        return m_tokens[std::min(m_next + ahead, m_tokens.size() - 1)];
    }
    bool at(Token kind, std::string_view text, std::size_t ahead = 0) const
    {
        return peek(ahead).kind == kind && peek(ahead).text == text;
    }
    bool atOperator(std::string_view text) const { return at(Token::Operator, text); }
    bool atName(std::string_view text) const { return at(Token::Name, text); }

    std::string take()
    {
        std::string text = peek().text;
        m_next = std::min(m_next + 1, m_tokens.size() - 1);
        return text;
    }
    bool skipOperator(std::string_view text) { return atOperator(text) && (take(), true); }
    bool skipName(std::string_view text) { return atName(text) && (take(), true); }
    std::string expect(Token kind, std::string_view what)
    {
        if (peek().kind != kind)
            refuseJinja("it lacks " + std::string(what) +
                        (peek().text.empty() ? "" : " before \"" + peek().text + "\""));
        return take();
    }
    void expectOperator(std::string_view text)
    {
        if (!skipOperator(text))
            refuseJinja("it lacks a \"" + std::string(text) + "\"");
    }
    std::string expectName() { return expect(Token::Name, "a name"); }
    void expectTagEnd() { expect(Token::TagEnd, "the end of a tag"); }

    /// One expression, or several with commas between them as a list.
    JinjaNodePtr tuple();
    JinjaNodePtr expression();
    JinjaNodePtr orExpression();

    int m_nesting = 0;

private:
    JinjaNodePtr andExpression();
    JinjaNodePtr notExpression();
    /// Comparisons are not chained (a < b < c): chat templates have no need of it.
    JinjaNodePtr comparison();
    /// Sums, then ~, then products.
    JinjaNodePtr binary(int level);
    JinjaNodePtr unary(bool withFilters);
    JinjaNodePtr literal(JinjaValue value);
    JinjaNodePtr primary();
    JinjaNodePtr nameOrConstant();
    JinjaNodePtr list();
    JinjaNodePtr dictionary();
    /// The value with the attributes, items and calls that follow it.
    JinjaNodePtr withPostfixes(JinjaNodePtr value);
    JinjaNodePtr itemOrSlice(JinjaNodePtr container);
    JinjaNodePtr withFiltersAndTests(JinjaNodePtr value);
    JinjaNodePtr test(JinjaNodePtr value);
    JinjaNodePtr withArguments(JinjaNodePtr called);

    std::vector<JinjaToken> m_tokens;
    std::size_t m_next = 0;
};

} // namespace headkv
