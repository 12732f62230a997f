// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaTemplate.h"

#include "core/text/JinjaFunctions.h"
#include "core/text/JinjaGuard.h"

#include <algorithm>
#include <map>

namespace headkv {

namespace {

using Kind = JinjaNode::Kind;
using Scope = std::map<std::string, JinjaValue, std::less<>>;

constexpr std::int64_t mostSteps = 300000; ///< a step is a node, or 16 bytes or one item of a value
constexpr int deepestCalls = 600;          ///< of run and evaluate
constexpr int deepestValue = 50;           ///< lists within lists
constexpr std::int64_t longestRange = 1000;

/// A date's parts, by the letters of strftime.
std::string formattedDate(std::string_view format)
{
    static const std::map<char, std::string_view> parts = {{'d', "26"},   {'b', "Jul"}, {'B', "July"}, {'m', "07"},
                                                           {'Y', "2024"}, {'y', "24"},  {'a', "Fri"},  {'A', "Friday"},
                                                           {'j', "208"},  {'H', "00"},  {'I', "12"},   {'M', "00"},
                                                           {'S', "00"},   {'p', "AM"},  {'%', "%"}};
    std::string text;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            text += format[i];
            continue;
        }
        const auto part = ++i < format.size() ? parts.find(format[i]) : parts.end();
        if (part == parts.end())
            refuseJinja("a date has a format that is not understood");
        text += part->second;
    }
    return text;
}

/// One rendering.
class Renderer
{
public:
    explicit Renderer(const JinjaValue &variables)
        : m_scopes(1)
    {
        for (const auto &[name, value] : variables.items())
            m_scopes.front().emplace(name, value);
    }

    std::string render(const JinjaNode &body)
    {
        run(body);
        return std::move(m_output);
    }

private:
    enum class Flow { Next, Break, Continue };

    void spend(std::size_t steps)
    {
        m_stepsLeft -= static_cast<std::int64_t>(steps);
        if (m_stepsLeft < 0)
            refuseJinja("it does too much");
    }

    /// Counts a value's size against the steps, for values are copied.
    void weigh(const JinjaValue &value, int depth = 0)
    {
        spend(1);
        if (depth > deepestValue)
            refuseJinja("a value is nested too deep");
        if (value.is_string())
            spend(value.get_ref<const std::string &>().size() / 16);
        if (value.is_structured()) {
            for (const auto &item : value)
                weigh(item, depth + 1);
        }
    }

    void print(std::string_view text)
    {
        spend(text.size() / 16);
        if (m_output.size() + text.size() > longestJinjaText)
            refuseJinja("it prints too much");
        m_output += text;
    }

    // Statements

    Flow run(const JinjaNode &node)
    {
        const JinjaNesting nesting(m_depth, deepestCalls);
        spend(1);
        switch (node.kind) {
        case Kind::Body:
            for (const JinjaNodePtr &statement : node.children) {
                if (const Flow flow = run(*statement); flow != Flow::Next)
                    return flow;
            }
            return Flow::Next;
        case Kind::Text:
            print(node.name);
            return Flow::Next;
        case Kind::Print:
            print(toText(evaluate(*node.children[0])));
            return Flow::Next;
        case Kind::If: {
            const JinjaNodePtr &taken = node.children[isTruthy(evaluate(*node.children[0])) ? 1 : 2];
            return taken ? run(*taken) : Flow::Next;
        }
        case Kind::For:
            runLoop(node);
            return Flow::Next;
        case Kind::Set:
            assign(node);
            return Flow::Next;
        case Kind::Macro:
            m_macros[node.name] = &node;
            return Flow::Next;
        default:
            return node.kind == Kind::Break ? Flow::Break : Flow::Continue;
        }
    }

    void bind(const std::vector<std::string> &names, const JinjaValue &item)
    {
        if (names.size() == 1) {
            m_scopes.back().insert_or_assign(names[0], item);
            return;
        }
        const std::vector<JinjaValue> parts = elementsOf(item);
        if (parts.size() != names.size())
            refuseJinja("a loop has more or fewer names than values");
        for (std::size_t i = 0; i < names.size(); ++i)
            m_scopes.back().insert_or_assign(names[i], parts[i]);
    }

    std::vector<JinjaValue> loopItems(const JinjaNode &loop)
    {
        std::vector<JinjaValue> items = elementsOf(evaluate(*loop.children[0]));
        if (!loop.children[1])
            return items;
        std::vector<JinjaValue> kept;
        for (const JinjaValue &item : items) {
            m_scopes.emplace_back();
            bind(loop.names, item);
            if (isTruthy(evaluate(*loop.children[1])))
                kept.push_back(item);
            m_scopes.pop_back();
        }
        return kept;
    }

