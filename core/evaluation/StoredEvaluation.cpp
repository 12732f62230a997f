// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/StoredEvaluation.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/evaluation/EvaluationPlanner.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

/// Reads a report, and says what is wrong in it.
class Reader
{
public:
    explicit Reader(const std::string &source)
        : m_source(source)
    {}

    StoredEvaluation read(const Json &json)
    {
        if (!json.is_object())
            fail("not JSON, or cut short");
        try {
            takeModel(json.at("model"));
            m_stored.request = evaluationRequestFrom(json.at("settings"));
            m_stored.run.moment = m_stored.request.moment;
            checkSize(json.at("tasks").size());
            m_stored.run.variants = variantsOf(m_stored.request);
            for (const Json &task : json.at("tasks"))
                takeTask(task);
            for (const Json &answer : json.at("answers"))
                takeAnswer(answer);
            json.at("totals").at("seconds").get_to(m_stored.run.seconds);
        } catch (const Json::exception &) {
            fail("not a report of headkv evaluate");
        }
        return std::move(m_stored);
    }

private:
    [[noreturn]] void fail(const std::string &reason) const
    {
        throw Error(ErrorKind::Input, m_source + ": " + reason + "; name a file that headkv evaluate wrote");
    }

    /// Rows are methods × budgets × score sets × tasks: short lists of a damaged file would make long ones.
    void checkSize(std::size_t tasks) const
    {
        constexpr double mostRows = 1e5;
        const EvaluationRequest &request = m_stored.request;
        const auto orOne = [](std::size_t count) { return static_cast<double>(std::max<std::size_t>(count, 1)); };
        if (orOne(request.methods.size()) * orOne(request.budgets.size()) * orOne(request.scoreSets.size()) *
                orOne(tasks) >
            mostRows)
            fail("it tells of more tasks, methods and budgets than an evaluation has");
    }

    void takeModel(const Json &json)
    {
        ModelInfo &model = m_stored.model;
        json.at("name").get_to(model.name);
        json.at("sha256").get_to(model.sha256);
        json.at("layers").get_to(model.layers);
        json.at("query_heads").get_to(model.queryHeads);
        json.at("kv_heads").get_to(model.kvHeads);
        json.at("dtype").get_to(model.dtype);
        json.at("weights").get_to(model.weights);
    }

    void takeTask(const Json &json)
    {
        EvaluationTask task;
        json.at("name").get_to(task.name);
        const auto metric = answerMetricFrom(json.at("metric").get<std::string>());
        if (!metric)
            fail("task " + task.name + " has an unknown metric");
        task.metric = *metric;
        json.at("max_new_tokens").get_to(task.maxNewTokens);
        json.at("first_line_only").get_to(task.firstLineOnly);
        json.at("lengths").get_to(task.lengths);
        json.at("depths").get_to(task.depths);
        constexpr std::size_t mostCells = 10000;
        if (task.lengths.size() > mostCells || task.depths.size() > mostCells ||
            task.lengths.size() * task.depths.size() > mostCells)
            fail("task " + task.name + " has more lengths and depths than a grid can show");
        for (const Json &item : json.at("cases"))
            task.cases.push_back(caseFrom(item, task));
        m_stored.fingerprints.push_back(json.at("fingerprint"));
        m_stored.run.tasks.push_back(std::move(task));
    }

    [[nodiscard]] EvaluationCase caseFrom(const Json &json, const EvaluationTask &task) const
    {
        EvaluationCase item;
        json.at("name").get_to(item.name);
        json.at("answers").get_to(item.answers);
        if (json.contains("all_classes"))
            json.at("all_classes").get_to(item.allClasses);
        if (json.contains("length_index")) {
            item.lengthIndex = json.at("length_index").get<std::size_t>();
            item.depthIndex = json.at("depth_index").get<std::size_t>();
            if (*item.lengthIndex >= task.lengths.size() || *item.depthIndex >= task.depths.size())
                fail("task " + task.name + " has a case outside its grid");
        }
        return item;
    }

    void takeAnswer(const Json &json)
    {
        const EvaluationRun &run = m_stored.run;
        EvaluationResult result;
        json.at("task_index").get_to(result.task);
        json.at("case_index").get_to(result.item);
        json.at("variant_index").get_to(result.variant);
        json.at("emitted_ids").get_to(result.emittedIds);
        json.at("text").get_to(result.text);
        json.at("score").get_to(result.score);
        json.at("window").get_to(result.window);
        json.at("prefill_s").get_to(result.prefillSeconds);
        json.at("compress_s").get_to(result.compressSeconds);
        json.at("decode_tokens_per_s").get_to(result.decodeTokensPerSecond);
        json.at("kv_bytes_prompt").get_to(result.kvBytesPrompt);
        json.at("kv_bytes_peak").get_to(result.kvBytesPeak);
        const bool known = result.task < run.tasks.size() && result.item < run.tasks[result.task].cases.size() &&
                           result.variant < run.variants.size();
        if (!known || !(result.score >= 0 && result.score <= 100) ||
            !m_seen.emplace(result.task, result.item, result.variant).second)
            fail("its answer " + std::to_string(run.results.size() + 1) + " fits no task, case and method");
        m_stored.run.results.push_back(std::move(result));
    }

    const std::string &m_source;
    StoredEvaluation m_stored;
    std::set<std::tuple<std::size_t, std::size_t, std::size_t>> m_seen;
};

[[noreturn]] void refuse(const std::string &source, const std::string &reason)
{
    throw Error(ErrorKind::Input,
                source + ": cannot be resumed: " + reason + "; name another file, or begin anew without --resume");
}

} // namespace

const char *otherArithmetic(const ModelInfo &a, const ModelInfo &b)
{
    if (a.sha256 != b.sha256)
        return "sha256";
    if (a.dtype != b.dtype)
        return "dtype";
    return a.weights != b.weights ? "weights" : "";
}

bool isEvaluationReport(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    std::string head(16, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    return head.starts_with("{\"evaluation\":1,");
}

StoredEvaluation readEvaluation(const std::filesystem::path &path)
{
    return evaluationFrom(Json::parse(readTextFile(path), nullptr, false), path.string());
}

StoredEvaluation evaluationFrom(const Json &json, const std::string &source) { return Reader(source).read(json); }

void resumeEvaluation(EvaluationRun &run, const ModelInfo &model, const EvaluationRequest &request,
                      const std::filesystem::path &path)
{
    resumeEvaluation(run, model, request, readEvaluation(path), path.string());
}

void resumeEvaluation(EvaluationRun &run, const ModelInfo &model, const EvaluationRequest &request,
                      const StoredEvaluation &stored, const std::string &source)
{
    if (const char *other = otherArithmetic(stored.model, model); *other != '\0')
        refuse(source, std::string("its model has another ") + other);
    const Json theirs = describe(stored.request), ours = describe(request);
    for (const auto &[key, value] : ours.items()) {
        if (theirs.value(key, Json()) != value)
            refuse(source, "its settings have another " + key);
    }
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        if (task >= stored.fingerprints.size() || fingerprint(run.tasks[task]) != stored.fingerprints[task])
            refuse(source, "task " + run.tasks[task].name + " has other prompts now (another haystack or file?)");
    }
    run.results = stored.run.results;
    run.seconds = stored.run.seconds;
}

} // namespace headkv
