// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationRunner.h"

#include "core/base/Stopwatch.h"
#include "core/evaluation/VariantLanes.h"
#include "core/model/Model.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace headkv {

namespace {

/// Runs an evaluation's cases in groups that share a prompt, or a context.
class Evaluator
{
public:
    Evaluator(const std::shared_ptr<const Model> &model, EvaluationRun &run, const JobControl &control,
              const EvaluationObserver &observer)
        : m_run(run)
        , m_control(control)
        , m_observer(observer)
        , m_lanes(model, control)
        , m_before(run.seconds)
    {
        for (const EvaluationResult &result : run.results)
            m_done.emplace(result.task, result.item, result.variant);
    }

    void evaluate()
    {
        report(0);
        for (std::size_t task = 0; task < m_run.tasks.size(); ++task) {
            for (const std::vector<std::size_t> &group : groupsOf(m_run.tasks[task]))
                evaluate(task, group);
        }
    }

private:
    /// Cases that one prefill serves: those with an equal context where it is compressed alone, else each by itself.
    [[nodiscard]] std::vector<std::vector<std::size_t>> groupsOf(const EvaluationTask &task) const
    {
        std::vector<std::vector<std::size_t>> groups;
        for (std::size_t item = 0; item < task.cases.size(); ++item) {
            const auto shares = [&](const std::vector<std::size_t> &group) {
                return task.cases[group.front()].contextIds == task.cases[item].contextIds;
            };
            auto group = groups.end();
            if (m_run.moment == CompressionMoment::Context)
                group = std::ranges::find_if(groups, shares);
            if (group == groups.end())
                groups.push_back({item});
            else
                group->push_back(item);
        }
        return groups;
    }

    [[nodiscard]] bool isDone(std::size_t task, std::size_t item, std::size_t variant) const
    {
        return m_done.contains({task, item, variant});
    }

    /// The group's cases under all variants that lack one of them, as many at a time as memory holds.
    void evaluate(std::size_t task, const std::vector<std::size_t> &group)
    {
        std::vector<std::size_t> variants;
        for (std::size_t variant = 0; variant < m_run.variants.size(); ++variant) {
            if (!std::ranges::all_of(group, [&](std::size_t item) { return isDone(task, item, variant); }))
                variants.push_back(variant);
        }
        const EvaluationCase &first = m_run.tasks[task].cases[group.front()];
        const int newTokens = m_run.tasks[task].maxNewTokens;
        for (std::span<const std::size_t> rest = variants; !rest.empty();) {
            m_lanes.clear();
            while (!rest.empty() &&
                   m_lanes.add(m_run.variants[rest.front()], rest.front(), first, m_run.moment, newTokens))
                rest = rest.subspan(1);
            evaluateTogether(task, group);
        }
    }

    void evaluateTogether(std::size_t task, const std::vector<std::size_t> &group)
    {
        const std::vector<EvaluationCase> &cases = m_run.tasks[task].cases;
        const double lanes = static_cast<double>(m_lanes.size() * group.size());
        m_lanes.prefill(cases[group.front()], m_run.moment, [&](double share) { report(share * lanes); });
        for (const std::size_t item : group) {
            const bool alone = item == 0; // its lanes tell how fast they decode
            for (EvaluationResult &result : m_lanes.answer(cases[item], m_run.tasks[task], m_run.moment, alone)) {
                result.task = task;
                result.item = item;
                if (m_done.emplace(task, item, result.variant).second)
                    record(std::move(result));
            }
        }
    }

    void record(EvaluationResult result)
    {
        m_run.results.push_back(std::move(result));
        m_run.seconds = m_before + m_watch.seconds();
        if (m_observer)
            m_observer(m_run);
        report(0);
    }

    /// `ahead`: answers that the work since the last result is worth.
    void report(double ahead) const
    {
        m_control.report({"Evaluating", static_cast<double>(m_run.results.size()) + ahead,
                          static_cast<double>(m_run.answers()), "answers"});
    }

    EvaluationRun &m_run;
    const JobControl &m_control;
    const EvaluationObserver &m_observer;
    VariantLanes m_lanes;
    std::set<std::tuple<std::size_t, std::size_t, std::size_t>> m_done; ///< task, case, variant
    double m_before;
    Stopwatch m_watch;
};

} // namespace

void runEvaluation(const std::shared_ptr<const Model> &model, EvaluationRun &run, const JobControl &control,
                   const EvaluationObserver &observer)
{
    run.cancelled = false;
    try {
        Evaluator(model, run, control, observer).evaluate();
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled)
            throw;
        run.cancelled = true;
    }
}

} // namespace headkv
