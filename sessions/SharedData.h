// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/StoredEvaluation.h"
#include "core/generation/GenerationReport.h"
#include "core/model/ModelInfo.h"
#include "core/probe/HeadScores.h"
#include "core/probe/HeadStatistics.h"
#include "core/probe/ProbeCase.h"
#include "core/probe/ProbeSettings.h"
#include "sessions/Lane.h"

#include <memory>
#include <vector>

// What the worker hands to the window: both hold it, neither changes it.
namespace headkv {

using InfoPtr = std::shared_ptr<const ModelInfo>;
using SettingsPtr = std::shared_ptr<const ProbeSettings>;
using CasesPtr = std::shared_ptr<const std::vector<ProbeCase>>;
using ResultPtr = std::shared_ptr<const ProbeCaseResult>;
using ScoresPtr = std::shared_ptr<const HeadScores>;
using StatisticsPtr = std::shared_ptr<const HeadStatistics>;
using ReportPtr = std::shared_ptr<const GenerationReport>;
using AnswerPtr = std::shared_ptr<const EvaluationResult>;
using StoredEvaluationPtr = std::shared_ptr<const StoredEvaluation>;
using PromptPtr = std::shared_ptr<const LanePrompt>;

} // namespace headkv
