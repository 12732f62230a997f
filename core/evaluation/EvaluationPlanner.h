// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/evaluation/EvaluationRequest.h"
#include "core/evaluation/EvaluationRun.h"

#include <string>
#include <vector>

namespace headkv {

class Model;

/// Names of tasks that are no files.
constexpr auto needleTask = "niah";         ///< a fact hidden in a haystack
constexpr auto reasoningTask = "reasoning"; ///< a question that needs a hidden reasoning step
constexpr auto documentTask = "documents";  ///< the program's own questions about texts made by rules

[[nodiscard]] bool isNeedleTask(const std::string &task); ///< niah or reasoning
[[nodiscard]] bool isFileTask(const std::string &task);   ///< none of the above

/// Variants in the order methods, score sets, budgets. Errors: Usage: a setting out of range, no budget or score set
/// where a method needs one.
[[nodiscard]] std::vector<EvaluationVariant> variantsOf(const EvaluationRequest &request);

/// The prompts of all tasks, and the variants. Errors: Usage; Input, for files and prompts that do not fit; Cancelled.
[[nodiscard]] EvaluationRun planEvaluation(const Model &model, const EvaluationRequest &request,
                                           const JobControl &control = {});

/// Of a task's prompts and answers: equal where they are. Hexadecimal.
[[nodiscard]] std::string fingerprint(const EvaluationTask &task);

} // namespace headkv
