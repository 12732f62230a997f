// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationWork.h"

#include "core/base/Error.h"
#include "core/base/GrowingReport.h"
#include "core/base/Sha256.h"
#include "core/compression/BudgetReport.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "core/parallel/Message.h"
#include "core/probe/ProbeWork.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <tuple>

namespace headkv {

namespace {

std::vector<EvaluationUnit> unitsOf(const EvaluationRun &run, std::size_t task)
{
    const std::vector<EvaluationCase> &cases = run.tasks[task].cases;
    std::vector<EvaluationUnit> units;
    for (std::size_t item = 0; item < cases.size(); ++item) {
        const auto shares = [&](const EvaluationUnit &unit) {
            return cases[unit.items.front()].contextIds == cases[item].contextIds;
        };
        auto unit = units.end();
        if (run.moment == CompressionMoment::Context)
            unit = std::ranges::find_if(units, shares);
        if (unit == units.end())
            units.push_back({task, {item}});
        else
            unit->items.push_back(item);
    }
    return units;
}

/// In tokens of prompts.
double costOf(const EvaluationRun &run, const EvaluationUnit &unit)
{
    const EvaluationTask &task = run.tasks[unit.task];
    const EvaluationCase &first = task.cases[unit.items.front()];
    const std::size_t answers = unit.items.size() * run.variants.size();
    return static_cast<double>(first.contextIds.size() + first.questionIds.size()) +
           answerCost(ProbeScoring::Generated, answers * static_cast<std::size_t>(task.maxNewTokens));
}

/// With the importance of heads, that settings do not tell of.
std::string describeVariant(const EvaluationVariant &variant)
{
    return variant.scores + dumpJson(describe(variant.compression, variant.compression.window.value_or(0))) +
           MessageWriter().put(variant.compression.importance).take();
}

/// In the order in which they are sent.
auto fieldsOf(auto &result)
{
    return std::tie(result.task, result.item, result.variant, result.emittedIds, result.text, result.score,
                    result.window, result.prefillSeconds, result.compressSeconds, result.decodeTokensPerSecond,
                    result.kvBytesPrompt, result.kvBytesPeak);
}

} // namespace

std::vector<EvaluationUnit> evaluationUnits(const EvaluationRun &run, int ranks)
{
    std::vector<EvaluationUnit> units;
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        for (EvaluationUnit &unit : unitsOf(run, task))
            units.push_back(std::move(unit));
    }
    if (ranks > 1)
        std::ranges::stable_sort(units, std::greater(),
                                 [&run](const EvaluationUnit &unit) { return costOf(run, unit); });
    return units;
}

RankTeam::Parts commonParts(const EvaluationRun &run, const ModelInfo &model)
{
    std::string variants = toString(run.moment);
    for (const EvaluationVariant &variant : run.variants)
        variants += describeVariant(variant);
    RankTeam::Parts parts = commonParts(model);
    parts.emplace_back("list of methods", sha256(variants));
    std::string tasks;
    for (const EvaluationTask &task : run.tasks)
        tasks += task.name + toString(task.metric) + std::to_string(task.maxNewTokens) + fingerprint(task);
    parts.emplace_back("list of prompts", sha256(tasks));
    return parts;
}

std::string pack(const EvaluationResult &result) { return MessageWriter().put(fieldsOf(result)).take(); }

EvaluationResult unpackResult(std::string_view bytes, const EvaluationRun &run)
{
    EvaluationResult result;
    MessageReader(bytes).get(fieldsOf(result));
    if (result.task >= run.tasks.size() || result.item >= run.tasks[result.task].cases.size() ||
        result.variant >= run.variants.size())
        throw Error(ErrorKind::Failed,
                    "a rank sent an answer to a case that is not there; start the same program on all of them");
    return result;
}

} // namespace headkv