    void runLoop(const JinjaNode &loop)
    {
        const std::vector<JinjaValue> items = loopItems(loop);
        if (items.empty() && loop.children[3])
            run(*loop.children[3]);
        const std::size_t size = items.size();
        for (std::size_t i = 0; i < size; ++i) {
            m_scopes.emplace_back();
            bind(loop.names, items[i]);
            m_scopes.back()["loop"] = {{"index0", i},
                                       {"index", i + 1},
                                       {"revindex0", size - i - 1},
                                       {"revindex", size - i},
                                       {"first", i == 0},
                                       {"last", i + 1 == size},
                                       {"length", size},
                                       {"previtem", i > 0 ? items[i - 1] : undefinedJinja()},
                                       {"nextitem", i + 1 < size ? items[i + 1] : undefinedJinja()}};
            weigh(m_scopes.back()["loop"]);
            const Flow flow = run(*loop.children[2]);
            m_scopes.pop_back();
            if (flow == Flow::Break)
                break;
        }
    }

    void assign(const JinjaNode &node)
    {
        const JinjaNode &source = *node.children[0];
        JinjaValue value = source.kind == Kind::Body ? JinjaValue(printedBy(source)) : evaluate(source);
        if (node.names.size() == 1) {
            m_scopes.back().insert_or_assign(node.names[0], std::move(value));
            return;
        }
        JinjaValue *space = find(node.names[0]);
        if (!space || !space->is_object())
            refuseJinja("an attribute of what is no namespace is set");
        (*space)[node.names[1]] = std::move(value);
    }

    std::string printedBy(const JinjaNode &body)
    {
        std::string outer;
        m_output.swap(outer);
        run(body);
        m_output.swap(outer);
        return outer;
    }

    // Expressions

    JinjaValue *find(std::string_view name)
    {
        for (auto scope = m_scopes.rbegin(); scope != m_scopes.rend(); ++scope) {
            if (const auto found = scope->find(name); found != scope->end())
                return &found->second;
        }
        return nullptr;
    }

    JinjaValue evaluate(const JinjaNode &node)
    {
        const JinjaNesting nesting(m_depth, deepestCalls);
        JinjaValue value = evaluateKind(node);
        weigh(value);
        return value;
    }

    JinjaValue evaluate(const JinjaNodePtr &node) { return evaluate(*node); }

    JinjaValue evaluateKind(const JinjaNode &node)
    {
        const auto &parts = node.children;
        switch (node.kind) {
        case Kind::Literal:
            return node.value;
        case Kind::Name:
            return named(node.name);
        case Kind::List:
        case Kind::Dict:
            return collection(node);
        case Kind::Attribute:
            return itemOf(evaluate(parts[0]), node.name);
        case Kind::Item:
            return itemOf(evaluate(parts[0]), evaluate(parts[1]));
        case Kind::Slice: {
            const auto bound = [&](std::size_t i) { return parts[i] ? evaluate(parts[i]) : JinjaValue(nullptr); };
            return sliceOf(evaluate(parts[0]), bound(1), bound(2), bound(3));
        }
        case Kind::Call:
            return call(node);
        case Kind::Filter:
            return filterJinja(node.name, evaluate(parts[0]), arguments(node));
        case Kind::Test:
            return testJinja(node.name, evaluate(parts[0]), arguments(node));
        case Kind::Not:
            return !isTruthy(evaluate(parts[0]));
        case Kind::Negative:
            return binaryJinja("-", 0, evaluate(parts[0]));
        case Kind::Binary:
            return binaryJinja(node.name, evaluate(parts[0]), evaluate(parts[1]));
        case Kind::And:
        case Kind::Or: {
            JinjaValue left = evaluate(parts[0]);
            return isTruthy(left) == (node.kind == Kind::Or) ? left : evaluate(parts[1]);
        }
        case Kind::Condition:
            if (isTruthy(evaluate(parts[1])))
                return evaluate(parts[0]);
            return parts[2] ? evaluate(parts[2]) : undefinedJinja();
        default:
            refuseJinja("a statement stands in place of a value");
        }
    }

    JinjaValue named(const std::string &name)
    {
        if (const JinjaValue *found = find(name))
            return *found;
        // A macro or function that is not called: all that can be done with it is to ask whether it is there.
        constexpr std::string_view functions[] = {"raise_exception", "namespace", "range", "dict"};
        if (m_macros.contains(name) || std::ranges::find(functions, name) != std::end(functions))
            return "<function>";
        return undefinedJinja();
    }

