// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Lane.h"

#include <QString>

namespace headkv {

/// The method as people know it: "Ada-SnapKV".
[[nodiscard]] QString methodName(const std::string &method);
/// Short, the same everywhere: "HeadKV, B 128, β 1.2", with ", KV heads" where that is not the method's own way.
[[nodiscard]] QString laneTitle(const LaneSettings &settings);
/// Why a lane's text ends: "end of text", "token limit", "context full", "stopped".
[[nodiscard]] QString stopText(StopReason reason);
/// "Waiting", "Decoding", "Finished: token limit", "Stopped after 12 tokens", …
[[nodiscard]] QString stateText(const Lane &lane);

} // namespace headkv
