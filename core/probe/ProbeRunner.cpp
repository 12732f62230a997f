// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeRunner.h"

#include "core/base/Memory.h"
#include "core/base/Stopwatch.h"
#include "core/cache/DenseCache.h"
#include "core/generation/Sampler.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"
#include "core/probe/CasePlanner.h"
#include "core/probe/HeadScorer.h"
#include "core/text/TextMetrics.h"
#include "core/text/Tokenizer.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <numeric>

namespace headkv {

namespace {

std::size_t commonPrefix(std::span<const TokenId> a, std::span<const TokenId> b)
{
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

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

/// The state that the cases share: the cache and what it holds.
class CaseRunner
{
public:
    CaseRunner(std::shared_ptr<const Model> model, ProbeRun &run, const JobControl &control)
        : m_model(std::move(model))
        , m_run(run)
        , m_control(control)
        , m_transformer(m_model)
        , m_cache(m_transformer.makeCache())
    {
        std::size_t longest = 0;
        for (const ProbeCase &item : run.cases)
            longest = std::max(longest, item.promptIds.size() + run.settings.maxNewTokens);
        requireMemory(longest * m_transformer.denseBytesPerToken(), "a cache of " + std::to_string(longest) + " tokens",
                      "use shorter lengths");
        m_cache.reserve(longest);
    }

    ProbeCaseResult runCase(std::size_t index)
    {
        const Stopwatch watch;
        const ProbeCase &item = m_run.cases[index];
        prefill(item);
        ProbeCaseResult result = decode(item);
        result.index = index;
        const std::string &answer = m_run.settings.needles[item.needleIndex].answer;
        result.f1 = tokenF1(result.text, answer);
        result.rouge1Recall = rouge1Recall(result.text, answer);
        result.passed = m_run.settings.filter.passes(result.f1, result.rouge1Recall);
        result.seconds = watch.seconds();
        return result;
    }

private:
    /// All prompt tokens but the last, of which the cache may hold the first.
    void prefill(const ProbeCase &item)
    {
        const auto prompt = std::span(item.promptIds).first(item.promptIds.size() - 1);
        const std::size_t shared =
            m_run.settings.prefixReuse ? std::min(commonPrefix(prompt, m_held), m_cache.length()) : 0;
        m_cache.truncate(shared);
        m_held.assign(prompt.begin(), prompt.end());
        JobControl inner = m_control;
        inner.progress = [&](const Progress &progress) {
            report(progress.total > 0 ? progress.done / progress.total * 0.9 : 0);
        };
        m_transformer.prefill(prompt.subspan(shared), m_cache, inner);
        m_run.totals.prefillTokens += prompt.size() - shared;
        m_run.totals.reusedTokens += shared;
    }

    /// Greedy, until end-of-sequence or the token limit; every step, the one that emits end-of-sequence too, is scored.
    ProbeCaseResult decode(const ProbeCase &item)
    {
        const Tokenizer &tokenizer = m_model->tokenizer();
        const ModelInfo &info = m_model->info();
        Sampler greedy({});
        HeadScorer scorer(m_run.settings.kind, info.layers, info.queryHeads, item);
        ProbeCaseResult result;
        TokenId last = item.promptIds.back();
        while (static_cast<int>(result.emittedIds.size()) < m_run.settings.maxNewTokens) {
            last = greedy.sample(m_transformer.decode(last, m_cache, &scorer, m_control));
            scorer.finishStep(last);
            result.emittedIds.push_back(last);
            if (tokenizer.endsGeneration(last))
                break;
            result.text += tokenizer.contains(last) ? tokenizer.piece(last) : std::string();
        }
        result.scores = scorer.scores();
        return result;
    }

    /// Progress in cases, with the share of the running one.
    void report(double share) const
    {
        m_control.report({"Probing", static_cast<double>(m_run.results.size()) + share,
                          static_cast<double>(m_run.cases.size()), "cases"});
    }

    std::shared_ptr<const Model> m_model;
    ProbeRun &m_run;
    const JobControl &m_control;
    Transformer m_transformer;
    DenseCache m_cache;
    std::vector<TokenId> m_held; ///< the prompt that the cache begins with; decoded tokens behind it do not matter
};

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
    CaseRunner runner(std::move(model), run, control);
    try {
        for (const std::size_t index : workOrder(run.cases)) {
            if (done[index])
                continue;
            record(run, runner.runCase(index), before + watch.seconds());
            if (observer)
                observer(run);
            control.report(
                {"Probing", static_cast<double>(run.results.size()), static_cast<double>(run.cases.size()), "cases"});
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
