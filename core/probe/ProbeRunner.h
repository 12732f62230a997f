// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/probe/HeadScores.h"
#include "core/probe/ProbeCase.h"

#include <functional>
#include <memory>
#include <vector>

namespace headkv {

class Model;
class RankTeam;

/// A probe as far as it came: after Cancel, what is done is here.
struct ProbeRun
{
    ProbeSettings settings;
    std::vector<ProbeCase> cases;
    std::vector<ProbeCaseResult> results; ///< in order of completion; results[i].index names the case
    ProbeTotals totals;
    bool cancelled = false;

    /// Scores of the passed cases, in case order.
    [[nodiscard]] HeadScores scores(int layers, int heads) const;
};

/// Called on the runner's thread after each case, with the run as it stands (its last result is the new one).
using ProbeObserver = std::function<void(const ProbeRun &)>;

/// The run before its first case: settings and planned cases. Errors: as planCases.
[[nodiscard]] ProbeRun planProbe(const Model &model, const ProbeSettings &settings);

/// Prompt tokens that the run's cases have in all, and that will be computed: those not shared with an earlier case.
struct PrefillCost
{
    std::size_t tokens = 0;
    std::size_t computed = 0;
};
[[nodiscard]] PrefillCost prefillCost(const ProbeRun &run);

/// Runs the planned cases that have no result yet. Cases that share a prefix share its keys and values (unless
/// settings.prefixReuse is off). A cancelled run keeps what it has; other errors throw.
void runCases(const std::shared_ptr<const Model> &model, ProbeRun &run, const JobControl &control = {},
              const ProbeObserver &observer = {});
/// The same, shared with other ranks, all of which have planned it: results come to the first rank's run and observer.
/// Errors: Input, where a rank has planned other cases.
void runCases(RankTeam &team, const std::shared_ptr<const Model> &model, ProbeRun &run, const JobControl &control = {},
              const ProbeObserver &observer = {});

/// planProbe and runCases in one.
[[nodiscard]] ProbeRun runProbe(const std::shared_ptr<const Model> &model, const ProbeSettings &settings,
                                const JobControl &control = {}, const ProbeObserver &observer = {});

/// Why no case of a finished run passed and what to try, as one line.
[[nodiscard]] std::string explainNoPass(const ProbeRun &run);

} // namespace headkv
