// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Transformer.h"

#include "core/attention/AttentionRule.h"
#include "core/cache/DenseCache.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/kernels/Kernels.h"
#include "core/model/Model.h"
#include "core/model/Products.h"
#include "core/model/RotaryEmbedding.h"
#include "core/model/Weights.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <c10/core/InferenceMode.h>
#include <cmath>
#include <optional>

namespace headkv {

namespace {

/// Tokens that go through a layer at once: activations stay in the cache, and a cancellation is seen soon.
constexpr std::int64_t chunkTokens = 512;
/// Positions whose logits [rows, V] are held at once.
constexpr std::int64_t logitRows = 64;

/// Takes back what a forward pass appended unless it came to its end.
class CacheTransaction
{
public:
    explicit CacheTransaction(KvCache &cache)
        : m_cache(cache)
    {}
    ~CacheTransaction()
    {
        if (!m_committed)
            m_cache.rollback();
    }
    CacheTransaction(const CacheTransaction &) = delete;
    CacheTransaction &operator=(const CacheTransaction &) = delete;
    void commit()
    {
        m_cache.commit();
        m_committed = true;
    }

private:
    KvCache &m_cache;
    bool m_committed = false;
};

/// A buffer that grows to the largest size that was asked of it.
class Buffer
{
public:
    float *of(std::int64_t rows, std::int64_t columns)
    {
        m_values.resize(std::max(m_values.size(), static_cast<std::size_t>(rows * columns)));
        return m_values.data();
    }

private:
    std::vector<float> m_values;
};

/// Calls work(row) for rows of so many elements, on all threads where there is enough to do.
template <typename Work>
void forRows(std::int64_t rows, std::int64_t columns, Work work)
{
    constexpr std::int64_t leastElements = 16384;
    at::parallel_for(0, rows, std::max<std::int64_t>(1, leastElements / columns),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t row = begin; row < end; ++row)
                             work(row);
                     });
}

const float *dataOf(const at::Tensor &tensor) { return tensor.const_data_ptr<float>(); }

} // namespace

/// Memory of a forward pass, kept from one to the next.
struct Transformer::Scratch
{
    Buffer hidden;                           ///< [T, hidden]: the residual stream of all tokens
    Buffer normal, update;                   ///< [T, hidden] of a chunk, as the following
    Buffer queries, keys, values, attention; ///< [T, H·D], [T, G·D], [T, G·D], [T, H·D]
    Buffer gate, up;                         ///< [T, feedForward]
    Activations activations;
};

namespace {

/// RMSNorm of rows [count, hidden].
void normalizeRows(const float *rows, const at::Tensor &weight, float *out, std::int64_t count, double epsilon)
{
    const std::int64_t columns = weight.size(0);
    const float *factors = dataOf(weight);
    forRows(count, columns, [=](std::int64_t row) {
        kernels().rmsNorm(rows + row * columns, factors, out + row * columns, columns, static_cast<float>(epsilon));
    });
}

/// One forward pass over new tokens. Everything between products is float32.
template <typename Scratch>
class ForwardPass
{
public:
    ForwardPass(const Model &model, Scratch &scratch, KvCache &cache, std::span<const TokenId> ids,
                const JobControl &control)
        : m_config(model.config())
        , m_weights(model.weights())
        , m_scratch(scratch)
        , m_cache(cache)
        , m_control(control)
        , m_tokens(std::ssize(ids))
        , m_hidden(embed(ids))
        , m_rotary(rotary(m_config.rope, cache, ids))
    {
        if (m_config.localRope)
            m_localRotary = rotary(*m_config.localRope, cache, ids);
    }

