// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/CaseRunner.h"

#include "core/base/Memory.h"
#include "core/base/Stopwatch.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/device/DeviceMemory.h"
#include "core/generation/Sampler.h"
#include "core/model/Model.h"
#include "core/model/RotaryEmbedding.h"
#include "core/probe/ProbeWork.h"
#include "core/text/TextMetrics.h"
#include "core/text/Tokenizer.h"

#include <algorithm>
#include <functional>

namespace headkv {

namespace {

std::size_t longestCase(const ProbeSettings &settings, const std::vector<ProbeCase> &cases)
{
    std::size_t longest = 0;
    for (const ProbeCase &item : cases) {
        const std::size_t answer = settings.scoring == ProbeScoring::Forced
                                       ? item.answerIds.size()
                                       : static_cast<std::size_t>(settings.maxNewTokens);
        longest = std::max(longest, item.promptIds.size() + answer);
    }
    return longest;
}

/// What a prompt can take over from one that was computed before: keys that would be rotated otherwise are none of it.
std::size_t sharedTokens(const ModelConfig &config, std::span<const TokenId> prompt, std::span<const TokenId> held)
{
    const auto alike = [&](const RopeConfig &rope) { return rotatesAlike(rope, std::ssize(prompt), std::ssize(held)); };
    return alike(config.rope) && (!config.localRope || alike(*config.localRope)) ? commonPrefix(prompt, held) : 0;
}

} // namespace

CaseRunner::CaseRunner(std::shared_ptr<const Model> model, const ProbeSettings &settings,
                       const std::vector<ProbeCase> &cases)
    : m_model(std::move(model))
    , m_settings(settings)
    , m_cases(cases)
    , m_transformer(m_model)
    , m_longest(longestCase(settings, cases))
{
    m_transformer.maskHeads(settings.maskedHeads);
    const std::uint64_t bytes = std::max<std::uint64_t>(1, m_longest * m_transformer.denseBytesPerToken());
    m_model->requireCache(bytes, "a cache of " + std::to_string(m_longest) + " tokens", "use shorter lengths");
    // Half of what is left: the machine has other things to do.
    if (const std::uint64_t available = m_model->availableBytes(); settings.prefixReuse && available > 0)
        m_mostTogether = std::clamp<std::size_t>(available / bytes / 2, 1, mostCasesTogether);
}

std::size_t CaseRunner::groupSize(std::span<const std::size_t> order) const
{
    return neighbours(m_cases, order.first(std::min(order.size(), m_mostTogether)));
}

std::vector<ProbeCaseResult> CaseRunner::run(std::span<const std::size_t> group, ProbeTotals &totals,
                                             const CancellationToken &cancellation,
                                             const std::function<void(double share)> &progress)
{
    const Stopwatch watch;
    for (std::size_t branch = m_branches.size(); branch < group.size(); ++branch) {
        m_branches.push_back({m_transformer.makeCache(), {}});
        m_branches.back().cache.reserve(m_longest);
    }
    std::vector<ProbeCaseResult> results(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
        results[i].index = group[i];
        // The share of time that prompts take, roughly: the first brings the others' prefix.
        const JobControl control{cancellation, [&](const Progress &prompt) {
                                     if (i == 0 && prompt.total > 0)
                                         progress(prompt.done / prompt.total * 0.9);
                                 }};
        prefill(group[i], i, totals, control);
    }
    m_settings.scoring == ProbeScoring::Forced ? force(results, cancellation) : generate(results, cancellation);
    // The neighbour of the next group is this one's last case.
    std::swap(m_branches.front(), m_branches[group.size() - 1]);
    for (ProbeCaseResult &result : results) {
        judge(result);
        result.seconds = watch.seconds() / static_cast<double>(group.size());
    }
    return results;
}

void CaseRunner::prefill(std::size_t index, std::size_t branch, ProbeTotals &totals, const JobControl &control)
{
    const auto prompt = std::span(m_cases[index].promptIds).first(m_cases[index].promptIds.size() - 1);
    Branch &here = m_branches[branch];
    Branch &source = m_branches[branch == 0 ? 0 : branch - 1];
    const std::size_t shared =
        m_settings.prefixReuse ? std::min(sharedTokens(m_model->config(), prompt, source.held), source.cache.length())
                               : 0;
    if (branch == 0)
        here.cache.truncate(shared);
    else
        onDevices(*m_model, [&] { here.cache.takePrefix(source.cache, shared); });
    here.held = prompt.first(shared);
    m_transformer.prefill(prompt.subspan(shared), here.cache, control);
    here.held = prompt;
    totals.prefillTokens += prompt.size() - shared;
    totals.reusedTokens += shared;
}

/// Greedy, until end-of-sequence or the token limit; every step, the one that emits end-of-sequence too, is scored.
void CaseRunner::generate(std::span<ProbeCaseResult> results, const CancellationToken &cancellation)
{
    struct Answer
    {
        ProbeCaseResult *result;
        DenseCache *cache;
        TokenId last;
        HeadScorer scorer;
        AttentionObserver *observer = nullptr;
    };
    std::vector<Answer> answers;
    answers.reserve(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        const ProbeCase &item = m_cases[results[i].index];
        answers.push_back({&results[i], &m_branches[i].cache, item.promptIds.back(), scorerOf(item)});
    }
    const JobControl control{cancellation, {}};
    const auto isDone = [&](const Answer &answer) {
        const std::vector<TokenId> &emitted = answer.result->emittedIds;
        return static_cast<int>(emitted.size()) >= m_settings.maxNewTokens ||
               (!emitted.empty() && m_model->tokenizer().endsGeneration(emitted.back()));
    };
    std::vector<Answer *> open;
    std::vector<TokenRun> runs;
    for (;;) {
        open.clear();
        runs.clear();
        for (Answer &answer : answers) {
            if (isDone(answer))
                continue;
            answer.observer = &answer.scorer;
            open.push_back(&answer);
            runs.push_back({{&answer.last, 1}, answer.cache, {&answer.observer, 1}});
        }
        if (open.empty())
            break;
        const std::span<const float> logits = m_transformer.decode(runs, control);
        const std::size_t size = logits.size() / open.size();
        for (std::size_t i = 0; i < open.size(); ++i) {
            open[i]->last = likeliest(logits.subspan(i * size, size));
            open[i]->scorer.finishStep(open[i]->last);
            open[i]->result->emittedIds.push_back(open[i]->last);
        }
    }
    for (Answer &answer : answers)
        answer.result->scores = answer.scorer.scores();
}

/// The answers' tokens are fed, those of all cases in one pass; each step is scored as if it had emitted its token.
/// What the model would have emitted is the case's text.
void CaseRunner::force(std::span<ProbeCaseResult> results, const CancellationToken &cancellation)
{
    struct Answer
    {
        std::vector<TokenId> fed; ///< the prompt's last token and the answer without its last
        std::vector<HeadScorer> steps;
        std::vector<AttentionObserver *> observers;
    };
    std::vector<Answer> answers(results.size());
    std::vector<TokenRun> runs;
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const ProbeCase &item = m_cases[results[i].index];
        Answer &answer = answers[i];
        answer.fed.push_back(item.promptIds.back());
        answer.fed.insert(answer.fed.end(), item.answerIds.begin(), item.answerIds.end() - 1);
        answer.steps = std::vector<HeadScorer>(item.answerIds.size(), scorerOf(item));
        for (HeadScorer &step : answer.steps)
            answer.observers.push_back(&step);
        runs.push_back({answer.fed, &m_branches[i].cache, answer.observers});
        tokens += answer.fed.size();
    }
    std::span<const float> logits = m_transformer.decode(runs, {cancellation, {}});
    const std::size_t size = logits.size() / tokens;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const ProbeCase &item = m_cases[results[i].index];
        std::vector<double> &scores = results[i].scores;
        scores.assign(answers[i].steps.front().scores().size(), 0);
        for (std::size_t step = 0; step < item.answerIds.size(); ++step, logits = logits.subspan(size)) {
            answers[i].steps[step].finishStep(item.answerIds[step]);
            std::ranges::transform(scores, answers[i].steps[step].scores(), scores.begin(), std::plus());
            results[i].emittedIds.push_back(likeliest(logits.first(size)));
        }
    }
}

void CaseRunner::judge(ProbeCaseResult &result) const
{
    const std::string &answer = m_settings.needles[m_cases[result.index].needleIndex].answer;
    result.text = m_model->tokenizer().answerText(result.emittedIds);
    result.f1 = tokenF1(result.text, answer);
    result.rouge1Recall = rouge1Recall(result.text, answer);
    result.passed =
        m_settings.scoring == ProbeScoring::Forced || m_settings.filter.passes(result.f1, result.rouge1Recall);
}

HeadScorer CaseRunner::scorerOf(const ProbeCase &item) const
{
    return {m_settings.kind, m_model->info().layers, m_model->info().queryHeads, item};
}

} // namespace headkv
