// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/Model.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headkv {

/// The options that every command takes, and what they mean for a run.
struct CommonOptions
{
    std::string device = "auto";
    std::string dtype = "auto";
    std::string weights = "auto";
    int threads = 0;
    std::uint64_t seed = 0;
    bool json = false;
    bool quiet = false;

    /// Adds them to a command; those of the model's arithmetic show in its help only with `runsModel`.
    void addTo(CLI::App &command, bool runsModel);
    /// --quiet, or another rank than the first.
    [[nodiscard]] bool isQuiet() const;
    /// Errors: Usage, for what this build cannot do.
    [[nodiscard]] ModelOptions modelOptions() const;
    /// Cancelled by SIGINT and SIGTERM; progress goes to standard error unless isQuiet().
    [[nodiscard]] JobControl control() const;
};

/// The MODEL argument.
void addModelArgument(CLI::App &command, std::string &model);

/// One JSON document on standard output.
void printJson(const nlohmann::ordered_json &document);
/// As printJson writes it: what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string formatJson(const nlohmann::ordered_json &document);

} // namespace headkv
