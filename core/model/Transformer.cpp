// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Transformer.h"

#include "core/cache/DenseCache.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/device/DeviceMemory.h"
#include "core/model/Computation.h"
#include "core/model/Model.h"
#include "core/model/Placement.h"

#include <algorithm>
#include <c10/core/InferenceMode.h>
#include <cmath>
#include <utility>

namespace headkv {

namespace {

/// Positions whose logits [rows, V] are held at once.
constexpr std::int64_t logitRows = 64;

/// Takes back what a forward pass appended to its caches unless it came to its end.
class CacheTransaction
{
public:
    explicit CacheTransaction(std::span<const TokenRun> runs)
        : m_runs(runs)
    {}
    ~CacheTransaction()
    {
        for (const TokenRun &run : m_runs)
            run.cache->rollback();
    }
    CacheTransaction(const CacheTransaction &) = delete;
    CacheTransaction &operator=(const CacheTransaction &) = delete;
    void commit()
    {
        for (const TokenRun &run : std::exchange(m_runs, {}))
            run.cache->commit();
    }

private:
    std::span<const TokenRun> m_runs;
};

/// Logits to natural logarithms of probabilities.
void normalizeLogits(std::span<float> logits)
{
    const float greatest = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(logit - greatest);
    const auto norm = static_cast<float>(std::log(sum)) + greatest;
    for (float &logit : logits)
        logit -= norm;
}

void checkIds(const Model &model, std::span<const TokenId> ids)
{
    const int size = model.config().vocabularySize;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || ids[i] >= size)
            throw Error(ErrorKind::Input, "token id " + std::to_string(ids[i]) + " at position " + std::to_string(i) +
                                              " is outside the model's vocabulary of " + std::to_string(size) +
                                              "; use ids from 0 to " + std::to_string(size - 1));
    }
}

} // namespace

Transformer::Transformer(std::shared_ptr<const Model> model)
    : m_model(std::move(model))
{
    (void)m_model->weights();
    const Placement &placement = m_model->placement();
    m_computation = placement.isHost() ? makeHostComputation(*m_model)
                                       : makeDeviceComputation(*m_model, workRecorder(placement.devices.front()));
}

Transformer::~Transformer() = default;

const Model &Transformer::model() const noexcept { return *m_model; }

DenseCache Transformer::makeCache() const { return DenseCache(makeLayerDevices(*m_model)); }

std::uint64_t Transformer::denseBytesPerToken() const { return m_model->info().kvBytesPerToken; }

void Transformer::maskHeads(std::vector<HeadId> heads)
{
    const ModelConfig &config = m_model->config();
    for (const HeadId &head : heads) {
        if (head.layer < 0 || head.layer >= config.layers || head.head < 0 || head.head >= config.queryHeads)
            throw Error(ErrorKind::Usage, "head " + std::to_string(head.layer) + "-" + std::to_string(head.head) +
                                              " cannot be masked: the model has layers 0 to " +
                                              std::to_string(config.layers - 1) + " with heads 0 to " +
                                              std::to_string(config.queryHeads - 1));
    }
    m_masked = std::move(heads);
}

void Transformer::run(std::span<const TokenRun> runs, const std::function<void()> &pass) const
{
    for (const TokenRun &run : runs)
        checkIds(*m_model, run.ids);
    const c10::InferenceMode guard;
    CacheTransaction transaction(runs);
    onDevices(*m_model, pass);
    m_model->requireIntact();
    transaction.commit();
}

void Transformer::prefill(std::span<const TokenId> ids, KvCache &cache, const JobControl &control) const
{
    if (ids.empty())
        return;
    const TokenRun runs[] = {{ids, &cache, {}}};
    run(runs, [&] { m_computation->prefill(runs, m_masked, control, 0); });
}

std::span<const float> Transformer::prefillAndPredict(std::span<const TokenId> ids, KvCache &cache,
                                                      const JobControl &control)
{
    const TokenRun runs[] = {{ids, &cache, {}}};
    run(runs, [&] {
        m_computation->prefill(runs, m_masked, control, 1);
        predict(std::ssize(ids) - 1, 1);
    });
    return m_logits;
}

std::span<const float> Transformer::decode(TokenId id, KvCache &cache, AttentionObserver *observer,
                                           const JobControl &control)
{
    AttentionObserver *const observers[] = {observer};
    const TokenRun runs[] = {{{&id, 1}, &cache, observers}};
    return decode(runs, control);
}

std::span<const float> Transformer::decode(std::span<const TokenRun> runs, const JobControl &control)
{
    std::int64_t tokens = 0;
    for (const TokenRun &each : runs)
        tokens += std::ssize(each.ids);
    run(runs, [&] {
        m_computation->decode(runs, m_masked, control);
        predict(0, tokens);
    });
    return m_logits;
}

void Transformer::predict(std::int64_t begin, std::int64_t count)
{
    m_computation->readLogits(begin, count, m_logits);
    m_computation->readState(begin + count - 1, m_state);
}

std::span<const float> Transformer::logitsOfState(std::span<const float> state)
{
    const c10::InferenceMode guard;
    onDevices(*m_model, [&] { m_computation->logitsOfState(state, m_logitsOfState); });
    return m_logitsOfState;
}

void Transformer::logProbabilities(std::span<const TokenId> ids,
                                   const std::function<void(std::size_t, std::span<const float>)> &visit,
                                   const JobControl &control) const
{
    if (ids.empty())
        return;
    const c10::InferenceMode guard;
    DenseCache cache = makeCache();
    cache.reserve(ids.size());
    const std::int64_t tokens = std::ssize(ids);
    const TokenRun runs[] = {{ids, &cache, {}}};
    run(runs, [&] { m_computation->prefill(runs, m_masked, control, tokens); });
    std::vector<float> logits; // [rows, V]
    for (std::int64_t begin = 0; begin < tokens; begin += logitRows) {
        control.cancellation.throwIfCancelled();
        const std::int64_t rows = std::min(logitRows, tokens - begin);
        onDevices(*m_model, [&] { m_computation->readLogits(begin, rows, logits); });
        const std::size_t size = logits.size() / static_cast<std::size_t>(rows);
        for (std::int64_t row = 0; row < rows; ++row) {
            const auto values = std::span(logits).subspan(static_cast<std::size_t>(row) * size, size);
            normalizeLogits(values);
            visit(static_cast<std::size_t>(begin + row), values);
        }
    }
}

} // namespace headkv
