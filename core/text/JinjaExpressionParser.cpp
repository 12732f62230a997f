// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaExpressionParser.h"

#include <iterator>

namespace headkv {

namespace {

constexpr int deepest = 400; ///< levels of nodes

} // namespace

JinjaNodePtr JinjaExpressionParser::finished(JinjaNodePtr node)
{
    const auto count = [&node](const JinjaNodePtr &part) {
        node->depth = std::max(node->depth, part ? part->depth + 1 : 0);
    };
    std::for_each(node->children.begin(), node->children.end(), count);
    for (const auto &[name, part] : node->named)
        count(part);
    if (node->depth >= deepest)
        refuseJinja("it is nested too deep");
    return node;
}

JinjaNodePtr JinjaExpressionParser::tuple()
{
    JinjaNodePtr first = expression();
    if (!atOperator(","))
        return first;
    JinjaNodePtr list = make(Kind::List, {}, std::move(first));
    while (skipOperator(",")) {
        if (atOperator(")") || peek().kind == Token::TagEnd)
            break;
        list->children.push_back(expression());
    }
    return finished(std::move(list));
}

JinjaNodePtr JinjaExpressionParser::expression()
{
    const JinjaNesting nesting(m_nesting, deepestNesting);
    JinjaNodePtr value = orExpression();
    while (skipName("if")) {
        JinjaNodePtr condition = orExpression();
        JinjaNodePtr otherwise = skipName("else") ? expression() : nullptr;
        value = finished(make(Kind::Condition, {}, std::move(value), std::move(condition), std::move(otherwise)));
    }
    return value;
}

JinjaNodePtr JinjaExpressionParser::orExpression()
{
    JinjaNodePtr left = andExpression();
    while (skipName("or"))
        left = finished(make(Kind::Or, {}, std::move(left), andExpression()));
    return left;
}

JinjaNodePtr JinjaExpressionParser::andExpression()
{
    JinjaNodePtr left = notExpression();
    while (skipName("and"))
        left = finished(make(Kind::And, {}, std::move(left), notExpression()));
    return left;
}

JinjaNodePtr JinjaExpressionParser::notExpression()
{
    const JinjaNesting nesting(m_nesting, deepestNesting);
    if (skipName("not"))
        return finished(make(Kind::Not, {}, notExpression()));
    return comparison();
}

JinjaNodePtr JinjaExpressionParser::comparison()
{
    JinjaNodePtr left = binary(0);
    std::string name;
    if (peek().kind == Token::Operator && isOneOf(peek().text, {"==", "!=", "<", ">", "<=", ">="})) {
        name = take();
    } else if (skipName("in")) {
        name = "in";
    } else if (atName("not") && at(Token::Name, "in", 1)) {
        take();
        take();
        name = "not in";
    } else {
        return left;
    }
    return finished(make(Kind::Binary, std::move(name), std::move(left), binary(0)));
}

JinjaNodePtr JinjaExpressionParser::binary(int level)
{
    static constexpr std::string_view levels[][4] = {{"+", "-"}, {"~"}, {"*", "/", "//", "%"}};
    if (level == 3)
        return unary(true);
    const auto belongs = [this, level] {
        return peek().kind == Token::Operator && !peek().text.empty() &&
               std::ranges::find(levels[level], peek().text) != std::end(levels[level]);
    };
    JinjaNodePtr left = binary(level + 1);
    while (belongs()) {
        std::string name = take();
        left = finished(make(Kind::Binary, std::move(name), std::move(left), binary(level + 1)));
    }
    return left;
}

JinjaNodePtr JinjaExpressionParser::unary(bool withFilters)
{
    const JinjaNesting nesting(m_nesting, deepestNesting);
    JinjaNodePtr value;
    if (skipOperator("-"))
        value = finished(make(Kind::Negative, {}, unary(false)));
    else
        value = primary();
    value = withPostfixes(std::move(value));
    return withFilters ? withFiltersAndTests(std::move(value)) : std::move(value);
}

JinjaNodePtr JinjaExpressionParser::literal(JinjaValue value)
{
    JinjaNodePtr node = make(Kind::Literal, {});
    node->value = std::move(value);
    return node;
}

JinjaNodePtr JinjaExpressionParser::primary()
{
    switch (peek().kind) {
    case Token::Name:
        return nameOrConstant();
    case Token::String: {
        std::string text = take();
        while (peek().kind == Token::String)
            text += take();
        return literal(std::move(text));
    }
    case Token::Integer:
        return literal(std::stoll(take()));
    case Token::Float:
        return literal(JinjaValue::parse(take()));
    default:
        break;
    }
    if (skipOperator("(")) {
        JinjaNodePtr inside = atOperator(")") ? make(Kind::List, {}) : tuple();
        expectOperator(")");
        return inside;
    }
    if (skipOperator("["))
        return list();
    if (skipOperator("{"))
        return dictionary();
    refuseJinja("it lacks a value" + (peek().text.empty() ? "" : " before \"" + peek().text + "\""));
}

JinjaNodePtr JinjaExpressionParser::nameOrConstant()
{
    std::string name = take();
    if (isOneOf(name, {"true", "True", "false", "False"}))
        return literal(name == "true" || name == "True");
    if (name == "none" || name == "None")
        return literal(nullptr);
    return make(Kind::Name, std::move(name));
}

JinjaNodePtr JinjaExpressionParser::list()
{
    JinjaNodePtr result = make(Kind::List, {});
    while (!skipOperator("]")) {
        result->children.push_back(expression());
        if (!atOperator("]"))
            expectOperator(",");
    }
    return finished(std::move(result));
}

JinjaNodePtr JinjaExpressionParser::dictionary()
{
    JinjaNodePtr result = make(Kind::Dict, {});
    while (!skipOperator("}")) {
        result->children.push_back(expression());
        expectOperator(":");
        result->children.push_back(expression());
        if (!atOperator("}"))
            expectOperator(",");
    }
    return finished(std::move(result));
}

JinjaNodePtr JinjaExpressionParser::withPostfixes(JinjaNodePtr value)
{
    for (;;) {
        if (skipOperator("."))
            value = finished(make(Kind::Attribute, expectName(), std::move(value)));
        else if (skipOperator("["))
            value = itemOrSlice(std::move(value));
        else if (atOperator("("))
            value = withArguments(make(Kind::Call, {}, std::move(value)));
        else
            return value;
    }
}

JinjaNodePtr JinjaExpressionParser::itemOrSlice(JinjaNodePtr container)
{
    std::vector<JinjaNodePtr> parts;
    std::size_t colons = 0;
    for (; !skipOperator("]"); parts.resize(colons + 1)) {
        if (skipOperator(":"))
            ++colons;
        else if (parts.size() == colons + 1 && parts.back())
            refuseJinja("an index has more than one part");
        else {
            parts.resize(colons + 1);
            parts.back() = expression();
        }
    }
    if (colons > 2 || (colons == 0 && parts.empty()))
        refuseJinja("an index is empty or has too many parts");
    JinjaNodePtr result = make(colons > 0 ? Kind::Slice : Kind::Item, {}, std::move(container));
    parts.resize(colons > 0 ? 3 : 1);
    std::ranges::move(parts, std::back_inserter(result->children));
    return finished(std::move(result));
}

JinjaNodePtr JinjaExpressionParser::withFiltersAndTests(JinjaNodePtr value)
{
    for (;;) {
        if (skipOperator("|")) {
            value = make(Kind::Filter, expectName(), std::move(value));
            value = atOperator("(") ? withArguments(std::move(value)) : finished(std::move(value));
        } else if (skipName("is")) {
            value = test(std::move(value));
        } else if (atOperator("(")) {
            value = withArguments(make(Kind::Call, {}, std::move(value)));
        } else {
            return value;
        }
    }
}

JinjaNodePtr JinjaExpressionParser::test(JinjaNodePtr value)
{
    const bool negated = skipName("not");
    value = make(Kind::Test, expectName(), std::move(value));
    const bool takesName = peek().kind == Token::Name && !isOneOf(peek().text, {"else", "or", "and", "is", "if"});
    if (atOperator("(")) {
        value = withArguments(std::move(value));
    } else if (takesName || isOneOf(peek().text, {"[", "{"}) || peek().kind == Token::String ||
               peek().kind == Token::Integer || peek().kind == Token::Float) {
        value->children.push_back(withPostfixes(primary()));
    }
    value = finished(std::move(value));
    return negated ? finished(make(Kind::Not, {}, std::move(value))) : std::move(value);
}

JinjaNodePtr JinjaExpressionParser::withArguments(JinjaNodePtr called)
{
    expectOperator("(");
    while (!skipOperator(")")) {
        if (peek().kind == Token::Name && at(Token::Operator, "=", 1)) {
            std::string name = take();
            take();
            called->named.emplace_back(std::move(name), expression());
        } else {
            called->children.push_back(expression());
        }
        if (!atOperator(")"))
            expectOperator(",");
    }
    return finished(std::move(called));
}

} // namespace headkv
