// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/evaluation/EvaluationRun.h"

#include <functional>
#include <memory>

namespace headkv {

class Model;
class RankTeam;

/// Called after each new result.
using EvaluationObserver = std::function<void(const EvaluationRun &)>;

/// Answers what is not answered yet, task by task, greedily. A prompt is prefilled once for all variants that fit into
/// memory together, a context once for all its questions where that is the moment of compression; the answers are
/// decoded side by side, but for a task's first case, which gives the variants' own decoding speed. The answers are
/// those of runs one by one. A cancelled run keeps what it has. Errors: Input (a prompt longer than the model's
/// context), Memory, Usage (settings out of range), with the variant's name.
void runEvaluation(const std::shared_ptr<const Model> &model, EvaluationRun &run, const JobControl &control = {},
                   const EvaluationObserver &observer = {});
/// The same, shared with other ranks, all of which have planned it: results come to the first rank's run and observer.
/// Errors: also Input, where a rank has planned something else.
void runEvaluation(RankTeam &team, const std::shared_ptr<const Model> &model, EvaluationRun &run,
                   const JobControl &control = {}, const EvaluationObserver &observer = {});

} // namespace headkv
