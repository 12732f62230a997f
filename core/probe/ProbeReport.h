// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/GrowingReport.h"
#include "core/model/ModelInfo.h"
#include "core/probe/ProbeRunner.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headkv {

/// Writes REPORT.json of the command line as a run goes on: model, settings, cases (in case order), totals. Each write
/// is atomic and holds every case that is done, so a killed run leaves a report that is whole.
class ProbeReport
{
public:
    ProbeReport(std::filesystem::path path, const ModelInfo &model);

    /// Writes what the run has so far, unless writing has taken more than a twentieth of the time: a long report is
    /// written whole each time. Errors: Failed, where the file cannot be written.
    void update(const ProbeRun &run);
    /// Writes all of it.
    void finish(const ProbeRun &run);

private:
    GrowingReport m_file;
    int m_layers;
    std::string m_model;
    std::string m_settings;
    std::size_t m_seen = 0; ///< results that are in the file
};

/// A whole report.
[[nodiscard]] nlohmann::ordered_json describeProbe(const ProbeRun &run, const ModelInfo &model);
/// The parts of a report.
[[nodiscard]] nlohmann::ordered_json describeProbeModel(const ModelInfo &model);
[[nodiscard]] nlohmann::ordered_json describeProbeSettings(const ProbeSettings &settings);
[[nodiscard]] nlohmann::ordered_json probeTotals(const ProbeRun &run);

/// What goes to SCORES.meta.json: model, sha256, settings, date, program version.
[[nodiscard]] nlohmann::json probeProvenance(const ModelInfo &model, const ProbeRun &run);

} // namespace headkv
