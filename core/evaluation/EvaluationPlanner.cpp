// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationPlanner.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/compression/CompressionMethod.h"
#include "core/evaluation/DocumentPlanner.h"
#include "core/model/Model.h"
#include "core/probe/CasePlanner.h"
#include "core/text/Tokenizer.h"

#include <algorithm>

namespace headkv {

namespace {

/// Needles in a haystack as a task: a probe's cases, of which the answers count, not the heads.
EvaluationTask planNeedles(const Model &model, const ProbeSettings &settings, const ChatFormat &format,
                           const std::string &name)
{
    EvaluationTask task{
        name, AnswerMetric::Rouge1Recall, settings.maxNewTokens, false, settings.lengths, settings.depths, {}};
    const std::size_t prefix = format.prefixIds(model.tokenizer()).size();
    for (ProbeCase &item : planCases(settings, model.tokenizer(), format, model.info().contextLength)) {
        const auto question = item.promptIds.begin() + static_cast<std::ptrdiff_t>(prefix) + item.length;
        EvaluationCase planned;
        planned.name = "needle " + std::to_string(item.needleIndex + 1) + ", " + std::to_string(item.length) +
                       " tokens, depth " + std::to_string(item.depth).substr(0, 4);
        planned.contextIds.assign(item.promptIds.begin(), question);
        planned.questionIds.assign(question, item.promptIds.end());
        planned.answers = {settings.needles[item.needleIndex].answer};
        planned.lengthIndex = item.lengthIndex;
        planned.depthIndex = item.depthIndex;
        task.cases.push_back(std::move(planned));
    }
    return task;
}

/// A file's datasets as tasks, or those of the program's own questions.
std::vector<EvaluationTask> planFile(const Model &model, const std::string &name, const DocumentSettings &settings,
                                     const ChatFormat &format, const JobControl &control,
                                     std::vector<std::string> &skipped)
{
    const DocumentFile file = name == documentTask ? builtInDocuments() : readDocuments(name, settings.skipMalformed);
    skipped.insert(skipped.end(), file.skipped.begin(), file.skipped.end());
    PromptFormats formats = PromptFormats::builtIn();
    if (!settings.formats.empty())
        formats.read(settings.formats);
    DocumentPlanSettings plan;
    if (settings.maxPromptTokens > 0)
        plan.maxPromptTokens = settings.maxPromptTokens;
    if (settings.maxCases > 0)
        plan.maxCases = static_cast<std::size_t>(settings.maxCases);
    return planDocuments(file, formats, model.tokenizer(), format, model.info().contextLength, plan, control);
}

void append(std::vector<EvaluationVariant> &variants, const CompressionSettings &method, const std::string &scores,
            const std::vector<int> &budgets)
{
    for (const int budget : budgets) {
        variants.push_back({method, scores});
        variants.back().compression.budget = budget;
    }
}

} // namespace

bool isNeedleTask(const std::string &task) { return task == needleTask || task == reasoningTask; }

bool isFileTask(const std::string &task) { return !isNeedleTask(task) && task != documentTask; }

std::vector<EvaluationVariant> variantsOf(const EvaluationRequest &request)
{
    std::vector<EvaluationVariant> variants;
    for (const CompressionSettings &method : request.methods) {
        const MethodInfo &info = compressionMethod(method.method);
        if (info.hasBudget && request.budgets.empty())
            throw Error(ErrorKind::Usage, "method " + method.method + " needs a budget; name one or more");
        if (info.hasScores && request.scoreSets.empty())
            throw Error(ErrorKind::Usage, "method " + method.method +
                                              " needs the importance of heads; name a score file, as headkv probe "
                                              "writes it");
        const std::vector<int> budgets = info.hasBudget ? request.budgets : std::vector{method.budget};
        if (!info.hasScores) {
            append(variants, method, {}, budgets);
            continue;
        }
        for (const NamedImportance &set : request.scoreSets) {
            CompressionSettings settings = method;
            settings.importance = set.values;
            append(variants, settings, set.name, budgets);
        }
    }
    return variants;
}

EvaluationRun planEvaluation(const Model &model, const EvaluationRequest &request, const JobControl &control)
{
    if (request.tasks.empty() || request.methods.empty())
        throw Error(ErrorKind::Usage, "an evaluation needs at least one task and one method");
    const ChatFormat format = request.chatFormat.value_or(model.chatFormat());
    EvaluationRun run;
    run.moment = request.moment;
    run.variants = variantsOf(request);
    for (const std::string &name : request.tasks) {
        control.cancellation.throwIfCancelled();
        if (isNeedleTask(name)) {
            ProbeSettings settings = request.needles;
            if (name == reasoningTask)
                settings.needles = request.reasoningNeedles;
            run.tasks.push_back(planNeedles(model, settings, format, name));
        } else {
            for (EvaluationTask &task : planFile(model, name, request.documents, format, control, run.skipped))
                run.tasks.push_back(std::move(task));
        }
    }
    return run;
}

std::string fingerprint(const EvaluationTask &task)
{
    std::string text;
    const auto addIds = [&text](const std::vector<TokenId> &ids) {
        text += std::to_string(ids.size()) + ":";
        text.append(reinterpret_cast<const char *>(ids.data()), ids.size() * sizeof(TokenId));
    };
    const auto addTexts = [&text](const std::vector<std::string> &texts) {
        for (const std::string &one : texts)
            text += std::to_string(one.size()) + "=" + one;
    };
    for (const EvaluationCase &item : task.cases) {
        addIds(item.contextIds);
        addIds(item.questionIds);
        addTexts(item.answers);
        addTexts(item.allClasses);
    }
    return sha256(text);
}

} // namespace headkv
