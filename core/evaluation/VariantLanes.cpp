// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/VariantLanes.h"

#include "core/base/Memory.h"
#include "core/base/Stopwatch.h"
#include "core/compression/CompressionMethod.h"
#include "core/compression/SharedPrefill.h"
#include "core/generation/Sampler.h"
#include "core/model/Model.h"
#include "core/text/Tokenizer.h"

#include <algorithm>

namespace headkv {

namespace {

/// Scored by attention even where the question alone would fill the budget.
constexpr int leastScored = 8;

std::vector<TokenId> idsOf(const EvaluationCase &item, CompressionMoment moment)
{
    std::vector<TokenId> ids = item.contextIds;
    if (moment == CompressionMoment::Question)
        ids.insert(ids.end(), item.questionIds.begin(), item.questionIds.end());
    return ids;
}

} // namespace

/// What a lane says to a question.
struct VariantLanes::Answer
{
    const Lane *lane;
    CompressedCache *cache;
    std::vector<TokenId> emitted;
    double seconds = 0; ///< of the tokens after the first; 0: not measured
};

VariantLanes::VariantLanes(std::shared_ptr<const Model> model, const JobControl &control)
    : m_model(std::move(model))
    , m_control(control)
    , m_transformer(m_model)
{}

void VariantLanes::clear()
{
    m_lanes.clear();
    m_bytes = 0;
}

bool VariantLanes::add(const EvaluationVariant &variant, std::size_t index, const EvaluationCase &like,
                       CompressionMoment moment, int newTokens)
{
    const ModelInfo &info = m_model->info();
    const std::size_t prompt = like.contextIds.size() + like.questionIds.size();
    if (prompt > static_cast<std::size_t>(info.contextLength))
        throw Error(ErrorKind::Input, like.name + ": the prompt has " + std::to_string(prompt) +
                                          " tokens, the model's context holds " + std::to_string(info.contextLength) +
                                          "; shorten it");
    const bool aware = moment == CompressionMoment::Question;
    int window = automaticWindow(aware ? like.questionIds.size() : 0);
    if (variant.hasBudget()) // a question longer than the budget must not stop the run
        window = std::min(window, std::max(publishedWindow, variant.compression.budget - leastScored));
    const std::shared_ptr<const CompressionMethod> method =
        makeCompressionMethod({info.layers, info.queryHeads, info.kvHeads}, variant.compression, window);
    const auto compressed = static_cast<std::int64_t>(aware ? prompt : like.contextIds.size());
    const HeadBudgets budgets = method->allocate(compressed);
    const auto later = static_cast<std::int64_t>(prompt) - compressed + newTokens; // kept by every list
    const std::uint64_t entries = static_cast<std::uint64_t>(budgets.totalEntries(compressed)) +
                                  budgets.capacities.size() * static_cast<std::uint64_t>(later);
    // Where a context serves several questions, each gets a copy of the cache.
    const std::uint64_t bytes = entries * info.kvBytesPerEntry() * (aware ? 1 : 2);
    const std::uint64_t available = m_model->availableBytes(); // 0: not known
    if (!m_lanes.empty() && available > 0 && m_bytes + bytes > available / 2)
        return false;
    m_model->requireCache(bytes, "a cache of " + std::to_string(prompt) + " tokens",
                          "use shorter prompts or smaller budgets");
    m_bytes += bytes;
    m_lanes.push_back({index, {*m_model, granularityOf(variant.compression)}, method->window()});
    m_lanes.back().cache.setMethod(method);
    m_lanes.back().cache.reserve(later);
    return true;
}

void VariantLanes::prefill(const EvaluationCase &item, CompressionMoment moment,
                           const std::function<void(double share)> &progress)
{
    std::vector<CompressedCache *> caches;
    for (Lane &lane : m_lanes)
        caches.push_back(&lane.cache);
    SharedPrefill shared(std::move(caches));
    const JobControl control{m_control.cancellation,
                             [&](const Progress &stage) { progress(stage.done / stage.total * 0.5); }};
    const std::vector<TokenId> ids = idsOf(item, moment);
    const Stopwatch watch;
    if (moment == CompressionMoment::Question)
        m_first = likeliest(m_transformer.prefillAndPredict(ids, shared, control));
    else
        m_transformer.prefill(ids, shared, control);
    m_prefillSeconds = watch.seconds();
    for (Lane &lane : m_lanes) {
        m_prefillSeconds -= lane.cache.compressSeconds() - lane.cache.sharedSeconds();
        lane.promptBytes = lane.cache.bytes().used;
    }
}

std::vector<EvaluationResult> VariantLanes::answer(const EvaluationCase &item, const EvaluationTask &task,
                                                   CompressionMoment moment, bool alone)
{
    std::vector<CompressedCache> copies;
    copies.reserve(m_lanes.size());
    std::vector<Answer> answers;
    for (Lane &lane : m_lanes) {
        answers.push_back({&lane, &lane.cache, {}, 0});
        if (moment == CompressionMoment::Context) {
            copies.push_back(lane.cache.copyBefore(0));
            answers.back().cache = &copies.back();
        }
    }
    if (moment == CompressionMoment::Context) {
        putQuestion(answers, item.questionIds);
    } else {
        for (Answer &answer : answers)
            answer.emitted.push_back(m_first);
    }
    if (alone) {
        for (Answer &answer : answers) {
            const Stopwatch watch;
            decode({&answer, 1}, task.maxNewTokens);
            answer.seconds = watch.seconds();
        }
    } else {
        decode(answers, task.maxNewTokens);
    }
    std::vector<EvaluationResult> results;
    results.reserve(answers.size());
    for (const Answer &answer : answers)
        results.push_back(judge(answer, item, task));
    return results;
}

/// Feeds the question, a token at a time since every list keeps it, and takes the first token of each answer.
void VariantLanes::putQuestion(std::span<Answer> answers, std::span<const TokenId> ids)
{
    std::vector<TokenRun> runs;
    for (const TokenId &id : ids) {
        runs.clear();
        for (const Answer &answer : answers)
            runs.push_back({{&id, 1}, answer.cache, {}});
        const std::span<const float> logits = m_transformer.decode(runs, {m_control.cancellation, {}});
        const std::size_t size = logits.size() / runs.size();
        if (&id == &ids.back()) {
            for (std::size_t i = 0; i < answers.size(); ++i)
                answers[i].emitted.push_back(likeliest(logits.subspan(i * size, size)));
        }
    }
}

/// Greedy, until end-of-sequence, the token limit or the end of the context.
void VariantLanes::decode(std::span<Answer> answers, int maxNewTokens)
{
    const auto context = static_cast<std::size_t>(m_model->info().contextLength);
    const auto isDone = [&](const Answer &answer) {
        return static_cast<int>(answer.emitted.size()) >= maxNewTokens || answer.cache->length() >= context ||
               m_model->tokenizer().endsGeneration(answer.emitted.back());
    };
    std::vector<Answer *> open;
    std::vector<TokenRun> runs;
    for (;;) {
        open.clear();
        runs.clear();
        for (Answer &answer : answers) {
            if (isDone(answer))
                continue;
            open.push_back(&answer);
            runs.push_back({{&answer.emitted.back(), 1}, answer.cache, {}});
        }
        if (open.empty())
            return;
        const std::span<const float> logits = m_transformer.decode(runs, {m_control.cancellation, {}});
        const std::size_t size = logits.size() / open.size();
        for (std::size_t i = 0; i < open.size(); ++i)
            open[i]->emitted.push_back(likeliest(logits.subspan(i * size, size)));
    }
}

EvaluationResult VariantLanes::judge(const Answer &answer, const EvaluationCase &item, const EvaluationTask &task) const
{
    EvaluationResult result;
    result.variant = answer.lane->variant;
    result.emittedIds = answer.emitted;
    result.text = m_model->tokenizer().answerText(answer.emitted);
    result.score = scoreAnswer(task.metric, task.firstLineOnly ? firstLine(result.text) : result.text, item.answers,
                               item.allClasses);
    result.window = answer.lane->window;
    result.prefillSeconds = m_prefillSeconds;
    result.compressSeconds = answer.lane->cache.compressSeconds();
    if (answer.seconds > 0 && answer.emitted.size() > 1)
        result.decodeTokensPerSecond = static_cast<double>(answer.emitted.size() - 1) / answer.seconds;
    result.kvBytesPrompt = answer.lane->promptBytes;
    result.kvBytesPeak = std::max(answer.lane->cache.peakBytes().used, answer.cache->peakBytes().used);
    return result;
}

} // namespace headkv
