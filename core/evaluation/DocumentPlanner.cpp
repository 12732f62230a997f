// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/DocumentPlanner.h"

#include "core/base/Error.h"
#include "core/text/ChatFormat.h"
#include "core/text/Tokenizer.h"
#include "core/text/UnicodeText.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace headkv {

namespace {

constexpr std::string_view contextMark = "{context}";
constexpr std::string_view inputMark = "{input}";

void append(std::vector<TokenId> &ids, std::span<const TokenId> more)
{
    ids.insert(ids.end(), more.begin(), more.end());
}

/// A task's lines.
struct Group
{
    std::string dataset;
    std::vector<const DocumentQuestion *> questions;
};

std::vector<Group> groupByDataset(const DocumentFile &file, std::optional<std::size_t> maxCases)
{
    std::vector<Group> groups;
    for (const DocumentQuestion &question : file.questions) {
        const std::string &dataset = question.dataset.empty() ? file.name : question.dataset;
        auto found = std::ranges::find(groups, dataset, &Group::dataset);
        if (found == groups.end())
            found = groups.insert(groups.end(), {dataset, {}});
        if (!maxCases || found->questions.size() < *maxCases)
            found->questions.push_back(&question);
    }
    std::erase_if(groups, [](const Group &group) { return group.questions.empty(); }); // maxCases is 0
    return groups;
}

/// A document as it begins prompts; equal beginnings are one.
struct Beginning
{
    std::vector<TokenId> ids; ///< of what stands before the context, and of the context
    std::size_t lead = 0;     ///< how many of them stand before it
    std::size_t question = 0; ///< tokens of the longest question about it
    std::size_t line = 0;     ///< where that is
};

/// Plans the cases of one dataset.
class TaskPlanner
{
public:
    TaskPlanner(const PromptFormat &format, const Tokenizer &tokenizer, const ChatFormat &chat)
        : m_tokenizer(tokenizer)
        , m_prefix((format.chat ? chat : ChatFormat()).prefixIds(tokenizer))
        , m_before(format.prompt.substr(0, format.prompt.find(contextMark)))
        , m_after(format.prompt.substr(m_before.size() + contextMark.size()))
    {
        if (!format.chat)
            return;
        m_suffix = tokenizer.encodePart(chat.suffix);
        if (chat.trimsWords) {
            m_before = stripWhiteSpace(m_before, true, false);
            m_after = stripWhiteSpace(m_after, false, true);
        }
    }

    /// Tokenises a line's prompt; the cut waits until the longest question about each document is known.
    void add(const DocumentQuestion &question)
    {
        const std::string before = replaceAll(m_before, inputMark, question.input);
        const auto [found, isNew] = m_beginnings.try_emplace(before + question.context);
        Beginning &beginning = found->second;
        if (isNew) {
            beginning.ids = m_tokenizer.encode(found->first, SpecialTokens::Plain);
            beginning.lead = m_tokenizer.encode(before, SpecialTokens::Plain).size();
        }
        std::vector<TokenId> ids =
            m_tokenizer.encode(replaceAll(m_after, inputMark, question.input), SpecialTokens::Plain);
        append(ids, m_suffix);
        if (ids.size() > beginning.question || isNew) {
            beginning.question = ids.size();
            beginning.line = question.line;
        }
        EvaluationCase item;
        item.name = "line " + std::to_string(question.line);
        item.questionIds = std::move(ids);
        item.answers = question.answers;
        item.allClasses = question.allClasses;
        m_cases.emplace_back(std::move(item), &beginning);
    }

