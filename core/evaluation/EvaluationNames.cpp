// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationNames.h"

#include "core/compression/CompressionMethod.h"
#include "core/evaluation/EvaluationPlanner.h"

namespace headkv {

std::string displayName(const EvaluationVariant &variant)
{
    const std::string method(compressionMethod(variant.compression.method).name);
    return variant.scores.empty() ? method : method + " (" + variant.scores + ")";
}

std::string displayName(const EvaluationTask &task)
{
    if (task.name == needleTask)
        return "NIAH";
    return task.name == reasoningTask ? "Reasoning" : task.name;
}

} // namespace headkv