    /// Layer by layer over all tokens, in chunks. Returns the residual stream after the last layer, [T, hidden]: true
    /// for the last `outputs` tokens at least; of the others nobody reads the last layer's output.
    const float *prefill(std::int64_t outputs)
    {
        m_cache.beginPrefill(static_cast<std::size_t>(m_tokens));
        for (int layer = 0; layer < m_config.layers; ++layer) {
            for (std::int64_t begin = 0; begin < m_tokens; begin += chunkTokens) {
                m_control.cancellation.throwIfCancelled();
                const std::int64_t count = std::min(chunkTokens, m_tokens - begin);
                const AttentionInputs chunk = project(layer, begin, count);
                const bool wanted = layer < m_config.layers - 1 || begin + count > m_tokens - outputs;
                float *attention = wanted ? m_scratch.attention.of(count, queryColumns()) : nullptr;
                m_cache.prefill(layer, chunk, ruleOf(layer), attention);
                if (wanted)
                    finishTokens(layer, begin, count, attention);
            }
            m_cache.finishLayer(layer, ruleOf(layer));
            m_control.report({"Prefill", static_cast<double>(m_tokens) * (layer + 1) / m_config.layers,
                              static_cast<double>(m_tokens), "tokens"});
        }
        return m_hidden;
    }

    /// One token. Returns its residual stream after the last layer, [hidden].
    const float *decode(AttentionObserver *observer)
    {
        float *attention = m_scratch.attention.of(1, queryColumns());
        for (int layer = 0; layer < m_config.layers; ++layer) {
            m_control.cancellation.throwIfCancelled();
            m_cache.decode(layer, project(layer, 0, 1), ruleOf(layer), observer, attention);
            finishTokens(layer, 0, 1, attention);
        }
        return m_hidden;
    }

private:
    float *embed(std::span<const TokenId> ids)
    {
        float *hidden = m_scratch.hidden.of(m_tokens, m_config.hiddenSize);
        forRows(m_tokens, m_config.hiddenSize, [&](std::int64_t token) {
            float *row = hidden + token * m_config.hiddenSize;
            m_weights.embed(ids[static_cast<std::size_t>(token)], row);
            for (int i = 0; i < m_config.hiddenSize; ++i)
                row[i] *= static_cast<float>(m_config.embeddingScale);
        });
        return hidden;
    }

    static RotaryEmbedding rotary(const RopeConfig &config, const KvCache &cache, std::span<const TokenId> ids)
    {
        return {config, static_cast<std::int64_t>(cache.length()), static_cast<std::int64_t>(ids.size())};
    }

    AttentionRule ruleOf(int layer) const
    {
        return {m_config.attentionScale, m_config.layerConfigs[static_cast<std::size_t>(layer)].window,
                m_config.attentionSoftcap};
    }

    std::int64_t queryColumns() const { return std::int64_t{m_config.queryHeads} * m_config.headDim; }
    std::int64_t keyColumns() const { return std::int64_t{m_config.kvHeads} * m_config.headDim; }

    /// Queries, keys and values of the tokens from `begin` on.
    AttentionInputs project(int layer, std::int64_t begin, std::int64_t count)
    {
        const LayerWeights &weights = m_weights.layers[static_cast<std::size_t>(layer)];
        float *normal = m_scratch.normal.of(count, m_config.hiddenSize);
        normalizeRows(m_hidden + begin * m_config.hiddenSize, weights.attentionNorm, normal, count,
                      m_config.normEpsilon);
        float *queries = m_scratch.queries.of(count, queryColumns());
        float *keys = m_scratch.keys.of(count, keyColumns()), *values = m_scratch.values.of(count, keyColumns());
        m_scratch.activations.take(normal, count, m_config.hiddenSize);
        const Product products[] = {{&weights.query, queries}, {&weights.key, keys}, {&weights.value, values}};
        multiply(m_scratch.activations, products);
        forRows(count, queryColumns(), [&](std::int64_t token) {
            position(layer, queries + token * queryColumns(), m_config.queryHeads, weights.queryNorm, begin + token);
            position(layer, keys + token * keyColumns(), m_config.kvHeads, weights.keyNorm, begin + token);
        });
        return {queries, keys, values, count};
    }

