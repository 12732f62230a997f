// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRun.h"

#include <string>

namespace headkv {

/// "HeadKV (R)", as figures and tables show a variant without its budget.
[[nodiscard]] std::string displayName(const EvaluationVariant &variant);
/// "NIAH", "Reasoning", or the task's own name.
[[nodiscard]] std::string displayName(const EvaluationTask &task);

} // namespace headkv
