// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/NeedleGenerator.h"

#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/text/TextMetrics.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

namespace headkv::resources {
std::string_view needleTemplates();
} // namespace headkv::resources

namespace headkv {

namespace {

using Json = nlohmann::json;
using Slots = std::vector<std::pair<std::string_view, std::string>>;

constexpr double mostSharedWords = 40; ///< token F1 of a needle's two answers

/// Tells stories from the templates.
class Storyteller
{
public:
    explicit Storyteller(const NeedleRecipe &recipe)
        : m_recipe(recipe)
        , m_random(recipe.seed)
        , m_templates(Json::parse(resources::needleTemplates()))
    {}

    /// The needles of the next story, not one of them told before.
    std::vector<Needle> next()
    {
        const Json &kinds = m_templates.at(m_recipe.kind == ProbeKind::Reasoning ? "reasoning" : "retrieval");
        if (m_deck.empty()) { // each template once before one comes again
            m_deck.resize(kinds.size());
            std::iota(m_deck.begin(), m_deck.end(), std::size_t{0});
        }
        const std::size_t card = drawBelow(m_random, m_deck.size());
        const Json &chosen = kinds[m_deck[card]];
        m_deck.erase(m_deck.begin() + static_cast<std::ptrdiff_t>(card));
        for (;;) {
            std::vector<Needle> story = m_recipe.kind == ProbeKind::Reasoning ? reasoning(chosen) : fact(chosen);
            if (m_told.insert(story.front().needle).second)
                return story;
        }
    }

private:
    /// One of a list's words.
    std::string pick(const std::string &list)
    {
        const Json &words = m_templates.at("lists").at(list);
        return words[drawBelow(m_random, words.size())].get<std::string>();
    }

    /// A pattern with its {slots} filled: from `given` where they are there, else a word of the list of that name.
    std::string fill(std::string_view pattern, const Slots &given = {})
    {
        std::string text;
        for (std::size_t at = 0; at < pattern.size();) {
            const std::size_t open = std::min(pattern.find('{', at), pattern.size());
            text += pattern.substr(at, open - at);
            if (open == pattern.size())
                break;
            const std::size_t close = pattern.find('}', open);
            const std::string_view slot = pattern.substr(open + 1, close - open - 1);
            const auto found = std::ranges::find(given, slot, &Slots::value_type::first);
            text += found != given.end() ? found->second : pick(std::string(slot));
            at = close + 1;
        }
        return text;
    }

    std::string value(const Json &chosen)
    {
        const Json &patterns = m_templates.at("values")
                                   .at(chosen.at("value").get<std::string>())
                                   .at(m_recipe.answer == AnswerLength::Long ? "long" : "short");
        return fill(patterns[drawBelow(m_random, patterns.size())].get_ref<const std::string &>());
    }

    /// Two answers that are told apart by their words.
    std::pair<std::string, std::string> values(const Json &chosen)
    {
        for (;;) {
            std::pair<std::string, std::string> two{value(chosen), value(chosen)};
            if (tokenF1(two.first, two.second) <= mostSharedWords)
                return two;
        }
    }

    /// Two different words of a list, in either order.
    template <typename Words>
    std::pair<std::string, std::string> two(const Words &words)
    {
        const std::size_t first = drawBelow(m_random, words.size());
        const std::size_t second = (first + 1 + drawBelow(m_random, words.size() - 1)) % words.size();
        return {words[first].template get<std::string>(), words[second].template get<std::string>()};
    }

    std::vector<Needle> reasoning(const Json &chosen)
    {
        const auto text = [&chosen](const char *key) { return chosen.at(key).get_ref<const std::string &>(); };
        const auto [first, second] = two(m_templates.at("lists").at(text("subjects")));
        const Json &traits = chosen.at("traits");
        const bool ordered = chosen.value("ordered", false);
        const auto [x, y] =
            ordered ? std::pair{traits[0].get<std::string>(), traits[1].get<std::string>()} : two(traits);
        const auto [firstValue, secondValue] = values(chosen);
        const std::string step = fill(text("step"), {{"first", first}, {"second", second}, {"x", x}, {"y", y}});
        const std::string ofFirst = fill(text("statement"), {{"subject", first}, {"trait", x}, {"value", firstValue}});
        const std::string ofSecond =
            fill(text("statement"), {{"subject", second}, {"trait", y}, {"value", secondValue}});
        const std::string askFirst = fill(text("question"), {{"subject", first}, {"trait", x}});
        const std::string askSecond = fill(text("question"), {{"subject", second}, {"trait", y}});

        std::vector<Needle> story;
        const auto tell = [&](const std::string &earlier, const std::string &later) {
            const std::string needle = "\n" + step + " " + earlier + " " + later + "\n";
            story.push_back({needle, askFirst, firstValue});
            if (m_recipe.reverses)
                story.push_back({needle, askSecond, secondValue});
        };
        tell(ofSecond, ofFirst); // the wrong answer to the first question comes before the correct one
        if (m_recipe.swaps)
            tell(ofFirst, ofSecond);
        return story;
    }

    std::vector<Needle> fact(const Json &chosen)
    {
        Slots given{{"first", pick(chosen.at("subjects").get<std::string>())}, {"towns", pick("towns")}};
        const std::string answer = value(chosen);
        const std::string question = fill(chosen.at("question").get_ref<const std::string &>(), given);
        given.emplace_back("value", answer);
        return {{"\n" + fill(chosen.at("needle").get_ref<const std::string &>(), given) + "\n", question, answer}};
    }

    const NeedleRecipe &m_recipe;
    Random m_random;
    Json m_templates;
    std::vector<std::size_t> m_deck; ///< templates that have not been used since all were
    std::set<std::string> m_told;
};

} // namespace

int NeedleRecipe::groupSize() const { return kind == ProbeKind::Reasoning ? (reverses ? 2 : 1) * (swaps ? 2 : 1) : 1; }

std::vector<Needle> generateNeedles(const NeedleRecipe &recipe)
{
    if (recipe.count < 1 || recipe.count > NeedleRecipe::mostNeedles)
        throw Error(ErrorKind::Usage, "a count of " + std::to_string(recipe.count) +
                                          " needles cannot be made; use 1 to " +
                                          std::to_string(NeedleRecipe::mostNeedles));
    const auto count = static_cast<std::size_t>(recipe.count);
    Storyteller teller(recipe);
    std::vector<Needle> needles;
    while (needles.size() < count)
        std::ranges::move(teller.next(), std::back_inserter(needles));
    needles.resize(count);
    return needles;
}

} // namespace headkv