    /// Queries or keys of a token: normalised by head where the family does, and rotated where the layer does.
    void position(int layer, float *vectors, int heads, const at::Tensor &norm, std::int64_t offset) const
    {
        const LayerConfig &config = m_config.layerConfigs[static_cast<std::size_t>(layer)];
        for (int head = 0; head < heads; ++head) {
            float *vector = vectors + head * m_config.headDim;
            if (norm.defined())
                kernels().rmsNorm(vector, dataOf(norm), vector, m_config.headDim,
                                  static_cast<float>(m_config.normEpsilon));
            if (config.rotary)
                (m_localRotary && config.window > 0 ? *m_localRotary : m_rotary).rotate(vector, offset);
        }
    }

    /// The rest of a layer, from its attention [count, H·D] on.
    void finishTokens(int layer, std::int64_t begin, std::int64_t count, const float *attention)
    {
        const LayerWeights &weights = m_weights.layers[static_cast<std::size_t>(layer)];
        float *hidden = m_hidden + begin * m_config.hiddenSize;
        m_scratch.activations.take(attention, count, queryColumns());
        addProduct(weights.attentionOutput, weights.postAttentionNorm, hidden, count);
        feedForward(weights, hidden, count);
    }

    /// hidden += down(activation(gate(x)) · up(x)), x the normalised hidden states.
    void feedForward(const LayerWeights &weights, float *hidden, std::int64_t count)
    {
        float *normal = m_scratch.normal.of(count, m_config.hiddenSize);
        normalizeRows(hidden, weights.feedForwardNorm, normal, count, m_config.normEpsilon);
        const std::int64_t columns = m_config.feedForwardSize;
        float *gate = m_scratch.gate.of(count, columns), *up = m_scratch.up.of(count, columns);
        m_scratch.activations.take(normal, count, m_config.hiddenSize);
        const Product products[] = {{&weights.gate, gate}, {&weights.up, up}};
        multiply(m_scratch.activations, products);
        const auto product = m_config.activation == Activation::Silu ? kernels().siluProduct : kernels().geluProduct;
        forRows(count, columns, [=](std::int64_t row) { product(gate + row * columns, up + row * columns, columns); });
        m_scratch.activations.take(gate, count, columns);
        addProduct(weights.down, weights.postFeedForwardNorm, hidden, count);
    }

    /// hidden += the activations' product, which some families normalise first.
    void addProduct(const Linear &linear, const at::Tensor &norm, float *hidden, std::int64_t count)
    {
        const std::int64_t columns = m_config.hiddenSize;
        float *update = m_scratch.update.of(count, columns);
        const Product products[] = {{&linear, update}};
        multiply(m_scratch.activations, products);
        if (norm.defined())
            normalizeRows(update, norm, update, count, m_config.normEpsilon);
        forRows(count, columns, [=](std::int64_t row) {
            for (std::int64_t i = row * columns; i < (row + 1) * columns; ++i)
                hidden[i] += update[i];
        });
    }