    JinjaValue collection(const JinjaNode &node)
    {
        JinjaValue result = node.kind == Kind::List ? JinjaValue::array() : JinjaValue::object();
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            JinjaValue item = evaluate(node.children[i]);
            if (node.kind == Kind::List)
                result.push_back(std::move(item));
            else if (item.is_string() && ++i < node.children.size())
                result[item.get<std::string>()] = evaluate(node.children[i]);
            else
                refuseJinja("a dictionary has a key that is no string");
        }
        return result;
    }

    /// The arguments after a node's first child.
    JinjaArguments arguments(const JinjaNode &node)
    {
        JinjaArguments result;
        for (std::size_t i = 1; i < node.children.size(); ++i)
            result.values.push_back(evaluate(node.children[i]));
        for (const auto &[name, value] : node.named)
            result.keyword.emplace_back(name, evaluate(value));
        return result;
    }

    JinjaValue call(const JinjaNode &node)
    {
        const JinjaNode &callee = *node.children[0];
        if (callee.kind == Kind::Attribute) {
            const JinjaValue object = evaluate(callee.children[0]);
            return callJinjaMethod(object, callee.name, arguments(node));
        }
        if (callee.kind != Kind::Name)
            refuseJinja("it calls what is no function");
        const auto macro = m_macros.find(callee.name);
        if (macro != m_macros.end())
            return callMacro(*macro->second, arguments(node));
        return callFunction(callee.name, arguments(node));
    }

    JinjaValue callFunction(std::string_view name, const JinjaArguments &given)
    {
        if (name == "namespace" || name == "dict") {
            JinjaValue result = JinjaValue::object();
            if (given.values.size() == 1 && given.values[0].is_object())
                result = given.values[0];
            else if (!given.values.empty())
                refuseJinja("it calls " + std::string(name) + " with arguments that are not understood");
            for (const auto &[key, value] : given.keyword)
                result[key] = value;
            return result;
        }
        if (name == "range")
            return range(given.values);
        if (given.values.size() == 1 && name == "raise_exception")
            refuseJinja("it says: " + toText(given.values[0]));
        if (given.values.size() == 1 && name == "strftime_now")
            return formattedDate(toText(given.values[0]));
        refuseJinja("it calls a function \"" + std::string(name) + "\"");
    }

    static JinjaValue range(const std::vector<JinjaValue> &bounds)
    {
        const auto whole = [](const JinjaValue &value) { return value.is_number_integer(); };
        if (bounds.empty() || bounds.size() > 3 || !std::all_of(bounds.begin(), bounds.end(), whole))
            refuseJinja("a range has bounds that are no whole numbers");
        const auto begin = bounds.size() > 1 ? bounds[0].get<std::int64_t>() : 0;
        const auto end = bounds[bounds.size() > 1 ? 1 : 0].get<std::int64_t>();
        const auto step = bounds.size() > 2 ? bounds[2].get<std::int64_t>() : 1;
        if (step == 0 || std::max({std::abs(begin), std::abs(end), std::abs(step)}) > longestRange)
            refuseJinja("a range is too long");
        JinjaValue items = JinjaValue::array();
        for (std::int64_t i = begin; step > 0 ? i < end : i > end; i += step)
            items.push_back(i);
        return items;
    }

    /// A macro sees its parameters and the variables outside all loops.
    JinjaValue callMacro(const JinjaNode &macro, JinjaArguments given)
    {
        if (given.values.size() > macro.names.size())
            refuseJinja("a macro is called with too many arguments");
        Scope parameters;
        for (std::size_t i = 0; i < macro.names.size(); ++i) {
            JinjaValue value = undefinedJinja();
            const auto hasName = [&](const auto &pair) { return pair.first == macro.names[i]; };
            if (i < given.values.size())
                value = std::move(given.values[i]);
            else if (const auto found = std::ranges::find_if(given.keyword, hasName); found != given.keyword.end())
                value = found->second;
            else if (const auto preset = std::ranges::find_if(macro.named, hasName); preset != macro.named.end())
                value = evaluate(preset->second);
            parameters.emplace(macro.names[i], std::move(value));
        }
        std::vector<Scope> outer(1);
        std::swap(outer.front(), m_scopes.front());
        outer.swap(m_scopes);
        m_scopes.push_back(std::move(parameters));
        std::string printed = printedBy(*macro.children[0]);
        outer.swap(m_scopes);
        std::swap(outer.front(), m_scopes.front());
        return printed;
    }

    std::vector<Scope> m_scopes;
    std::map<std::string, const JinjaNode *, std::less<>> m_macros;
    std::string m_output;
    std::int64_t m_stepsLeft = mostSteps;
    int m_depth = 0;
};

} // namespace

JinjaTemplate::JinjaTemplate(std::string_view text)
    : m_body(parseJinja(text))
{}

std::string JinjaTemplate::render(const JinjaValue &variables) const { return Renderer(variables).render(*m_body); }

} // namespace headkv
