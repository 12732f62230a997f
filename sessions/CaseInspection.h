// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/CaseAttention.h"
#include "core/probe/ProbeCase.h"
#include "core/probe/ProbeSettings.h"

#include <QMetaType>
#include <QStringList>
#include <functional>
#include <memory>

namespace headkv {

/// A case of a probe to look into.
struct CaseRequest
{
    std::size_t index = 0; ///< of the case
    ProbeCase probeCase;
    std::vector<TokenId> stepIds; ///< what its steps emit
    std::vector<HeadId> maskedHeads;
};

/// What there is to see of a case: its prompt and its answer by token and, once the model has read them again, how
/// much each head attended to the answer's place at each step.
struct CaseInspection
{
    std::size_t index = 0;
    QStringList prompt;                             ///< the text of each token
    TokenSpan needle;                               ///< in the prompt; empty: not known
    TokenSpan span;                                 ///< of the answer in the needle
    QStringList steps;                              ///< the text of each emitted token
    std::shared_ptr<const CaseAttention> attention; ///< null: not yet, or it was cancelled
};

using InspectionPtr = std::shared_ptr<const CaseInspection>;

/// Publishes the case without attention at once, then with it. Errors: as attendCase.
void inspectCase(const std::shared_ptr<const Model> &model, const CaseRequest &request, const JobControl &control,
                 const std::function<void(InspectionPtr)> &publish);

} // namespace headkv

Q_DECLARE_METATYPE(headkv::InspectionPtr)
