// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/Generation.h"

#include "core/base/Error.h"

#include <utility>

namespace headkv {

std::string toString(StopReason reason)
{
    switch (reason) {
    case StopReason::EndOfSequence:
        return "eos";
    case StopReason::TokenLimit:
        return "length";
    case StopReason::ContextFull:
        return "context";
    case StopReason::Cancelled:
        return "cancelled";
    }
    return {};
}

StopReason stopReasonFrom(std::string_view text)
{
    for (const StopReason reason :
         {StopReason::EndOfSequence, StopReason::TokenLimit, StopReason::ContextFull, StopReason::Cancelled}) {
        if (toString(reason) == text)
            return reason;
    }
    throw Error(ErrorKind::Input,
                "stop_reason \"" + std::string(text) + "\" is not known; use eos, length, context or cancelled");
}

void Generation::append(Generation next)
{
    const bool prefilledNow = metrics.perTokenMilliseconds.empty();
    emittedIds.insert(emittedIds.end(), next.emittedIds.begin(), next.emittedIds.end());
    states.insert(states.end(), next.states.begin(), next.states.end());
    text += next.text;
    stopReason = next.stopReason;
    metrics.append(next.metrics);
    if (prefilledNow) {
        window = next.window;
        budgets = std::move(next.budgets);
        contents = std::move(next.contents);
    }
}

} // namespace headkv
