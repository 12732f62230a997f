// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRequest.h"
#include "core/evaluation/EvaluationRun.h"
#include "core/model/ModelInfo.h"

#include <filesystem>
#include <string>
#include <vector>

namespace headkv {

/// A report read back: what can be shown without the model. Prompts are not in it: cases have no ids.
struct StoredEvaluation
{
    ModelInfo model;                       ///< its name, sha256, shape, dtype and weights; the rest is not in a report
    EvaluationRequest request;             ///< what the settings say
    std::vector<std::string> fingerprints; ///< of the tasks' prompts and answers, one for each task
    EvaluationRun run;
};

/// What makes two models' answers differ: "sha256", "dtype" or "weights"; empty: nothing.
[[nodiscard]] const char *otherArithmetic(const ModelInfo &a, const ModelInfo &b);

/// By how it begins: a report of an evaluation.
[[nodiscard]] bool isEvaluationReport(const std::filesystem::path &path);
/// Errors: Input, with the file and what is wrong in it.
[[nodiscard]] StoredEvaluation readEvaluation(const std::filesystem::path &path);
/// The same from a document in another one, which `source` names.
[[nodiscard]] StoredEvaluation evaluationFrom(const nlohmann::ordered_json &json, const std::string &source);
/// Takes the answers of the report into a run that was planned anew. Errors: Input, where the report is of another
/// model, of other settings, or its prompts are others: named.
void resumeEvaluation(EvaluationRun &run, const ModelInfo &model, const EvaluationRequest &request,
                      const std::filesystem::path &path);
/// The same with what was read before.
void resumeEvaluation(EvaluationRun &run, const ModelInfo &model, const EvaluationRequest &request,
                      const StoredEvaluation &stored, const std::string &source);

} // namespace headkv