    const ModelConfig &m_config;
    const Weights &m_weights;
    Scratch &m_scratch;
    KvCache &m_cache;
    const JobControl &m_control;
    std::int64_t m_tokens;
    float *m_hidden; ///< [T, hidden]
    RotaryEmbedding m_rotary;
    std::optional<RotaryEmbedding> m_localRotary; ///< of layers with a window
};

/// Logits [T, V] of hidden states [T, hidden].
template <typename Scratch>
void writeLogits(const Model &model, Scratch &scratch, const float *hidden, std::int64_t count,
                 std::vector<float> &logits)
{
    const Weights &weights = model.weights();
    const std::int64_t columns = weights.outputNorm.size(0);
    float *normal = scratch.normal.of(count, columns);
    normalizeRows(hidden, weights.outputNorm, normal, count, model.config().normEpsilon);
    logits.resize(static_cast<std::size_t>(count * weights.output.outputs()));
    scratch.activations.take(normal, count, columns);
    const Product products[] = {{&weights.output, logits.data()}};
    multiply(scratch.activations, products);
    if (const auto cap = static_cast<float>(model.config().logitSoftcap); cap > 0) {
        for (float &logit : logits)
            logit = std::tanh(logit / cap) * cap;
    }
}

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
    , m_scratch(std::make_unique<Scratch>())
{
    (void)m_model->weights();
}

Transformer::~Transformer() = default;

const Model &Transformer::model() const noexcept { return *m_model; }

DenseCache Transformer::makeCache() const
{
    const ModelConfig &config = m_model->config();
    return {config.layers, {config.queryHeads, config.kvHeads, config.headDim}, m_model->info().cacheType};
}

std::uint64_t Transformer::denseBytesPerToken() const { return m_model->info().kvBytesPerToken; }

void Transformer::prefill(std::span<const TokenId> ids, KvCache &cache, const JobControl &control) const
{
    checkIds(*m_model, ids);
    if (ids.empty())
        return;
    const c10::InferenceMode guard;
    CacheTransaction transaction(cache);
    ForwardPass(*m_model, *m_scratch, cache, ids, control).prefill(0);
    m_model->requireIntact();
    transaction.commit();
}

std::span<const float> Transformer::prefillAndPredict(std::span<const TokenId> ids, KvCache &cache,
                                                      const JobControl &control)
{
    checkIds(*m_model, ids);
    const c10::InferenceMode guard;
    CacheTransaction transaction(cache);
    const float *hidden = ForwardPass(*m_model, *m_scratch, cache, ids, control).prefill(1);
    predict(hidden + (std::ssize(ids) - 1) * m_model->config().hiddenSize);
    m_model->requireIntact();
    transaction.commit();
    return m_logits;
}

std::span<const float> Transformer::decode(TokenId id, KvCache &cache, AttentionObserver *observer,
                                           const JobControl &control)
{
    checkIds(*m_model, {&id, 1});
    const c10::InferenceMode guard;
    CacheTransaction transaction(cache);
    predict(ForwardPass(*m_model, *m_scratch, cache, {&id, 1}, control).decode(observer));
    m_model->requireIntact();
    transaction.commit();
    return m_logits;
}

void Transformer::predict(const float *hidden)
{
    writeLogits(*m_model, *m_scratch, hidden, 1, m_logits);
    m_state.assign(hidden, hidden + m_model->config().hiddenSize);
}

std::span<const float> Transformer::logitsOfState(std::span<const float> state)
{
    const c10::InferenceMode guard;
    writeLogits(*m_model, *m_scratch, state.data(), 1, m_logitsOfState);
    return m_logitsOfState;
}

void Transformer::logProbabilities(std::span<const TokenId> ids,
                                   const std::function<void(std::size_t, std::span<const float>)> &visit,
                                   const JobControl &control) const
{
    checkIds(*m_model, ids);
    if (ids.empty())
        return;
    const c10::InferenceMode guard;
    DenseCache cache = makeCache();
    cache.reserve(ids.size());
    const std::int64_t tokens = std::ssize(ids);
    const float *hidden = ForwardPass(*m_model, *m_scratch, cache, ids, control).prefill(tokens);
    m_model->requireIntact();
    std::vector<float> logits; // [rows, V]
    for (std::int64_t begin = 0; begin < tokens; begin += logitRows) {
        control.cancellation.throwIfCancelled();
        const std::int64_t rows = std::min(logitRows, tokens - begin);
        writeLogits(*m_model, *m_scratch, hidden + begin * m_model->config().hiddenSize, rows, logits);
        const std::size_t size = logits.size() / static_cast<std::size_t>(rows);
        for (std::int64_t row = 0; row < rows; ++row) {
            const auto values = std::span(logits).subspan(static_cast<std::size_t>(row) * size, size);
            normalizeLogits(values);
            visit(static_cast<std::size_t>(begin + row), values);
        }
    }
}

} // namespace headkv
