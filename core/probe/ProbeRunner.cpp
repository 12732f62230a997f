// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeRunner.h"

#include "core/base/Sha256.h"
#include "core/base/Stopwatch.h"
#include "core/model/Model.h"
#include "core/parallel/Message.h"
#include "core/parallel/RankTeam.h"
#include "core/probe/CasePlanner.h"
#include "core/probe/CaseRunner.h"
#include "core/probe/ProbeReport.h"
#include "core/probe/ProbeWork.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace headkv {

namespace {

/// A rank's part in the cases of a run that have no result yet.
class SharedCases
{
public:
    SharedCases(RankTeam &team, const std::shared_ptr<const Model> &model, ProbeRun &run, const JobControl &control,
                const ProbeObserver &observer)
        : m_team(team)
        , m_run(run)
        , m_control(control)
        , m_observer(observer)
        , m_before(run.totals.seconds)
        , m_runner(model, run.settings, run.cases)
    {
        if (m_team.leads())
            plan();
        if (m_team.isAlone()) {
            m_tasks = {{0, m_groups.size()}};
            return;
        }
        sharePlan(model->info());
        m_tasks = cutWork(workPieces(run.settings, run.cases, m_order, m_groups), m_team.place().size);
    }

    void run()
    {
        report(0);
        m_team.run(
            m_tasks.size(), [this](std::size_t task) { work(m_tasks[task]); },
            [this](std::string_view result) { collect(result); });
    }

private:
    /// The first rank alone knows what is done. It also says which cases run together: the same ones on many ranks as
    /// on one, and in a run that goes on as in one that nobody stopped, since sums of floats tell the difference. So a
    /// group that lacks a case runs again.
    void plan()
    {
        m_done.resize(m_run.cases.size());
        for (const ProbeCaseResult &result : m_run.results)
            m_done[result.index] = true;
        const std::vector<std::size_t> order = workOrder(m_run.cases);
        for (std::span<const std::size_t> rest = order; !rest.empty();) {
            const auto group = rest.first(m_runner.groupSize(rest));
            rest = rest.subspan(group.size());
            if (std::ranges::all_of(group, [this](std::size_t index) { return m_done[index]; }))
                continue;
            m_order.insert(m_order.end(), group.begin(), group.end());
            m_groups.push_back(group.size());
        }
    }

    void sharePlan(const ModelInfo &model)
    {
        const std::string plan = m_team.share(partsOf(model), MessageWriter().put(m_order).put(m_groups).take());
        MessageReader reader(plan);
        reader.get(m_order);
        reader.get(m_groups);
    }

    /// What makes the cases, and their scores.
    [[nodiscard]] RankTeam::Parts partsOf(const ModelInfo &model) const
    {
        RankTeam::Parts parts = commonParts(model);
        parts.emplace_back("list of settings", sha256(dumpJson(describeProbeSettings(m_run.settings))));
        parts.emplace_back("haystack", sha256(m_run.settings.haystack));
        parts.emplace_back("number of cases", std::to_string(m_run.cases.size()));
        return parts;
    }

    /// Some groups, one after another.
    void work(const WorkRange &task)
    {
        const auto first = m_groups.begin() + static_cast<std::ptrdiff_t>(task.begin);
        std::size_t begin = std::accumulate(m_groups.begin(), first, std::size_t{0});
        for (std::size_t group = task.begin; group < task.end; begin += m_groups[group++])
            runGroup(std::span(m_order).subspan(begin, m_groups[group]));
    }

    /// In parts, where this rank has less memory than the first.
    void runGroup(std::span<const std::size_t> rest)
    {
        while (!rest.empty()) {
            const auto part = rest.first(m_runner.groupSize(rest));
            rest = rest.subspan(part.size());
            const auto progress = [&](double share) {
                m_team.advance();
                report(share * static_cast<double>(part.size()));
            };
            ProbeTotals taken;
            for (ProbeCaseResult &result : m_runner.run(part, taken, m_control.cancellation, progress)) {
                m_team.deliver(pack({std::move(result), taken.prefillTokens, taken.reusedTokens}));
                taken = {}; // counted with the part's first
            }
        }
    }

    /// On the first rank, for the results of all.
    void collect(std::string_view bytes)
    {
        ProbeDelivery delivery = unpackDelivery(bytes, m_run.cases.size());
        ProbeTotals &totals = m_run.totals;
        totals.prefillTokens += delivery.prefillTokens;
        totals.reusedTokens += delivery.reusedTokens;
        if (m_done[delivery.result.index])
            return;
        m_done[delivery.result.index] = true;
        totals.passed += delivery.result.passed;
        m_run.results.push_back(std::move(delivery.result));
        totals.cases = m_run.results.size();
        totals.seconds = m_before + m_watch.seconds();
        if (m_observer)
            m_observer(m_run);
        report(0);
    }

    /// `ahead`: cases that this rank's work since its last result is worth.
    void report(double ahead) const
    {
        m_control.report({"Probing", static_cast<double>(m_run.results.size()) + ahead,
                          static_cast<double>(m_run.cases.size()), "cases"});
    }

    RankTeam &m_team;
    ProbeRun &m_run;
    const JobControl &m_control;
    const ProbeObserver &m_observer;
    Stopwatch m_watch;
    double m_before;
    CaseRunner m_runner;
    std::vector<std::size_t> m_order;  ///< cases
    std::vector<std::size_t> m_groups; ///< how many of them run together, from the first on
    std::vector<WorkRange> m_tasks;    ///< of groups
    std::vector<bool> m_done;          ///< by case, on the first rank
};

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

void runCases(const std::shared_ptr<const Model> &model, ProbeRun &run, const JobControl &control,
              const ProbeObserver &observer)
{
    RankTeam alone;
    runCases(alone, model, run, control, observer);
}

void runCases(RankTeam &team, const std::shared_ptr<const Model> &model, ProbeRun &run, const JobControl &control,
              const ProbeObserver &observer)
{
    run.cancelled = false;
    try {
        SharedCases(team, model, run, control, observer).run();
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled)
            throw;
        run.cancelled = true;
    }
}

ProbeRun runProbe(const std::shared_ptr<const Model> &model, const ProbeSettings &settings, const JobControl &control,
                  const ProbeObserver &observer)
{
    ProbeRun run = planProbe(*model, settings);
    runCases(model, run, control, observer);
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
