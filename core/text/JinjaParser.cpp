// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaParser.h"

#include "core/text/JinjaExpressionParser.h"

namespace headkv {

namespace {

/// The part for statements.
class Parser : public JinjaExpressionParser
{
public:
    using JinjaExpressionParser::JinjaExpressionParser;

    JinjaNodePtr run() { return body({}); }

private:
    /// Statements up to a tag with one of these names, whose name is taken and left in m_end; with none, to the end.
    JinjaNodePtr body(Words ends)
    {
        const JinjaNesting nesting(m_nesting, deepestNesting);
        JinjaNodePtr result = make(Kind::Body, {});
        for (;;) {
            if (peek().kind == Token::End && ends.size() == 0)
                return finished(std::move(result));
            if (peek().kind == Token::TagBegin && peek(1).kind == Token::Name && isOneOf(peek(1).text, ends)) {
                take();
                m_end = take();
                return finished(std::move(result));
            }
            if (JinjaNodePtr next = statement())
                result->children.push_back(std::move(next));
        }
    }

    JinjaNodePtr statement()
    {
        if (peek().kind == Token::Text)
            return make(Kind::Text, take());
        if (peek().kind == Token::PrintBegin) {
            take();
            JinjaNodePtr value = tuple();
            expect(Token::PrintEnd, "the end of a tag");
            return finished(make(Kind::Print, {}, std::move(value)));
        }
        expect(Token::TagBegin, "the end of a block");
        const std::string word = expectName();
        JinjaNodePtr result = tag(word);
        expectTagEnd();
        return result;
    }

    JinjaNodePtr tag(const std::string &word)
    {
        if (word == "if")
            return ifStatement();
        if (word == "for")
            return forStatement();
        if (word == "set")
            return setStatement();
        if (word == "macro")
            return macro();
        if (word == "break" || word == "continue")
            return make(word == "break" ? Kind::Break : Kind::Continue, {});
        if (word == "generation") { // marks what an assistant wrote; prints what it holds
            expectTagEnd();
            return body({"endgeneration"});
        }
        refuseJinja("it has a tag \"" + word + "\"");
    }

    /// From after "if" or "elif" to "endif".
    JinjaNodePtr ifStatement()
    {
        struct Branch
        {
            JinjaNodePtr condition, body;
        };
        std::vector<Branch> branches;
        JinjaNodePtr otherwise;
        do {
            JinjaNodePtr condition = expression();
            expectTagEnd();
            branches.push_back({std::move(condition), body({"elif", "else", "endif"})});
        } while (m_end == "elif");
        if (m_end == "else") {
            expectTagEnd();
            otherwise = body({"endif"});
        }
        for (auto branch = branches.rbegin(); branch != branches.rend(); ++branch)
            otherwise = finished(
                make(Kind::If, {}, std::move(branch->condition), std::move(branch->body), std::move(otherwise)));
        return otherwise;
    }

    JinjaNodePtr forStatement()
    {
        std::vector<std::string> targets;
        const bool inBrackets = skipOperator("(");
        do
            targets.push_back(expectName());
        while (skipOperator(","));
        if (inBrackets)
            expectOperator(")");
        if (!skipName("in"))
            refuseJinja("a loop lacks \"in\"");
        JinjaNodePtr items = orExpression();
        JinjaNodePtr filter = skipName("if") ? expression() : nullptr;
        expectTagEnd();
        JinjaNodePtr loop = body({"endfor", "else"});
        JinjaNodePtr otherwise;
        if (m_end == "else") {
            expectTagEnd();
            otherwise = body({"endfor"});
        }
        JinjaNodePtr result =
            make(Kind::For, {}, std::move(items), std::move(filter), std::move(loop), std::move(otherwise));
        result->names = std::move(targets);
        return finished(std::move(result));
    }

    JinjaNodePtr setStatement()
    {
        std::vector<std::string> target = {expectName()};
        if (skipOperator("."))
            target.push_back(expectName());
        JinjaNodePtr value;
        if (skipOperator("=")) {
            value = tuple();
        } else {
            expectTagEnd();
            value = body({"endset"});
        }
        JinjaNodePtr result = make(Kind::Set, {}, std::move(value));
        result->names = std::move(target);
        return finished(std::move(result));
    }

    JinjaNodePtr macro()
    {
        JinjaNodePtr result = make(Kind::Macro, expectName());
        expectOperator("(");
        while (!skipOperator(")")) {
            result->names.push_back(expectName());
            if (skipOperator("="))
                result->named.emplace_back(result->names.back(), expression());
            if (!atOperator(")"))
                expectOperator(",");
        }
        expectTagEnd();
        result->children.push_back(body({"endmacro"}));
        return finished(std::move(result));
    }

    std::string m_end; ///< the name of the tag that ended the last body
};

} // namespace

JinjaNodePtr parseJinja(std::string_view jinja) { return Parser(lexJinja(jinja)).run(); }

} // namespace headkv
