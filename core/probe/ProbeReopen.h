// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace headkv {

/// By how it begins: a probe's report.
[[nodiscard]] bool isProbeReport(const std::filesystem::path &path);

/// The settings of the probe that a report tells of, its haystack read again from where it came from: what planProbe
/// and resumeProbe need to go on with it. Errors: Input, where the file is no such report or its haystack is gone.
[[nodiscard]] ProbeSettings readProbeSettings(const std::filesystem::path &report);
/// The same from a report's text, which lies in the file `source`.
[[nodiscard]] ProbeSettings parseProbeSettings(std::string_view report, const std::string &source);

} // namespace headkv
