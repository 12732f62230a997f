// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/Conversation.h"

#include "core/base/Memory.h"
#include "core/base/Stopwatch.h"
#include "core/device/DeviceMemory.h"
#include "core/model/Model.h"
#include "core/text/Tokenizer.h"
#include "core/text/Utf8.h"

#include <algorithm>

namespace headkv {

/// One turn: the state that prefill and decoding share.
class Conversation::Turn
{
public:
    Turn(Conversation &conversation, std::vector<TokenId> ids, const GenerationSettings &settings,
         const JobControl &control, GenerationListener *listener)
        : m_conversation(conversation)
        , m_model(*conversation.m_model)
        , m_cache(conversation.m_cache)
        , m_settings(settings)
        , m_control(withSamples(control))
        , m_listener(listener)
    {
        m_result.promptIds = std::move(ids);
        m_result.historyIds = conversation.m_history;
        m_result.historyIds.insert(m_result.historyIds.end(), conversation.m_unfed.begin(), conversation.m_unfed.end());
        m_fed = conversation.m_unfed;
        m_fed.insert(m_fed.end(), m_result.promptIds.begin(), m_result.promptIds.end());
        resetDevicePeak(m_model);
        checkLength();
        chooseMethod();
        checkMemory();
        m_cache.reserve(static_cast<std::int64_t>(newTokens()));
    }

    Generation run()
    {
        try {
            // One token that waits was emitted: the next comes of a decode step, as if there had been no stop.
            const bool goesOn = m_result.promptIds.empty() && m_fed.size() == 1 && m_cache.length() > 0;
            m_result.stopReason =
                goesOn && isFull() ? StopReason::ContextFull : decode(goesOn ? next(m_fed[0]) : prefill());
        } catch (const Error &error) {
            if (error.kind() != ErrorKind::Cancelled)
                throw;
            m_result.stopReason = StopReason::Cancelled;
            if (m_result.emittedIds.empty()) // nothing of it is in the cache
                m_conversation.m_unfed = m_fed;
        }
        if (m_result.stopReason != StopReason::Cancelled)
            emit(-1, m_conversation.m_text.flush());
        measureMemory();
        return std::move(m_result);
    }

private:
    [[nodiscard]] std::size_t contextLength() const { return static_cast<std::size_t>(m_model.info().contextLength); }
    [[nodiscard]] bool isFull() const { return !m_settings.pastContext && m_cache.length() >= contextLength(); }
    /// Tokens that may come behind the prompt.
    [[nodiscard]] std::size_t newTokens() const
    {
        const auto wanted = static_cast<std::size_t>(m_settings.maxNewTokens);
        return m_settings.pastContext ? wanted : std::min(wanted, contextLength() - m_cache.length() - m_fed.size());
    }

    /// Takes the memory at each step of prefill, too.
    JobControl withSamples(const JobControl &control)
    {
        JobControl sampling = control;
        sampling.progress = [this, &control](const Progress &progress) {
            if (m_result.emittedIds.empty())
                sampleMemory();
            control.report(progress);
        };
        return sampling;
    }

    void sampleMemory()
    {
        const MemorySample sample{m_sinceBegin.seconds(), m_cache.bytes().used, residentBytes(),
                                  deviceMemory(m_model).current};
        m_result.metrics.memory.push_back(sample);
        if (m_listener)
            m_listener->memoryMeasured(sample);
    }

    void checkLength() const
    {
        const std::size_t tokens = m_cache.length() + m_fed.size();
        if (tokens > contextLength())
            throw Error(ErrorKind::Input, "the prompt has " + std::to_string(tokens) +
                                              " tokens, the model's context holds " + std::to_string(contextLength()) +
                                              "; shorten the prompt");
    }

    void chooseMethod()
    {
        const ModelInfo &info = m_model.info();
        const std::size_t turn = m_settings.turnTokens > 0 ? m_settings.turnTokens : m_fed.size();
        const int automatic = automaticWindow(std::min<std::size_t>(turn, longestAutomaticWindow));
        const std::shared_ptr<const CompressionMethod> method = makeCompressionMethod(
            {info.layers, info.queryHeads, info.kvHeads}, m_conversation.m_compression, automatic);
        m_result.window = method->window();
        m_result.budgets = method->allocate(static_cast<std::int64_t>(m_cache.length() + m_fed.size()));
        m_cache.setMethod(method);
    }

