// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/HeadScoreFile.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/model/HeadId.h"
#include "core/probe/ScoreText.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace headkv {

namespace {

/// Reads the file event by event: the numbers of a large file are stored once, as they come, and each error knows its
/// place.
class ScoreReader : public nlohmann::json_sax<nlohmann::json>
{
public:
    explicit ScoreReader(std::string source)
        : m_source(std::move(source))
    {}

    /// The lists, read in another way.
    void give(ScoreLists lists) { m_lists = std::move(lists); }

    [[nodiscard]] HeadScores take()
    {
        if (m_lists.empty())
            fail("$", "there is no head; expected keys \"LAYER-HEAD\" with lists of scores");
        const auto [layers, heads] = shape();
        HeadScores scores(layers, heads);
        std::size_t i = 0;
        for (auto &[key, list] : m_lists) // in layer-major order
            scores.values[i++] = std::move(list);
        checkLengths(scores);
        return scores;
    }

    bool start_object(std::size_t) override
    {
        if (m_depth != 0)
            return refuse("an object");
        m_depth = 1;
        return true;
    }
    bool end_object() override { return --m_depth == 0; }
    bool start_array(std::size_t) override
    {
        if (m_depth != 1)
            return refuse("a list");
        m_depth = 2;
        return true;
    }
    bool end_array() override
    {
        if (m_current->empty())
            fail(place(), "the list is empty; expected one score for each example");
        m_depth = 1;
        return true;
    }
    bool key(string_t &text) override
    {
        m_key = text;
        const auto [entry, isNew] = m_lists.try_emplace(parseKey(text));
        if (!isNew)
            fail(place(), "the head occurs twice");
        m_current = &entry->second;
        return true;
    }
    bool number_integer(number_integer_t value) override { return add(static_cast<double>(value)); }
    bool number_unsigned(number_unsigned_t value) override { return add(static_cast<double>(value)); }
    bool number_float(number_float_t value, const string_t &) override { return add(value); }
    bool null() override { return refuse("null"); }
    bool boolean(bool) override { return refuse("true or false"); }
    bool string(string_t &) override { return refuse("a string"); }
    bool binary(binary_t &) override { return refuse("binary data"); }
    bool parse_error(std::size_t position, const std::string &, const nlohmann::detail::exception &error) override
    {
        // The library says an overflowing number (1e999) is out of range, everything else is bad syntax.
        fail("byte " + std::to_string(position),
             error.id == 406 ? "a number is out of range"
                             : "this is not JSON (or it is cut off); a head-score file is one JSON object");
    }

private:
    [[noreturn]] void fail(const std::string &where, const std::string &reason) const
    {
        throw Error(ErrorKind::Input, m_source + ": " + where + ": " + reason);
    }

    [[nodiscard]] std::string place() const
    {
        const std::string list = "$[\"" + m_key.substr(0, 40) + "\"]";
        return m_depth == 2 ? list + "[" + std::to_string(m_current->size()) + "]" : list;
    }

    bool refuse(const std::string &found) const
    {
        if (m_depth == 0)
            fail("$", "found " + found + "; a head-score file is one JSON object");
        fail(place(), "found " + found + (m_depth == 2 ? "; expected a score" : "; expected a list of scores"));
    }

    bool add(double value)
    {
        if (m_depth != 2)
            return refuse("a number");
        if (!std::isfinite(value) || value < 0)
            fail(place(), "a score is finite and not negative");
        m_current->push_back(value);
        return true;
    }

    [[nodiscard]] HeadId parseKey(const std::string &text) const
    {
        const std::optional<HeadId> key = headIdFrom(text);
        if (!key)
            fail(place(), "the key is not \"LAYER-HEAD\", such as \"0-3\"");
        return *key;
    }

    /// The shape that the keys fill without a gap. Allocates nothing by the numbers in the keys.
    [[nodiscard]] std::pair<int, int> shape() const
    {
        const auto name = [](const HeadId &key) { return "\"" + toString(key) + "\""; };
        int heads = 0;
        while (m_lists.contains({0, heads}))
            ++heads;
        if (heads == 0)
            fail("$", "the head \"0-0\" is missing");
        HeadId expected{0, 0};
        for (const auto &entry : m_lists) {
            if (entry.first.layer == 0 && entry.first.head > heads) // a gap in layer 0 does not end it
                fail("$", "the head " + name({0, heads}) + " is missing");
            if (entry.first != expected)
                fail("$",
                     entry.first < expected || entry.first.head >= heads
                         ? "the head " + name(entry.first) + " is one too many: layer 0 has " + std::to_string(heads)
                         : "the head " + name(expected) + " is missing");
            expected =
                expected.head + 1 < heads ? HeadId{expected.layer, expected.head + 1} : HeadId{expected.layer + 1, 0};
        }
        if (expected.head != 0)
            fail("$", "the head " + name(expected) + " is missing");
        return {expected.layer, heads};
    }

    void checkLengths(const HeadScores &scores) const
    {
        for (std::size_t i = 0; i < scores.headCount(); ++i) {
            if (scores.values[i].size() != scores.examples())
                fail("$[\"" + std::to_string(i / scores.heads) + "-" + std::to_string(i % scores.heads) + "\"]",
                     "the list has " + std::to_string(scores.values[i].size()) + " scores, that of \"0-0\" has " +
                         std::to_string(scores.examples()));
        }
    }

    std::string m_source;
    ScoreLists m_lists;
    std::vector<double> *m_current = nullptr;
    std::string m_key;
    int m_depth = 0; ///< 0 outside, 1 in the object, 2 in a list
};

} // namespace

HeadScores parseHeadScores(std::string_view json, const std::string &source)
{
    ScoreReader reader(source);
    if (std::optional<ScoreLists> lists = readScoreText(json))
        reader.give(std::move(*lists));
    else // another spelling of JSON, or a mistake, which it names
        nlohmann::json::sax_parse(json, &reader);
    return reader.take();
}

HeadScores readHeadScores(const std::filesystem::path &path)
{
    return parseHeadScores(readTextFile(path), path.string());
}

void requireShape(const HeadScores &scores, int layers, int heads, const std::string &source)
{
    if (scores.layers != layers || scores.heads != heads)
        throw Error(ErrorKind::Input, source + ": its scores are for " + std::to_string(scores.layers) + " layers × " +
                                          std::to_string(scores.heads) + " heads, " + std::to_string(layers) + " × " +
                                          std::to_string(heads) + " are expected; use scores of the same model");
}

std::vector<double> importanceOf(const HeadScores &scores, int layers, int heads, const std::string &source)
{
    requireShape(scores, layers, heads, source);
    std::vector<double> shares = summarize(scores).shares;
    if (std::ranges::all_of(shares, [](double share) { return share == 0; }))
        throw Error(ErrorKind::Input, source + ": its scores say nothing of the heads' importance (all are 0, or too "
                                               "large to add up); use other scores");
    return shares;
}

std::string formatHeadScores(const HeadScores &scores)
{
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < scores.headCount(); ++i)
        object[toString(HeadId{static_cast<int>(i) / scores.heads, static_cast<int>(i) % scores.heads})] =
            scores.values[i];
    return object.dump() + "\n";
}

void writeHeadScores(const std::filesystem::path &path, const HeadScores &scores, const nlohmann::json &meta)
{
    writeFileAtomically(path, formatHeadScores(scores));
    writeFileAtomically(headScoreMetaPath(path), meta.dump(1) + "\n");
}

std::filesystem::path headScoreMetaPath(const std::filesystem::path &scores)
{
    return scores.parent_path() / (scores.stem().string() + ".meta.json");
}

} // namespace headkv
