// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationRun.h"

#include "core/compression/CompressionMethod.h"

namespace headkv {

bool EvaluationVariant::hasBudget() const { return compressionMethod(compression.method).hasBudget; }

int EvaluationVariant::budget() const { return hasBudget() ? compression.budget : 0; }

std::string EvaluationVariant::method() const
{
    return scores.empty() ? compression.method : compression.method + " (" + scores + ")";
}

std::string toString(CompressionMoment moment)
{
    return moment == CompressionMoment::Question ? "question" : "context";
}

std::size_t EvaluationRun::answers() const
{
    std::size_t cases = 0;
    for (const EvaluationTask &task : tasks)
        cases += task.cases.size();
    return cases * variants.size();
}

} // namespace headkv
