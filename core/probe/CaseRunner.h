// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/cache/DenseCache.h"
#include "core/model/Transformer.h"
#include "core/probe/HeadScorer.h"
#include "core/probe/ProbeCase.h"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace headkv {

/// Runs the cases of one probe, a group of neighbours at a time: cases whose prompts differ in a short tail only, as
/// questions about one context do. A group shares the computation of its common prefix, and its answers are decoded
/// side by side, so that weights are read once for all of them. What the next group shares with the last one is kept
/// too.
class CaseRunner
{
public:
    /// The cases' settings with a chat format. Errors: Memory, where the longest case's cache does not fit; Usage, for
    /// a masked head that the model lacks.
    CaseRunner(std::shared_ptr<const Model> model, const ProbeSettings &settings, const std::vector<ProbeCase> &cases);

    /// How many cases from the first of an order on are best run together; at least 1.
    [[nodiscard]] std::size_t groupSize(std::span<const std::size_t> order) const;
    /// Runs a group. `progress` hears the share that is done, 0…1. What was computed and what was taken from the cache
    /// is added to the totals.
    [[nodiscard]] std::vector<ProbeCaseResult> run(std::span<const std::size_t> group, ProbeTotals &totals,
                                                   const CancellationToken &cancellation,
                                                   const std::function<void(double share)> &progress);

private:
    /// A cache with the prompt that it begins with; what was decoded behind that does not matter.
    struct Branch
    {
        DenseCache cache;
        std::span<const TokenId> held;
    };

    /// All prompt tokens but the last, of which the branch or the one before may hold the first.
    void prefill(std::size_t index, std::size_t branch, ProbeTotals &totals, const JobControl &control);
    void generate(std::span<ProbeCaseResult> results, const CancellationToken &cancellation);
    void force(std::span<ProbeCaseResult> results, const CancellationToken &cancellation);
    void judge(ProbeCaseResult &result) const;
    [[nodiscard]] HeadScorer scorerOf(const ProbeCase &item) const;

    std::shared_ptr<const Model> m_model;
    const ProbeSettings &m_settings;
    const std::vector<ProbeCase> &m_cases;
    Transformer m_transformer;
    std::size_t m_longest = 0;      ///< tokens of a case, answer included
    std::size_t m_mostTogether = 1; ///< caches that fit into memory
    std::vector<Branch> m_branches; ///< the first holds what the next group may share
};

} // namespace headkv
