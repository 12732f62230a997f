// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeReport.h"

#include "core/base/Installation.h"
#include "core/probe/ProbeJson.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

/// [layers][heads].
Json byLayer(const std::vector<double> &scores, int layers)
{
    Json rows = Json::array();
    const std::ptrdiff_t heads = std::ssize(scores) / layers;
    for (auto row = scores.begin(); row != scores.end(); row += heads)
        rows.emplace_back(std::vector<double>(row, row + heads));
    return rows;
}

Json describeCase(const ProbeRun &run, const ProbeCaseResult &result, int layers)
{
    const ProbeCase &item = run.cases[result.index];
    const Needle &needle = run.settings.needles[item.needleIndex];
    return {{"needle", needle.needle},
            {"kind", toString(run.settings.kind)},
            {"length", item.length},
            {"depth", item.depth},
            {"question", needle.question},
            {"prompt_ids", item.promptIds},
            {"span", {item.span.begin, item.span.end}},
            {"emitted_ids", result.emittedIds},
            {"answer_ids", item.answerIds},
            {"text", result.text},
            {"f1", result.f1},
            {"rouge1_recall", result.rouge1Recall},
            {"passed", result.passed},
            {"seconds", result.seconds},
            {"scores", byLayer(result.scores, layers)}};
}

/// Heads with a score above 0 in a passed case.
std::size_t countNonzeroHeads(const ProbeRun &run)
{
    std::vector<bool> nonzero;
    for (const ProbeCaseResult &result : run.results) {
        nonzero.resize(result.scores.size());
        for (std::size_t i = 0; result.passed && i < result.scores.size(); ++i)
            nonzero[i] = nonzero[i] || result.scores[i] > 0;
    }
    return static_cast<std::size_t>(std::ranges::count(nonzero, true));
}

} // namespace

ProbeReport::ProbeReport(std::filesystem::path path, const ModelInfo &model)
    : m_file(std::move(path))
    , m_layers(model.layers)
    , m_model(dumpJson(describeProbeModel(model)))
{}

void ProbeReport::update(const ProbeRun &run)
{
    if (m_file.isDue())
        finish(run);
}

void ProbeReport::finish(const ProbeRun &run)
{
    if (m_settings.empty())
        m_settings = dumpJson(describeProbeSettings(run.settings));
    for (; m_seen < run.results.size(); ++m_seen)
        m_file.add(run.results[m_seen].index, dumpJson(describeCase(run, run.results[m_seen], m_layers)));
    m_file.write("{\"model\":" + m_model + ",\n\"settings\":" + m_settings + ",\n\"cases\":[",
                 "],\n\"totals\":" + dumpJson(probeTotals(run)) + "}\n");
}

Json describeProbe(const ProbeRun &run, const ModelInfo &model)
{
    std::map<std::size_t, const ProbeCaseResult *> inOrder;
    for (const ProbeCaseResult &result : run.results)
        inOrder[result.index] = &result;
    Json cases = Json::array();
    for (const auto &[index, result] : inOrder)
        cases.push_back(describeCase(run, *result, model.layers));
    return {{"model", describeProbeModel(model)},
            {"settings", describeProbeSettings(run.settings)},
            {"cases", std::move(cases)},
            {"totals", probeTotals(run)}};
}

Json describeProbeModel(const ModelInfo &model)
{
    return {{"name", model.name},        {"sha256", model.sha256},
            {"layers", model.layers},    {"query_heads", model.queryHeads},
            {"kv_heads", model.kvHeads}, {"dtype", model.dtype},
            {"weights", model.weights}};
}

Json describeProbeSettings(const ProbeSettings &settings)
{
    Json masked = Json::array();
    for (const HeadId &head : settings.maskedHeads)
        masked.push_back(toString(head));
    Json json{{"kind", toString(settings.kind)},
              {"scoring", toString(settings.scoring)},
              {"lengths", settings.lengths},
              {"depths", settings.depths},
              {"needles", describeNeedles(settings.needles)},
              {"haystack", settings.haystackName},
              {"filter", toString(settings.filter)},
              {"max_new_tokens", settings.maxNewTokens},
              {"masked_heads", masked},
              {"prefix_reuse", settings.prefixReuse}};
    describeChatFormat(settings.chatFormat, json);
    return json;
}

nlohmann::ordered_json probeTotals(const ProbeRun &run)
{
    const ProbeTotals &totals = run.totals;
    return {{"cases", totals.cases},
            {"passed", totals.passed},
            {"seconds", totals.seconds},
            {"prefill_tokens", totals.prefillTokens},
            {"reused_tokens", totals.reusedTokens},
            {"nonzero_heads", countNonzeroHeads(run)}};
}

nlohmann::json probeProvenance(const ModelInfo &model, const ProbeRun &run)
{
    return {{"model", describeProbeModel(model)},
            {"dtype", model.dtype},
            {"settings", describeProbeSettings(run.settings)},
            {"totals", probeTotals(run)},
            {"date", currentDate()},
            {"program", std::string("headkv ") + programVersion()}};
}

} // namespace headkv