    /// What is kept, what will be decoded, and the one layer that is whole during prefill, in float32.
    void checkMemory() const
    {
        const ModelInfo &info = m_model.info();
        const std::size_t tokens = m_cache.length() + m_fed.size();
        const auto entries =
            static_cast<std::uint64_t>(m_result.budgets.totalEntries(static_cast<std::int64_t>(tokens))) +
            m_result.budgets.capacities.size() * newTokens();
        const std::uint64_t layer = std::uint64_t{2} * info.kvHeads * info.headDim * sizeof(float) * m_fed.size();
        m_model.requireCache(entries * info.kvBytesPerEntry() + layer,
                             "a cache of " + std::to_string(tokens + newTokens()) + " tokens",
                             "shorten the prompt or the answer, or use a smaller budget");
    }

    /// The whole prompt, which is compressed layer by layer; the first token comes out of it.
    TokenId prefill()
    {
        const std::span<const float> logits = m_conversation.m_transformer.prefillAndPredict(m_fed, m_cache, m_control);
        RunMetrics &metrics = m_result.metrics;
        m_result.budgets = m_cache.budgets();
        metrics.compressSeconds = m_cache.compressSeconds();
        metrics.prefillSeconds = m_sinceBegin.seconds() - metrics.compressSeconds;
        metrics.kvBytesAfterPrefill = m_cache.bytes().used;
        metrics.kvAllocatedAfterPrefill = m_cache.bytes().allocated;
        metrics.fullKvBytesAfterPrefill = m_cache.length() * m_model.info().kvBytesPerToken;
        metrics.rssAfterPrefill = residentBytes();
        metrics.entriesByLayer = m_cache.entriesByLayer();
        if (m_settings.reportContents)
            m_result.contents = m_cache.contents();
        m_conversation.m_unfed.clear();
        m_conversation.m_history.insert(m_conversation.m_history.end(), m_fed.begin(), m_fed.end());
        m_conversation.m_prefilled = m_cache.length();
        const std::span<const float> state = m_conversation.m_transformer.state();
        m_conversation.m_prefillState.assign(state.begin(), state.end());
        const Stopwatch watch;
        const TokenId first = m_conversation.m_sampler.sample(logits);
        metrics.perTokenMilliseconds.push_back(1000 * watch.seconds());
        metrics.firstTokenSeconds = m_sinceBegin.seconds();
        if (m_listener)
            m_listener->prefillDone(m_result);
        return first;
    }

    /// The token behind one that is fed.
    TokenId next(TokenId last)
    {
        const Stopwatch watch;
        const TokenId id =
            m_conversation.m_sampler.sample(m_conversation.m_transformer.decode(last, m_cache, nullptr, m_control));
        m_conversation.m_unfed.clear();
        m_conversation.m_history.push_back(last);
        m_result.metrics.perTokenMilliseconds.push_back(1000 * watch.seconds());
        return id;
    }

    StopReason decode(TokenId first)
    {
        const Stopwatch sinceFirstToken;
        TokenId last = first;
        for (int count = 1;; ++count) {
            if (!accept(last))
                return StopReason::EndOfSequence;
            m_control.report(
                {"Decode", static_cast<double>(count), static_cast<double>(m_settings.maxNewTokens), "tokens"});
            if (count == m_settings.maxNewTokens)
                return StopReason::TokenLimit;
            if (isFull())
                return StopReason::ContextFull;
            last = next(last);
            m_result.metrics.decodeSeconds = sinceFirstToken.seconds();
        }
    }

    /// Records a token; false where it ends the text.
    bool accept(TokenId id)
    {
        m_conversation.m_unfed = {id};
        m_result.emittedIds.push_back(id);
        sampleMemory();
        if (m_settings.recordStates) {
            const std::span<const float> state = m_conversation.m_transformer.state();
            m_result.states.insert(m_result.states.end(), state.begin(), state.end());
        }
        const Tokenizer *tokenizer = m_model.hasTokenizer() ? &m_model.tokenizer() : nullptr;
        if (tokenizer && !m_settings.ignoreEndOfSequence && tokenizer->endsGeneration(id))
            return false;
        const bool spelled = tokenizer && tokenizer->contains(id);
        emit(id, spelled ? m_conversation.m_text.push(tokenizer->piece(id)) : std::string());
        return true;
    }

