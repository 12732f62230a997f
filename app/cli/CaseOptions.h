// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <CLI/CLI.hpp>
#include <string>

namespace headkv {

class Model;

/// Which cases a command runs: lengths × depths × needles in a haystack.
struct CaseOptions
{
    std::string lengths = "5";
    std::string depths = "10";
    int maxLength = 0;
    std::string needles, haystack;
    int maxNewTokens = 50;

    /// The present values are the defaults that the help names.
    void addTo(CLI::App &command);
    /// Files, depths and needles: what can be said without the model, so that a mistyped option costs no waiting.
    [[nodiscard]] ProbeSettings settings(ProbeKind kind) const;
    /// "5" is a count, "512", "40," and "512,1024" are lengths; counts need to know what the model's context holds.
    [[nodiscard]] std::vector<int> lengthsFor(const Model &model, const ProbeSettings &settings) const;
};

} // namespace headkv