    /// The cases, their prompts cut to at most `limit` tokens.
    std::vector<EvaluationCase> take(std::size_t limit, const std::string &source)
    {
        for (auto &[text, beginning] : m_beginnings)
            cut(beginning, limit, source);
        std::vector<EvaluationCase> cases;
        for (auto &[item, beginning] : m_cases) {
            item.contextIds = m_prefix;
            append(item.contextIds, beginning->ids);
            if (item.questionIds.empty() && item.contextIds.empty())
                throw Error(ErrorKind::Input, source + ":" + std::to_string(beginning->line) +
                                                  ": the model's vocabulary has no token for this prompt; leave the "
                                                  "line out");
            if (item.questionIds.empty()) { // nothing follows the context
                item.questionIds.push_back(item.contextIds.back());
                item.contextIds.pop_back();
            }
            cases.push_back(std::move(item));
        }
        return cases;
    }

private:
    void cut(Beginning &beginning, std::size_t limit, const std::string &source) const
    {
        const std::size_t fixed = m_prefix.size() + m_suffix.size();
        const std::size_t question = beginning.question - m_suffix.size();
        if (fixed + beginning.lead + question >= limit)
            throw Error(ErrorKind::Input, source + ":" + std::to_string(beginning.line) +
                                              ": the question and its prompt have " +
                                              std::to_string(fixed + beginning.lead + question) +
                                              " tokens without the document, which does not fit into a prompt of " +
                                              std::to_string(limit) + "; allow longer prompts, or leave this line out");
        if (fixed + beginning.ids.size() + question <= limit)
            return;
        const std::size_t room = limit - fixed;
        const std::size_t half = std::max<std::size_t>(room / 2, 1);
        const std::size_t head = std::clamp(half, beginning.lead, room - question);
        // Of the document and the question. An odd room leaves a token over, as LongBench does.
        const std::size_t tail = head == half ? std::min(std::max(half, question), room - head) : room - head;
        beginning.ids.erase(beginning.ids.begin() + static_cast<std::ptrdiff_t>(head),
                            beginning.ids.end() - static_cast<std::ptrdiff_t>(tail - question));
    }

    const Tokenizer &m_tokenizer;
    std::vector<TokenId> m_prefix, m_suffix;
    std::string m_before, m_after;
    std::map<std::string, Beginning> m_beginnings; ///< by their text; a map's elements keep their places
    std::vector<std::pair<EvaluationCase, const Beginning *>> m_cases;
};

/// What fits into the context beside the answer, and what the user allows.
std::size_t promptLimit(const std::string &dataset, const PromptFormat &format, int contextLength,
                        std::optional<int> maxPromptTokens)
{
    const int limit = std::min(contextLength - format.maxNewTokens, maxPromptTokens.value_or(contextLength));
    if (limit < 1)
        throw Error(ErrorKind::Input, "\"" + dataset + "\": an answer of " + std::to_string(format.maxNewTokens) +
                                          " tokens leaves no room for a prompt in the model's context of " +
                                          std::to_string(contextLength) +
                                          "; lower its max_new_tokens in a file of prompts");
    return static_cast<std::size_t>(limit);
}

} // namespace

std::vector<EvaluationTask> planDocuments(const DocumentFile &file, const PromptFormats &formats,
                                          const Tokenizer &tokenizer, const ChatFormat &chat, int contextLength,
                                          const DocumentPlanSettings &settings, const JobControl &control)
{
    std::vector<EvaluationTask> tasks;
    double done = 0;
    for (const Group &group : groupByDataset(file, settings.maxCases)) {
        if (isChineseDataset(group.dataset))
            throw Error(ErrorKind::Input, file.source + ":" + std::to_string(group.questions.front()->line) + ": \"" +
                                              group.dataset +
                                              "\" is in Chinese, and its score needs a Chinese word segmenter, which "
                                              "this program lacks; leave this dataset out");
        const PromptFormat &format = formats.of(group.dataset);
        EvaluationTask task{group.dataset, format.metric, format.maxNewTokens, format.firstLineOnly, {}, {}, {}};
        TaskPlanner planner(format, tokenizer, chat);
        for (const DocumentQuestion *question : group.questions) {
            control.cancellation.throwIfCancelled();
            planner.add(*question);
            control.report({"Read questions", ++done, static_cast<double>(file.questions.size()), "questions"});
        }
        task.cases =
            planner.take(promptLimit(group.dataset, format, contextLength, settings.maxPromptTokens), file.source);
        tasks.push_back(std::move(task));
    }
    return tasks;
}

} // namespace headkv
