// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/ModelInfo.h"
#include "core/probe/ProbeRunner.h"

#include <nlohmann/json_fwd.hpp>

namespace headkv {

/// REPORT.json of the command line: model, settings, cases (in case order), totals.
[[nodiscard]] nlohmann::ordered_json probeReport(const ModelInfo &model, const ProbeRun &run);
/// What goes to SCORES.meta.json: model, sha256, settings, date, program version.
[[nodiscard]] nlohmann::json probeProvenance(const ModelInfo &model, const ProbeRun &run);

} // namespace headkv
