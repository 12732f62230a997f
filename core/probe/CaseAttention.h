// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/HeadId.h"
#include "core/probe/ProbeCase.h"

#include <memory>
#include <span>
#include <vector>

namespace headkv {

class Model;

/// How much each head attends to a case's span while it answers, step by step.
struct CaseAttention
{
    int layers = 0;
    int heads = 0;                        ///< query heads a layer
    std::vector<TokenId> stepIds;         ///< the token that each step emits
    std::vector<std::vector<float>> mass; ///< [steps][layers·heads], layer-major: Σ of the attention on the span, 0…1

    /// [layers·heads]: the steps' sum.
    [[nodiscard]] std::vector<float> sum() const;
};

/// Runs a case again, its answer given: the emitted ids of a result or, for forced scoring, the case's answerIds.
/// Step t is the row of the query whose logits emit stepIds[t] (algorithms §1), over all keys; what is summed is all
/// of the span's attention, where a score takes only that among the span's number of strongest keys. Masked heads are
/// those of the probe's settings: what they attend to is there, but goes nowhere. Progress counts
/// prompt tokens, then steps. Errors: Cancelled; Memory; Usage, without a step or with a span outside the prompt.
[[nodiscard]] CaseAttention attendCase(std::shared_ptr<const Model> model, const ProbeCase &probeCase,
                                       std::span<const TokenId> stepIds, const std::vector<HeadId> &maskedHeads = {},
                                       const JobControl &control = {});

} // namespace headkv
