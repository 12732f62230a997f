// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/ModelInfo.h"
#include "core/probe/ProbeRunner.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace headkv {

/// Gives a planned run the cases and totals that an earlier run of the same probe left in its report, so that runCases
/// goes on behind them. Errors: Input, where the file is not such a report (the message says what differs: another
/// model, setting or prompt) or is malformed.
void resumeProbe(ProbeRun &run, const ModelInfo &model, const std::filesystem::path &report);
/// The same from a report's text, which lies in the file `source`.
void resumeProbe(ProbeRun &run, const ModelInfo &model, std::string_view report, const std::string &source);

} // namespace headkv
