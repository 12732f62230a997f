// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationRunner.h"

#include "core/base/Stopwatch.h"
#include "core/evaluation/EvaluationWork.h"
#include "core/evaluation/VariantLanes.h"
#include "core/model/Model.h"
#include "core/parallel/Message.h"
#include "core/parallel/RankTeam.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace headkv {

namespace {

/// A rank's part in the answers that a run lacks.
class Evaluator
{
public:
    Evaluator(RankTeam &team, const std::shared_ptr<const Model> &model, EvaluationRun &run, const JobControl &control,
              const EvaluationObserver &observer)
        : m_team(team)
        , m_run(run)
        , m_control(control)
        , m_observer(observer)
        , m_lanes(model, control)
        , m_units(evaluationUnits(run, team.place().size))
        , m_before(run.seconds)
    {
        takeDone(model->info());
    }

    void evaluate()
    {
        report(0);
        m_team.run(
            m_units.size(), [this](std::size_t unit) { evaluate(m_units[unit].task, m_units[unit].items); },
            [this](std::string_view result) { collect(result); });
    }

private:
    /// The first rank alone knows what is answered.
    void takeDone(const ModelInfo &model)
    {
        std::vector<std::size_t> done;
        for (const EvaluationResult &result : m_run.results)
            done.insert(done.end(), {result.task, result.item, result.variant});
        if (!m_team.isAlone()) {
            const std::string shared = m_team.share(commonParts(m_run, model), MessageWriter().put(done).take());
            MessageReader(shared).get(done);
        }
        for (std::size_t i = 0; i + 2 < done.size(); i += 3)
            m_done.emplace(done[i], done[i + 1], done[i + 2]);
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
        m_lanes.prefill(cases[group.front()], m_run.moment, [&](double share) {
            m_team.advance();
            report(share * lanes);
        });
        for (const std::size_t item : group) {
            const bool alone = item == 0; // its lanes tell how fast they decode
            for (EvaluationResult &result : m_lanes.answer(cases[item], m_run.tasks[task], m_run.moment, alone)) {
                result.task = task;
                result.item = item;
                if (m_done.emplace(task, item, result.variant).second)
                    m_team.deliver(pack(result));
            }
        }
    }

    /// On the first rank, for the results of all.
    void collect(std::string_view bytes)
    {
        m_run.results.push_back(unpackResult(bytes, m_run));
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

    RankTeam &m_team;
    EvaluationRun &m_run;
    const JobControl &m_control;
    const EvaluationObserver &m_observer;
    VariantLanes m_lanes;
    std::vector<EvaluationUnit> m_units;
    std::set<std::tuple<std::size_t, std::size_t, std::size_t>> m_done; ///< task, case, variant
    double m_before;
    Stopwatch m_watch;
};

} // namespace

void runEvaluation(const std::shared_ptr<const Model> &model, EvaluationRun &run, const JobControl &control,
                   const EvaluationObserver &observer)
{
    RankTeam alone;
    runEvaluation(alone, model, run, control, observer);
}

void runEvaluation(RankTeam &team, const std::shared_ptr<const Model> &model, EvaluationRun &run,
                   const JobControl &control, const EvaluationObserver &observer)
{
    run.cancelled = false;
    try {
        Evaluator(team, model, run, control, observer).evaluate();
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled)
            throw;
        run.cancelled = true;
    }
}

} // namespace headkv
