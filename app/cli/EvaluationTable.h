// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRun.h"

#include <nlohmann/json_fwd.hpp>

namespace headkv {

/// A row for each task and variant to standard output: scores with intervals, the best of a task and budget marked, and
/// how likely the others' distance from it is by chance.
void printEvaluation(const EvaluationRun &run);
/// The same comparisons as JSON.
[[nodiscard]] nlohmann::ordered_json describeComparisons(const EvaluationRun &run);

} // namespace headkv
