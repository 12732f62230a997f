// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/CaseInspection.h"

#include "core/model/Model.h"
#include "sessions/LaneRunner.h"

namespace headkv {

void inspectCase(const std::shared_ptr<const Model> &model, const CaseRequest &request, const JobControl &control,
                 const std::function<void(InspectionPtr)> &publish)
{
    CaseInspection inspection;
    inspection.index = request.index;
    inspection.prompt = spell(model->tokenizer(), request.probeCase.promptIds).pieces;
    inspection.needle = request.probeCase.needle;
    inspection.span = request.probeCase.span;
    inspection.steps = spell(model->tokenizer(), request.stepIds).pieces;
    publish(std::make_shared<const CaseInspection>(inspection));
    inspection.attention = std::make_shared<const CaseAttention>(
        attendCase(model, request.probeCase, request.stepIds, request.maskedHeads, control));
    publish(std::make_shared<const CaseInspection>(std::move(inspection)));
}

} // namespace headkv
