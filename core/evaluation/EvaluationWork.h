// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRun.h"
#include "core/parallel/RankTeam.h"

#include <string>
#include <string_view>
#include <vector>

namespace headkv {

struct ModelInfo;

/// Cases that one prefill serves.
struct EvaluationUnit
{
    std::size_t task = 0;
    std::vector<std::size_t> items;
};

/// Cases with an equal context, where it is compressed alone, else each by itself; task by task. For many ranks the
/// dearest first, so that none is late with a long one.
[[nodiscard]] std::vector<EvaluationUnit> evaluationUnits(const EvaluationRun &run, int ranks);

/// What all ranks must have in common.
[[nodiscard]] RankTeam::Parts commonParts(const EvaluationRun &run, const ModelInfo &model);

/// A result on its way to the rank that collects.
[[nodiscard]] std::string pack(const EvaluationResult &result);
/// Errors: Failed, where it is none, or of a case or variant that is not there.
[[nodiscard]] EvaluationResult unpackResult(std::string_view bytes, const EvaluationRun &run);

} // namespace headkv
