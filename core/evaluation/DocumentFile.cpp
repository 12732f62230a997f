// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/DocumentFile.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace headkv::resources {
std::string_view longDocuments();
} // namespace headkv::resources

namespace headkv {

namespace {

using Json = nlohmann::json;

constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view layout = "a line is an object with context, input and answers";

[[noreturn]] void fail(const std::string &reason) { throw Error(ErrorKind::Input, reason); }

const Json &field(const Json &object, const std::string &key)
{
    const auto found = object.find(key);
    if (found == object.end())
        fail("\"" + key + "\" is missing; " + std::string(layout));
    return *found;
}

/// Whether a line has a key at all: null counts as absent.
bool has(const Json &object, const std::string &key) { return object.contains(key) && !object.at(key).is_null(); }

std::string text(const Json &value, const std::string &key)
{
    if (!value.is_string())
        fail("\"" + key + "\" is not a text; put it in quotation marks");
    return value.get<std::string>();
}

std::vector<std::string> texts(const Json &value, const std::string &key)
{
    if (value.is_string())
        return {value.get<std::string>()};
    if (!value.is_array() || !std::ranges::all_of(value, [](const Json &item) { return item.is_string(); }))
        fail("\"" + key + "\" is not a list of texts; write [\"one\", \"another\"]");
    return value.get<std::vector<std::string>>();
}

Json parseObject(std::string_view line)
{
    try {
        Json object = Json::parse(line);
        if (object.is_object())
            return object;
    } catch (const Json::parse_error &error) {
        if (sanitizeUtf8(line) != line)
            fail("holds bytes that are no UTF-8; save the file as UTF-8");
        fail("not JSON from byte " + std::to_string(error.byte) + " of the line on; " + std::string(layout));
    } catch (const Json::exception &) { // a number beyond all bounds
        fail("not JSON that can be read; " + std::string(layout));
    }
    fail("not a JSON object; " + std::string(layout));
}

DocumentQuestion parseLine(std::string_view line)
{
    const Json object = parseObject(line);
    DocumentQuestion question;
    question.context = text(field(object, "context"), "context");
    question.input = text(field(object, "input"), "input");
    question.answers = texts(field(object, "answers"), "answers");
    if (question.context.empty())
        fail("\"context\" is empty; it is the document that is asked about");
    if (question.answers.empty())
        fail("\"answers\" is empty; at least one answer is right");
    if (has(object, "all_classes"))
        question.allClasses = texts(object.at("all_classes"), "all_classes");
    if (has(object, "dataset"))
        question.dataset = text(object.at("dataset"), "dataset");
    if (has(object, "_id"))
        question.id = object.at("_id").is_string() ? object.at("_id").get<std::string>() : object.at("_id").dump();
    return question;
}

} // namespace

DocumentFile parseDocuments(std::string_view jsonl, const std::string &source, const std::string &name,
                            bool skipMalformed)
{
    DocumentFile file{source, name, {}, {}};
    if (jsonl.starts_with(byteOrderMark))
        jsonl.remove_prefix(byteOrderMark.size());
    std::size_t number = 1;
    for (std::size_t at = 0; at < jsonl.size(); ++number) {
        const std::size_t end = std::min(jsonl.find('\n', at), jsonl.size());
        const std::string_view line = jsonl.substr(at, end - at);
        at = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        try {
            file.questions.push_back(parseLine(line));
            file.questions.back().line = number;
        } catch (const Error &error) {
            const std::string message = source + ":" + std::to_string(number) + ": " + error.what();
            if (!skipMalformed)
                fail(message);
            file.skipped.push_back(message);
        }
    }
    if (file.questions.empty())
        fail(source + ": holds no question" +
             (file.skipped.empty() ? "; " + std::string(layout)
                                   : ", all its lines were skipped; the first: " + file.skipped.front()));
    return file;
}

DocumentFile readDocuments(const std::filesystem::path &path, bool skipMalformed)
{
    return parseDocuments(readTextFile(path, std::size_t{1} << 32), path.string(), path.stem().string(), skipMalformed);
}

DocumentFile builtInDocuments()
{
    return parseDocuments(resources::longDocuments(), "the built-in documents", "documents");
}

} // namespace headkv