    /// id −1: the end of the text, which may leave an unfinished character.
    void emit(TokenId id, const std::string &text)
    {
        m_result.text += text;
        if (m_listener && (id >= 0 || !text.empty()))
            m_listener->tokenMade(id, text, id >= 0 ? m_result.metrics.perTokenMilliseconds.back() : 0);
    }

    void measureMemory()
    {
        RunMetrics &metrics = m_result.metrics;
        metrics.kvBytesEnd = m_cache.bytes().used;
        metrics.kvAllocatedEnd = m_cache.bytes().allocated;
        metrics.kvBytesPeak = m_cache.peakBytes().used;
        metrics.kvAllocatedPeak = m_cache.peakBytes().allocated;
        metrics.fullKvBytes = m_cache.length() * m_model.info().kvBytesPerToken;
        metrics.rssPeakBytes = peakResidentBytes();
        metrics.devicePeakBytes = deviceMemory(m_model).peak;
        metrics.contextTokens = m_cache.length();
    }

    Conversation &m_conversation;
    const Model &m_model;
    CompressedCache &m_cache;
    const GenerationSettings &m_settings;
    const JobControl m_control;
    GenerationListener *m_listener;
    std::vector<TokenId> m_fed; ///< what the prefill takes: what is not in the cache yet, and the prompt
    Generation m_result;
    Stopwatch m_sinceBegin;
};

Conversation::Conversation(std::shared_ptr<const Model> model, CompressionSettings compression)
    : m_model(std::move(model))
    , m_compression(std::move(compression))
    , m_transformer(m_model)
    , m_cache(*m_model, granularityOf(m_compression))
{}

Conversation::~Conversation() = default;

Generation Conversation::say(std::vector<TokenId> ids, const GenerationSettings &settings, const JobControl &control,
                             GenerationListener *listener)
{
    if (ids.empty())
        throw Error(ErrorKind::Input, "the prompt is empty; give at least one token");
    m_sampler = Sampler(settings.sampling);
    m_text = {};
    return Turn(*this, std::move(ids), settings, control, listener).run();
}

Generation Conversation::proceed(const GenerationSettings &settings, const JobControl &control,
                                 GenerationListener *listener)
{
    if (m_unfed.empty())
        throw Error(ErrorKind::Usage, "there is nothing to go on with; say something first");
    return Turn(*this, {}, settings, control, listener).run();
}

Agreement Conversation::agreementWith(const Generation &reference, const JobControl &control)
{
    const std::size_t tokens = reference.emittedIds.size();
    const std::size_t width = m_prefillState.size();
    if (width == 0 || tokens == 0 || reference.states.size() != tokens * width)
        throw Error(ErrorKind::Usage, "there is nothing to compare; run FullKV on the same prompt first");
    const std::size_t lists = m_cache.budgets().capacities.size(); // of all layers
    m_model->requireCache(m_cache.bytes().used + lists * tokens * m_model->info().kvBytesPerEntry(),
                          "a second cache to compare with FullKV", "shorten the prompt or the answer");
    CompressedCache cache = m_cache.copyBefore(m_cache.length() - m_prefilled);
    AgreementSum sum;
    const std::span<const float> predicted = m_transformer.logitsOfState(m_prefillState);
    const std::vector<float> first(predicted.begin(), predicted.end());
    std::span<const float> own = first;
    for (std::size_t i = 0; i < tokens; ++i) {
        if (i > 0)
            own = m_transformer.decode(reference.emittedIds[i - 1], cache, nullptr, control);
        sum.add(m_transformer.logitsOfState(std::span(reference.states).subspan(i * width, width)), own);
        control.report({"Compare with FullKV", static_cast<double>(i + 1), static_cast<double>(tokens), "tokens"});
    }
    return sum.mean();
}

Generation generate(std::shared_ptr<const Model> model, std::vector<TokenId> promptIds,
                    const GenerationSettings &settings, const CompressionSettings &compression,
                    const JobControl &control, GenerationListener *listener)
{
    return Conversation(std::move(model), compression).say(std::move(promptIds), settings, control, listener);
}

} // namespace headkv
