// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/PromptFormat.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace headkv::resources {
std::string_view promptFormats();
} // namespace headkv::resources

namespace headkv {

namespace {

using Json = nlohmann::json;

constexpr int mostNewTokens = 1'000'000;
constexpr std::string_view contextMark = "{context}";

/// Reads one dataset's entry; errors name the file and the dataset.
class EntryReader
{
public:
    EntryReader(const std::string &source, const std::string &dataset)
        : m_where(source + ": \"" + dataset + "\": ")
    {}

    void read(const Json &entry, PromptFormat &format) const
    {
        if (entry.is_string())
            format.prompt = entry.get<std::string>();
        else if (entry.is_object())
            readKeys(entry, format);
        else
            fail("neither a prompt's text nor an object with prompt, metric, max_new_tokens, chat, first_line");
        const std::size_t context = format.prompt.find(contextMark);
        if (context == std::string::npos || context != format.prompt.rfind(contextMark))
            fail("the prompt must hold {context} once; it stands for the document");
    }

private:
    [[noreturn]] void fail(const std::string &reason) const { throw Error(ErrorKind::Input, m_where + reason); }

    void readKeys(const Json &entry, PromptFormat &format) const
    {
        for (const auto &[key, value] : entry.items()) {
            if (key == "prompt")
                format.prompt = text(key, value);
            else if (key == "metric")
                format.metric = metric(text(key, value));
            else if (key == "max_new_tokens")
                format.maxNewTokens = count(key, value);
            else if (key == "chat")
                format.chat = yesOrNo(key, value);
            else if (key == "first_line")
                format.firstLineOnly = yesOrNo(key, value);
            else
                fail("\"" + key + "\" is no setting; use prompt, metric, max_new_tokens, chat, first_line");
        }
    }

    [[nodiscard]] std::string text(const std::string &key, const Json &value) const
    {
        if (!value.is_string())
            fail("\"" + key + "\" is not a text; put it in quotation marks");
        return value.get<std::string>();
    }

    [[nodiscard]] AnswerMetric metric(const std::string &name) const
    {
        const auto found = answerMetricFrom(name);
        if (!found)
            fail("there is no metric \"" + name +
                 "\"; use rouge1_recall, qa_f1, rouge_l, classification, retrieval, count or code_similarity");
        return *found;
    }

    [[nodiscard]] int count(const std::string &key, const Json &value) const
    {
        if (!value.is_number_integer() || value < 1 || value > mostNewTokens)
            fail("\"" + key + "\" is not a number of tokens; use 1 to " + std::to_string(mostNewTokens));
        return value.get<int>();
    }

    [[nodiscard]] bool yesOrNo(const std::string &key, const Json &value) const
    {
        if (!value.is_boolean())
            fail("\"" + key + "\" is neither true nor false");
        return value.get<bool>();
    }

    std::string m_where;
};

Json parseJson(std::string_view json, const std::string &source)
{
    const std::string remedy =
        "; name datasets, each with its prompt: {\"qasper\": {\"prompt\": \"{context} {input}\"}}";
    try {
        Json datasets = Json::parse(json);
        if (datasets.is_object())
            return datasets;
    } catch (const Json::parse_error &error) {
        throw Error(ErrorKind::Input, source + ": not JSON from byte " + std::to_string(error.byte) + " on" + remedy);
    } catch (const Json::exception &) { // a number beyond all bounds
        throw Error(ErrorKind::Input, source + ": not JSON that can be read" + remedy);
    }
    throw Error(ErrorKind::Input, source + ": not a JSON object" + remedy);
}

} // namespace

PromptFormats PromptFormats::builtIn()
{
    PromptFormats formats;
    formats.parse(resources::promptFormats(), "the built-in prompts");
    return formats;
}

void PromptFormats::read(const std::filesystem::path &path) { parse(readTextFile(path), path.string()); }

void PromptFormats::parse(std::string_view json, const std::string &source)
{
    const Json datasets = parseJson(json, source);
    for (const auto &[name, entry] : datasets.items()) {
        if (isChineseDataset(name))
            continue; // LongBench's own file has them
        PromptFormat format = of(name);
        EntryReader(source, name).read(entry, format);
        m_formats[name] = std::move(format);
    }
}

const PromptFormat &PromptFormats::of(const std::string &dataset) const
{
    static const PromptFormat none;
    auto found = m_formats.find(dataset);
    if (found == m_formats.end() && dataset.ends_with("_e"))
        found = m_formats.find(dataset.substr(0, dataset.size() - 2));
    if (found == m_formats.end())
        found = m_formats.find("default");
    return found == m_formats.end() ? none : found->second;
}

bool isChineseDataset(std::string_view dataset)
{
    constexpr std::array<std::string_view, 5> names{"multifieldqa_zh", "dureader", "vcsum", "lsht",
                                                    "passage_retrieval_zh"};
    return std::ranges::find(names, dataset) != names.end();
}

} // namespace headkv
