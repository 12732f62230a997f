// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/GrowingReport.h"
#include "core/evaluation/EvaluationRequest.h"
#include "core/model/ModelInfo.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headkv {

/// The file that `headkv evaluate` writes as it goes on: model, settings, rows, tasks, answers.
class EvaluationReport
{
public:
    EvaluationReport(std::filesystem::path path, const ModelInfo &model, const EvaluationRequest &request);

    /// Writes what the run has so far, unless writing has taken more than a twentieth of the time. Errors: Failed,
    /// where the file cannot be written.
    void update(const EvaluationRun &run);
    /// Writes all of it.
    void finish(const EvaluationRun &run);

private:
    GrowingReport m_file;
    std::string m_head;
    std::string m_tasks;
    std::size_t m_seen = 0; ///< results that are in the file
};

struct StoredEvaluation;

/// What evaluationFrom() reads: a report without rows, which follow from its answers.
[[nodiscard]] nlohmann::ordered_json describe(const StoredEvaluation &evaluation);

/// A row for each task and variant, as the command line prints it.
[[nodiscard]] nlohmann::ordered_json describeRows(const EvaluationRun &run);

/// A whole report of an evaluation whose prompts are not known any more. Errors: Failed, where it cannot be written.
void writeEvaluation(const std::filesystem::path &path, const StoredEvaluation &evaluation);

} // namespace headkv
