// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"
#include "core/compression/CompressionMethod.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "core/evaluation/EvaluationReport.h"
#include "core/probe/Haystack.h"

#include <string>
#include <vector>

namespace headkv {

/// What the tiny model answers in a moment: 4 cases × 5 variants.
inline EvaluationRequest smallEvaluation()
{
    EvaluationRequest request;
    request.tasks = {needleTask};
    for (const char *method : {"full", "streaming", "snapkv"}) {
        request.methods.emplace_back();
        request.methods.back().method = method;
        request.methods.back().granularity = Granularity::KvHead;
    }
    request.budgets = {70, 90};
    request.needles.lengths = {80, 140};
    request.needles.depths = {0.5, 1};
    request.needles.needles = {{" The inn is on the hill.", "Where is the inn?", "on the hill"}};
    request.needles.haystack = builtInHaystack().text;
    request.needles.haystackName = builtInHaystack().name;
    request.needles.maxNewTokens = 5;
    return request;
}

/// The same with 120 cases × 5 variants: long enough for a cancellation to come in time.
inline EvaluationRequest longEvaluation()
{
    constexpr int depths = 60;
    EvaluationRequest request = smallEvaluation();
    request.needles.depths.clear();
    for (int i = 0; i < depths; ++i)
        request.needles.depths.push_back(static_cast<double>(i) / (depths - 1));
    return request;
}

/// A report as of a long run, with made-up answers: `tasks` grids of 5 × 5 with `needles` needles each, all methods at
/// four budgets with two score sets: 37 rows a task.
inline EvaluationRun writeLargeReport(const std::string &path, int tasks, int needles)
{
    EvaluationRequest request;
    request.tasks = {needleTask};
    request.budgets = {64, 128, 256, 512};
    for (const MethodInfo &method : compressionMethods()) {
        request.methods.emplace_back();
        request.methods.back().method = method.id;
        request.methods.back().granularity = Granularity::KvHead;
    }
    request.scoreSets = {{"R", "", {1, 2, 3, 4}}, {"R2", "", {4, 3, 2, 1}}};
    request.needles.lengths = {512, 768, 1024, 1536, 2048};
    request.needles.depths = {0, 0.25, 0.5, 0.75, 1};
    EvaluationRun run;
    run.variants = variantsOf(request);
    for (int task = 0; task < tasks; ++task) {
        run.tasks.emplace_back();
        EvaluationTask &made = run.tasks.back();
        made.name = task == 0 ? needleTask : task == 1 ? reasoningTask : "task " + std::to_string(task);
        made.lengths = request.needles.lengths;
        made.depths = request.needles.depths;
        for (std::size_t item = 0; item < 25 * static_cast<std::size_t>(needles); ++item) {
            made.cases.emplace_back();
            made.cases.back().name = "needle " + std::to_string(item / 25 + 1);
            made.cases.back().answers = {"eat a sandwich and sit in the park"};
            made.cases.back().lengthIndex = item % 25 / 5;
            made.cases.back().depthIndex = item % 5;
        }
    }
    Random random(7);
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        for (std::size_t item = 0; item < run.tasks[task].cases.size(); ++item) {
            for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
                const CompressionSettings &method = run.variants[variant].compression;
                EvaluationResult result;
                result.task = task;
                result.item = item;
                result.variant = variant;
                result.text = "sit in the park";
                const double skill = run.variants[variant].hasBudget() ? 40 + method.budget / 12.0 : 95;
                result.score = std::min(100.0, skill * (0.5 + static_cast<double>(random() % 1000) / 1000));
                result.prefillSeconds = 1.5;
                result.compressSeconds = 0.01 * static_cast<double>(variant % 7);
                result.decodeTokensPerSecond = item == 0 ? 40 - method.budget / 100.0 : 0;
                result.kvBytesPrompt =
                    20000ULL * static_cast<std::uint64_t>(run.variants[variant].hasBudget() ? method.budget : 1024);
                result.kvBytesPeak = result.kvBytesPrompt + 1000;
                run.results.push_back(std::move(result));
            }
        }
    }
    run.seconds = 3600;
    ModelInfo model;
    model.name = "Made up";
    model.layers = 2;
    model.queryHeads = 2;
    model.kvHeads = 1;
    EvaluationReport(path, model, request).finish(run);
    return run;
}

} // namespace headkv
