// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/MaskingTest.h"

#include "core/base/Random.h"
#include "core/model/Model.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/ProbeRunner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headkv {

namespace {

double meanOf(const std::vector<double> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviationOf(const std::vector<double> &values, double mean)
{
    if (values.size() < 2)
        return 0;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// The cases of one probe, planned once.
class MaskingRunner
{
public:
    MaskingRunner(std::shared_ptr<const Model> model, const ProbeSettings &settings, std::size_t runs,
                  const JobControl &control)
        : m_model(std::move(model))
        , m_control(control)
        , m_runs(runs)
    {
        ProbeSettings generated = settings;
        generated.scoring = ProbeScoring::Generated;
        generated.filter = {ProbeFilter::Metric::None, 0};
        m_run = planProbe(*m_model, generated);
    }

    [[nodiscard]] std::size_t cases() const { return m_run.cases.size(); }

    /// Errors: Cancelled.
    [[nodiscard]] double recallWithout(std::vector<HeadId> heads)
    {
        m_run.settings.maskedHeads = std::move(heads);
        m_run.results.clear();
        JobControl control{m_control.cancellation, [&](const Progress &progress) {
                               const double all = static_cast<double>(m_runs * cases());
                               m_control.report({"Masking heads", static_cast<double>(m_done * cases()) + progress.done,
                                                 all, "cases"});
                           }};
        runCases(m_model, m_run, control);
        m_control.cancellation.throwIfCancelled();
        ++m_done;
        double sum = 0;
        for (const ProbeCaseResult &result : m_run.results)
            sum += result.rouge1Recall;
        return sum / static_cast<double>(cases());
    }

private:
    std::shared_ptr<const Model> m_model;
    const JobControl &m_control;
    ProbeRun m_run;
    std::size_t m_runs, m_done = 0;
};

std::vector<int> countsOf(const MaskingSettings &settings, std::size_t heads)
{
    std::vector<int> counts = settings.counts;
    if (counts.empty() || std::ranges::any_of(counts, [](int count) { return count < 1; }) || settings.draws < 1)
        throw Error(ErrorKind::Usage,
                    "a masking test needs counts of 1 head or more, and a draw of random ones or more");
    std::ranges::sort(counts);
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    // As many random heads have to be there beside the top ones.
    std::erase_if(counts, [heads](int count) { return 2 * static_cast<std::size_t>(count) > heads; });
    if (counts.empty())
        throw Error(ErrorKind::Usage, "the model has only " + std::to_string(heads) +
                                          " heads: a masking test needs twice as many as it masks");
    return counts;
}

} // namespace

MaskingResult testMasking(std::shared_ptr<const Model> model, const HeadScores &scores, const MaskingSettings &settings,
                          const JobControl &control, const MaskingObserver &observer)
{
    requireShape(scores, model->info().layers, model->info().queryHeads, "the score set");
    const std::vector<int> counts = countsOf(settings, scores.headCount());
    MaskingRunner runner(std::move(model), settings.probe,
                         1 + counts.size() * (1 + static_cast<std::size_t>(settings.draws)), control);
    std::vector<HeadId> heads; // by falling score
    for (const RankedHead &head : topHeads(scores, summarize(scores), scores.headCount()))
        heads.push_back({head.layer, head.head});

    MaskingResult result;
    result.cases = runner.cases();
    Random random(settings.seed);
    try {
        result.baseline = runner.recallWithout({});
        if (observer)
            observer(result);
        for (const int count : counts) {
            MaskingPoint point{count, runner.recallWithout({heads.begin(), heads.begin() + count}), {}, 0, 0};
            std::vector<HeadId> others(heads.begin() + count, heads.end());
            for (int draw = 0; draw < settings.draws; ++draw) {
                shuffle(std::span(others), random);
                point.random.push_back(runner.recallWithout({others.begin(), others.begin() + count}));
            }
            point.randomMean = meanOf(point.random);
            point.randomDeviation = deviationOf(point.random, point.randomMean);
            result.points.push_back(std::move(point));
            if (observer)
                observer(result);
        }
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled)
            throw;
        result.cancelled = true;
    }
    return result;
}

} // namespace headkv
