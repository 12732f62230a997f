// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/StoredEvaluation.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/evaluation/EvaluationPlanner.h"

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
    explicit Reader(const std::filesystem::path &path)
        : m_path(path)
    {}

    StoredEvaluation read()
    {
        const Json json = Json::parse(readTextFile(m_path), nullptr, false);
        if (!json.is_object())
            fail("not JSON, or cut short");
        try {
            takeModel(json.at("model"));
            m_stored.request = evaluationRequestFrom(json.at("settings"));
            m_stored.run.moment = m_stored.request.moment;
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
        throw Error(ErrorKind::Input, m_path.string() + ": " + reason + "; name a file that headkv evaluate wrote");
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

    const std::filesystem::path &m_path;
    StoredEvaluation m_stored;
    std::set<std::tuple<std::size_t, std::size_t, std::size_t>> m_seen;
};

[[noreturn]] void refuse(const std::filesystem::path &path, const std::string &reason)
{
    throw Error(ErrorKind::Input, path.string() + ": cannot be resumed: " + reason +
                                      "; name another file, or begin anew without --resume");
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

StoredEvaluation readEvaluation(const std::filesystem::path &path) { return Reader(path).read(); }

void resumeEvaluation(EvaluationRun &run, const ModelInfo &model, const EvaluationRequest &request,
                      const std::filesystem::path &path)
{
    StoredEvaluation stored = readEvaluation(path);
    if (const char *other = otherArithmetic(stored.model, model); *other != '\0')
        refuse(path, std::string("its model has another ") + other);
    const Json theirs = describe(stored.request), ours = describe(request);
    for (const auto &[key, value] : ours.items()) {
        if (theirs.value(key, Json()) != value)
            refuse(path, "its settings have another " + key);
    }
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        if (task >= stored.fingerprints.size() || fingerprint(run.tasks[task]) != stored.fingerprints[task])
            refuse(path, "task " + run.tasks[task].name + " has other prompts now (another haystack or file?)");
    }
    run.results = std::move(stored.run.results);
    run.seconds = stored.run.seconds;
}

} // namespace headkv
