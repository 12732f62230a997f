// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/Generator.h"

#include "core/base/Memory.h"
#include "core/base/Stopwatch.h"
#include "core/cache/DenseCache.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"
#include "core/text/Tokenizer.h"
#include "core/text/Utf8.h"

#include <algorithm>

namespace headkv {

namespace {

/// One run: the state that prefill and decoding share.
class GenerationRun
{
public:
    GenerationRun(std::shared_ptr<const Model> model, std::vector<TokenId> promptIds,
                  const GenerationSettings &settings, const JobControl &control, const TokenObserver &observer)
        : m_model(std::move(model))
        , m_settings(settings)
        , m_control(control)
        , m_observer(observer)
        , m_transformer(m_model)
        , m_cache(m_transformer.makeCache())
        , m_sampler(settings.sampling)
    {
        m_result.promptIds = std::move(promptIds);
        check();
        m_cache.reserve(std::min(m_result.promptIds.size() + m_settings.maxNewTokens, contextLength()));
    }

    Generation run()
    {
        try {
            prefill();
            m_result.stopReason = decode();
        } catch (const Error &error) {
            if (error.kind() != ErrorKind::Cancelled)
                throw;
            m_result.stopReason = StopReason::Cancelled;
        }
        emit(-1, m_stream.flush());
        measureMemory();
        return std::move(m_result);
    }

private:
    [[nodiscard]] std::size_t contextLength() const { return static_cast<std::size_t>(m_model->info().contextLength); }

    void check() const
    {
        const std::size_t tokens = m_result.promptIds.size();
        if (tokens == 0)
            throw Error(ErrorKind::Input, "the prompt is empty; give at least one token");
        if (tokens > contextLength())
            throw Error(ErrorKind::Input, "the prompt has " + std::to_string(tokens) +
                                              " tokens, the model's context holds " + std::to_string(contextLength()) +
                                              "; shorten the prompt");
        const std::uint64_t cacheTokens = std::min(tokens + m_settings.maxNewTokens, contextLength());
        requireMemory(cacheTokens * m_model->info().kvBytesPerToken,
                      "a cache of " + std::to_string(cacheTokens) + " tokens", "shorten the prompt or the answer");
    }

    /// All prompt tokens but the last, whose decode step gives the first token.
    void prefill()
    {
        m_sinceBegin.restart();
        const std::span<const TokenId> ids(m_result.promptIds);
        m_transformer.prefill(ids.first(ids.size() - 1), m_cache, m_control);
        m_result.metrics.prefillSeconds = m_sinceBegin.seconds();
        m_result.metrics.kvBytesAfterPrefill = m_cache.usedBytes();
    }

    StopReason decode()
    {
        TokenId last = m_result.promptIds.back();
        Stopwatch sinceFirstToken;
        for (int count = 0; count < m_settings.maxNewTokens; ++count) {
            if (m_cache.length() >= contextLength())
                return StopReason::ContextFull;
            const Stopwatch sinceLast;
            last = m_sampler.sample(m_transformer.decode(last, m_cache, nullptr, m_control));
            m_result.metrics.perTokenMilliseconds.push_back(1000 * sinceLast.seconds());
            if (count == 0) {
                m_result.metrics.firstTokenSeconds = m_sinceBegin.seconds();
                sinceFirstToken.restart();
            }
            m_result.metrics.decodeSeconds = sinceFirstToken.seconds();
            if (!accept(last))
                return StopReason::EndOfSequence;
            m_control.report({"Decode", count + 1.0, static_cast<double>(m_settings.maxNewTokens), "tokens"});
        }
        return StopReason::TokenLimit;
    }

    /// Records a token; false where it ends the text.
    bool accept(TokenId id)
    {
        m_result.emittedIds.push_back(id);
        const Tokenizer *tokenizer = m_model->hasTokenizer() ? &m_model->tokenizer() : nullptr;
        if (tokenizer && !m_settings.ignoreEndOfSequence && tokenizer->endsGeneration(id))
            return false;
        const bool spelled = tokenizer && tokenizer->contains(id);
        emit(id, spelled ? m_stream.push(tokenizer->piece(id)) : std::string());
        return true;
    }

    /// id −1: the end of the text, which may leave an unfinished character.
    void emit(TokenId id, const std::string &text)
    {
        m_result.text += text;
        if (m_observer && (id >= 0 || !text.empty()))
            m_observer(id, text);
    }

    void measureMemory()
    {
        RunMetrics &metrics = m_result.metrics;
        metrics.kvBytesEnd = m_cache.usedBytes();
        metrics.kvBytesPeak = m_cache.usedBytes(); // FullKV only grows
        metrics.fullKvBytes = m_cache.length() * m_model->info().kvBytesPerToken;
        metrics.rssPeakBytes = peakResidentBytes();
    }

    std::shared_ptr<const Model> m_model;
    const GenerationSettings &m_settings;
    const JobControl &m_control;
    const TokenObserver &m_observer;
    Transformer m_transformer;
    DenseCache m_cache;
    Sampler m_sampler;
    Utf8Stream m_stream;
    Generation m_result;
    Stopwatch m_sinceBegin;
};

} // namespace

std::string toString(StopReason reason)
{
    switch (reason) {
    case StopReason::EndOfSequence:
        return "eos";
    case StopReason::TokenLimit:
        return "length";
    case StopReason::ContextFull:
        return "context";
    case StopReason::Cancelled:
        return "cancelled";
    }
    return {};
}

Generation generate(std::shared_ptr<const Model> model, std::vector<TokenId> promptIds,
                    const GenerationSettings &settings, const JobControl &control, const TokenObserver &observer)
{
    return GenerationRun(std::move(model), std::move(promptIds), settings, control, observer).run();
}

} // namespace headkv
