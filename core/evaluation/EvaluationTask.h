// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/AnswerMetric.h"
#include "core/text/Vocabulary.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// One question to a model. The prompt is in two parts, so that a cache can be compressed before the question is known.
struct EvaluationCase
{
    std::string name;                 ///< where it comes from: "needle 1, 1,024 tokens, depth 0.5", "line 12"
    std::vector<TokenId> contextIds;  ///< the template's beginning and the context; equal for questions that share one
    std::vector<TokenId> questionIds; ///< what follows: the question and the template's end; at least one token
    std::vector<std::string> answers; ///< each is right
    std::vector<std::string> allClasses;
    std::optional<std::size_t> lengthIndex, depthIndex; ///< into the task's lists, where cases make a grid
};

/// Cases whose scores are averaged.
struct EvaluationTask
{
    std::string name; ///< "niah", "reasoning", a dataset's or file's name
    AnswerMetric metric = AnswerMetric::Rouge1Recall;
    int maxNewTokens = 32;
    bool firstLineOnly = false; ///< of the answer, as LongBench scores few-shot tasks
    std::vector<int> lengths;   ///< tokens, of a grid
    std::vector<double> depths; ///< 0…1, of a grid
    std::vector<EvaluationCase> cases;
};

} // namespace headkv
