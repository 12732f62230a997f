// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationReport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Installation.h"
#include "core/compression/CompressionMethod.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "core/evaluation/EvaluationSummary.h"
#include "core/evaluation/StoredEvaluation.h"
#include "core/probe/ProbeReport.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

Json describeCase(const EvaluationCase &item)
{
    Json json{{"name", item.name}};
    if (!item.contextIds.empty() || !item.questionIds.empty()) { // else they are not known any more
        json["context_tokens"] = item.contextIds.size();
        json["question_tokens"] = item.questionIds.size();
    }
    json["answers"] = item.answers;
    if (!item.allClasses.empty())
        json["all_classes"] = item.allClasses;
    if (item.lengthIndex && item.depthIndex) {
        json["length_index"] = *item.lengthIndex;
        json["depth_index"] = *item.depthIndex;
    }
    return json;
}

Json describeTask(const EvaluationTask &task, const std::string &fingerprint)
{
    Json cases = Json::array();
    for (const EvaluationCase &item : task.cases)
        cases.push_back(describeCase(item));
    return {{"name", task.name},
            {"metric", toString(task.metric)},
            {"max_new_tokens", task.maxNewTokens},
            {"first_line_only", task.firstLineOnly},
            {"lengths", task.lengths},
            {"depths", task.depths},
            {"fingerprint", fingerprint},
            {"cases", cases}};
}

/// What names a variant in rows and answers.
Json nameVariant(const EvaluationVariant &variant)
{
    return {{"method", variant.compression.method},
            {"scores", variant.scores.empty() ? Json() : Json(variant.scores)},
            {"budget", variant.hasBudget() ? Json(variant.compression.budget) : Json()}};
}

Json describeResult(const EvaluationRun &run, const EvaluationResult &result)
{
    Json json{{"task", run.tasks[result.task].name}, {"task_index", result.task}, {"case_index", result.item}};
    json.update(nameVariant(run.variants[result.variant]));
    json["variant_index"] = result.variant;
    json["emitted_ids"] = result.emittedIds;
    json["text"] = result.text;
    json["score"] = result.score;
    json["window"] = result.window;
    json["prefill_s"] = result.prefillSeconds;
    json["compress_s"] = result.compressSeconds;
    json["decode_tokens_per_s"] = result.decodeTokensPerSecond;
    json["kv_bytes_prompt"] = result.kvBytesPrompt;
    json["kv_bytes_peak"] = result.kvBytesPeak;
    return json;
}

Json describeGrid(const std::vector<std::vector<double>> &grid)
{
    Json rows = Json::array();
    for (const std::vector<double> &row : grid)
        rows.emplace_back(row); // NaN is null in JSON
    return rows;
}

/// Its place among all results.
std::size_t keyOf(const EvaluationRun &run, const EvaluationResult &result)
{
    std::size_t cases = result.item;
    for (std::size_t task = 0; task < result.task; ++task)
        cases += run.tasks[task].cases.size();
    return cases * run.variants.size() + result.variant;
}

} // namespace

Json describeRows(const EvaluationRun &run)
{
    Json rows = Json::array();
    for (const EvaluationRow &row : summarize(run)) {
        const EvaluationVariant &variant = run.variants[row.variant];
        Json json{{"task", run.tasks[row.task].name}};
        json.update(nameVariant(variant));
        json["granularity"] = toString(granularityOf(variant.compression));
        json["score"] = row.cases > 0 ? Json(row.score) : Json();
        json["interval"] = row.cases > 0 ? Json{row.interval.low, row.interval.high} : Json();
        json["metric"] = toString(run.tasks[row.task].metric);
        json["cases"] = row.cases;
        json["prefill_s"] = row.prefillSeconds;
        json["compress_s"] = row.compressSeconds;
        json["decode_tokens_per_s"] = row.decodeTokensPerSecond > 0 ? Json(row.decodeTokensPerSecond) : Json();
        json["kv_bytes_prompt"] = row.kvBytesPrompt;
        json["kv_bytes_peak"] = row.kvBytesPeak;
        if (!row.grid.empty())
            json["grid"] = describeGrid(row.grid);
        rows.push_back(std::move(json));
    }
    return rows;
}

Json describe(const StoredEvaluation &evaluation)
{
    const EvaluationRun &run = evaluation.run;
    Json tasks = Json::array(), answers = Json::array();
    for (std::size_t task = 0; task < run.tasks.size(); ++task)
        tasks.push_back(describeTask(run.tasks[task], evaluation.fingerprints[task]));
    for (const EvaluationResult &result : run.results)
        answers.push_back(describeResult(run, result));
    return {{"evaluation", 1},
            {"model", describeProbeModel(evaluation.model)},
            {"program", std::string("headkv ") + programVersion()},
            {"settings", describe(evaluation.request)},
            {"tasks", std::move(tasks)},
            {"answers", std::move(answers)},
            {"totals", {{"answers", run.results.size()}, {"planned", run.answers()}, {"seconds", run.seconds}}}};
}

void writeEvaluation(const std::filesystem::path &path, const StoredEvaluation &evaluation)
{
    Json report = describe(evaluation);
    report["rows"] = describeRows(evaluation.run);
    writeFileAtomically(path, dumpJson(report) + "\n");
}

EvaluationReport::EvaluationReport(std::filesystem::path path, const ModelInfo &model, const EvaluationRequest &request)
    : m_file(std::move(path))
    , m_head("{\"evaluation\":1,\n\"model\":" + dumpJson(describeProbeModel(model)) + ",\n\"program\":" +
             dumpJson(std::string("headkv ") + programVersion()) + ",\n\"settings\":" + dumpJson(describe(request)))
{}

void EvaluationReport::update(const EvaluationRun &run)
{
    if (m_file.isDue())
        finish(run);
}

void EvaluationReport::finish(const EvaluationRun &run)
{
    if (m_tasks.empty()) {
        const char *separator = "\n";
        for (const EvaluationTask &task : run.tasks)
            m_tasks += std::exchange(separator, ",\n") + dumpJson(describeTask(task, fingerprint(task)));
    }
    for (; m_seen < run.results.size(); ++m_seen)
        m_file.add(keyOf(run, run.results[m_seen]), dumpJson(describeResult(run, run.results[m_seen])));
    std::string rows;
    const char *separator = "\n";
    for (const Json &row : describeRows(run))
        rows += std::exchange(separator, ",\n") + dumpJson(row);
    m_file.write(m_head + ",\n\"rows\":[" + rows + "\n],\n\"tasks\":[" + m_tasks + "\n],\n\"answers\":[",
                 "],\n\"totals\":" +
                     dumpJson({{"answers", run.results.size()}, {"planned", run.answers()}, {"seconds", run.seconds}}) +
                     ",\n\"date\":" + dumpJson(currentDate()) + "}\n");
}

} // namespace headkv
