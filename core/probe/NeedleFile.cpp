// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/NeedleFile.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"

#include <nlohmann/json.hpp>

namespace headkv::resources {
std::string_view factNeedles();
std::string_view reasoningNeedles();
} // namespace headkv::resources

namespace headkv {

namespace {

[[noreturn]] void fail(const std::string &source, std::size_t line, const std::string &reason)
{
    throw Error(ErrorKind::Input, source + ": line " + std::to_string(line) + ": " + reason);
}

/// The text under a key.
std::string field(const nlohmann::json &object, const std::string &key, const std::string &source, std::size_t line)
{
    const auto found = object.find(key);
    if (found == object.end())
        fail(source, line, "\"" + key + "\" is missing; a needle has needle, question and answer");
    if (!found->is_string() || found->get_ref<const std::string &>().empty())
        fail(source, line, "\"" + key + "\" is not a text, or empty");
    return found->get<std::string>();
}

Needle parseLine(std::string_view text, const std::string &source, std::size_t line)
{
    const auto object = nlohmann::json::parse(text, nullptr, false);
    if (!object.is_object())
        fail(source, line, "not a JSON object; write one a line, with needle, question and answer");
    Needle needle{field(object, "needle", source, line), field(object, "question", source, line),
                  field(object, object.contains("real_needle") ? "real_needle" : "answer", source, line)};
    if (needle.needle.find(needle.answer) == std::string::npos)
        fail(source, line, "the answer does not occur in the needle; it must stand there letter by letter");
    return needle;
}

} // namespace

std::vector<Needle> parseNeedles(std::string_view jsonl, const std::string &source)
{
    std::vector<Needle> needles;
    std::size_t line = 1;
    for (std::size_t at = 0; at < jsonl.size(); ++line) {
        const std::size_t end = std::min(jsonl.find('\n', at), jsonl.size());
        const std::string_view text = jsonl.substr(at, end - at);
        if (text.find_first_not_of(" \t\r") != std::string_view::npos)
            needles.push_back(parseLine(text, source, line));
        at = end + 1;
    }
    if (needles.empty())
        throw Error(ErrorKind::Input,
                    source + ": holds no needle; write a JSON object a line, with needle, question and answer");
    return needles;
}

std::vector<Needle> readNeedles(const std::filesystem::path &path)
{
    return parseNeedles(readTextFile(path), path.string());
}

std::string formatNeedles(const std::vector<Needle> &needles, NeedleLayout layout)
{
    std::string text;
    for (const Needle &needle : needles) {
        nlohmann::ordered_json object{{"needle", needle.needle}, {"question", needle.question}};
        if (layout == NeedleLayout::HeadKv)
            object["real_needle"] = needle.answer;
        object["answer"] = needle.answer;
        text += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    return text;
}

std::vector<Needle> builtInNeedles(ProbeKind kind)
{
    return kind == ProbeKind::Reasoning ? parseNeedles(resources::reasoningNeedles(), "the built-in reasoning needles")
                                        : parseNeedles(resources::factNeedles(), "the built-in fact needles");
}

} // namespace headkv
