// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeRunner.h"

#include "core/base/Stopwatch.h"
#include "core/model/Model.h"
#include "core/probe/CasePlanner.h"
#include "core/probe/CaseRunner.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <numeric>

namespace headkv {

namespace {

/// The order of work: lexicographic by prompt, which walks the tree of shared prefixes depth first. So one cache, cut
/// back to what the next prompt shares with the last, computes every shared prefix exactly once.
std::vector<std::size_t> workOrder(const std::vector<ProbeCase> &cases)
{
    std::vector<std::size_t> order(cases.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return cases[a].promptIds < cases[b].promptIds; });
    return order;
}

void record(ProbeRun &run, ProbeCaseResult result, double seconds)
{
    run.totals.passed += result.passed;
    run.results.push_back(std::move(result));
    run.totals.cases = run.results.size();
    run.totals.seconds = seconds;
}

} // namespace

HeadScores ProbeRun::scores(int layers, int heads) const
{
    std::vector<const ProbeCaseResult *> passed;
    for (const ProbeCaseResult &result : results) {
        if (result.passed)
            passed.push_back(&result);
    }
    std::ranges::sort(passed, {}, &ProbeCaseResult::index);
    HeadScores scores(layers, heads);
    for (const ProbeCaseResult *result : passed) {
        for (std::size_t i = 0; i < scores.headCount(); ++i)
            scores.values[i].push_back(result->scores[i]);
    }
    return scores;
}

ProbeRun planProbe(const Model &model, const ProbeSettings &settings)
{
    ProbeRun run;
    run.settings = settings;
    run.settings.chatFormat = settings.chatFormat.value_or(model.chatFormat());
    run.cases = planCases(settings, model.tokenizer(), *run.settings.chatFormat, model.info().contextLength);
    return run;
}

PrefillCost prefillCost(const ProbeRun &run)
{
    PrefillCost cost;
    std::span<const TokenId> last;
    for (const std::size_t index : workOrder(run.cases)) {
        const std::span<const TokenId> prompt = run.cases[index].promptIds;
        cost.tokens += prompt.size();
        cost.computed += prompt.size() - (run.settings.prefixReuse ? commonPrefix(prompt, last) : 0);
        last = prompt;
    }
    return cost;
}

void runCases(std::shared_ptr<const Model> model, ProbeRun &run, const JobControl &control,
              const ProbeObserver &observer)
{
    const Stopwatch watch;
    const double before = run.totals.seconds;
    std::vector<bool> done(run.cases.size());
    for (const ProbeCaseResult &result : run.results)
        done[result.index] = true;
    std::vector<std::size_t> order = workOrder(run.cases);
    std::erase_if(order, [&](std::size_t index) { return done[index]; });
    run.cancelled = false;
    const auto report = [&](double share) {
        control.report({"Probing", static_cast<double>(run.results.size()) + share,
                        static_cast<double>(run.cases.size()), "cases"});
    };
    try {
        CaseRunner runner(std::move(model), run.settings, run.cases);
        for (std::span<const std::size_t> rest = order; !rest.empty();) {
            const auto group = rest.first(runner.groupSize(rest));
            rest = rest.subspan(group.size());
            const auto progress = [&](double share) { report(share * static_cast<double>(group.size())); };
            for (ProbeCaseResult &result : runner.run(group, run.totals, control.cancellation, progress)) {
                record(run, std::move(result), before + watch.seconds());
                if (observer)
                    observer(run);
            }
            report(0);
        }
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled)
            throw;
        run.cancelled = true;
    }
}

ProbeRun runProbe(std::shared_ptr<const Model> model, const ProbeSettings &settings, const JobControl &control,
                  const ProbeObserver &observer)
{
    ProbeRun run = planProbe(*model, settings);
    runCases(std::move(model), run, control, observer);
    return run;
}

std::string explainNoPass(const ProbeRun &run)
{
    if (run.results.empty())
        return "no case was finished, so there are no scores";
    constexpr std::size_t excerptBytes = 60;
    const bool byF1 = run.settings.filter.metric == ProbeFilter::Metric::TokenF1;
    const auto figure = [byF1](const ProbeCaseResult &result) { return byF1 ? result.f1 : result.rouge1Recall; };
    const ProbeCaseResult &best = *std::ranges::max_element(run.results, {}, figure);
    return "none of " + std::to_string(run.results.size()) + " cases passed the filter " +
           toString(run.settings.filter) + " (the best reached " + std::to_string(static_cast<int>(figure(best))) +
           ", answering \"" + excerpt(best.text, excerptBytes) + "\" where \"" +
           excerpt(run.settings.needles[run.cases[best.index].needleIndex].answer, excerptBytes) +
           "\" was asked), so there are no scores; try simpler needles, shorter lengths or the filter none";
}

} // namespace headkv
