// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Transformer.h"

#include "core/attention/AttentionRule.h"
#include "core/cache/DenseCache.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/model/Model.h"
#include "core/model/RotaryEmbedding.h"
#include "core/model/Weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <algorithm>
#include <c10/core/InferenceMode.h>

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

/// One forward pass over new tokens. The residual stream is float32 [T, hidden] whatever the weights' dtype is.
class ForwardPass
{
public:
    ForwardPass(const Model &model, KvCache &cache, std::span<const TokenId> ids, const JobControl &control)
        : m_config(model.config())
        , m_weights(model.weights())
        , m_cache(cache)
        , m_control(control)
        , m_hidden(embed(ids))
        , m_rotary(rotary(m_config.rope, cache, ids))
    {
        if (m_config.localRope)
            m_localRotary = rotary(*m_config.localRope, cache, ids);
    }

    /// Layer by layer over all tokens, in chunks. Returns the residual stream after the last layer, [T, hidden]: true
    /// for the last `outputs` tokens at least; of the others nobody reads the last layer's output.
    const at::Tensor &prefill(std::int64_t outputs)
    {
        const std::int64_t tokens = m_hidden.size(0);
        m_cache.beginPrefill(static_cast<std::size_t>(tokens));
        for (int layer = 0; layer < m_config.layers; ++layer) {
            for (std::int64_t begin = 0; begin < tokens; begin += chunkTokens) {
                m_control.cancellation.throwIfCancelled();
                const std::int64_t count = std::min(chunkTokens, tokens - begin);
                const bool last = layer == m_config.layers - 1;
                prefillChunk(layer, begin, count, !last || begin + count > tokens - outputs);
            }
            m_cache.finishLayer(layer, ruleOf(layer));
            m_control.report({"Prefill", static_cast<double>(tokens) * (layer + 1) / m_config.layers,
                              static_cast<double>(tokens), "tokens"});
        }
        return m_hidden;
    }

    /// One token. Returns its residual stream after the last layer, [1, hidden].
    const at::Tensor &decode(AttentionObserver *observer)
    {
        for (int layer = 0; layer < m_config.layers; ++layer) {
            m_control.cancellation.throwIfCancelled();
            const LayerWeights &weights = m_weights.layers[layer];
            const Projections token = project(layer, m_hidden, 0);
            const at::Tensor attention =
                m_cache.decode(layer, {token.queries, token.keys, token.values}, ruleOf(layer), observer); // [H, D]
            add(m_hidden, apply(weights.attentionOutput, attention.view({1, -1})), weights.postAttentionNorm);
            feedForward(weights, m_hidden);
        }
        return m_hidden;
    }

private:
    struct Projections
    {
        at::Tensor queries, keys, values; ///< [H, T, D], [G, T, D], [G, T, D]
    };

    at::Tensor embed(std::span<const TokenId> ids) const
    {
        const at::Tensor indices =
            at::from_blob(const_cast<TokenId *>(ids.data()), {static_cast<std::int64_t>(ids.size())}, at::kInt);
        const at::Tensor hidden = at::embedding(m_weights.embedding, indices).to(at::kFloat, false, true);
        return m_config.embeddingScale == 1 ? hidden : hidden * m_config.embeddingScale;
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

    static at::Tensor apply(const Linear &linear, const at::Tensor &input)
    {
        return at::linear(input, linear.weight, linear.bias);
    }

    /// hidden += update, which some families normalise first.
    void add(at::Tensor &hidden, const at::Tensor &update, const at::Tensor &norm) const
    {
        hidden += norm.defined() ? normalize(update.to(at::kFloat), norm) : update;
    }

    /// Vectors [T, heads·D] as [heads, T, D].
    at::Tensor byHead(const at::Tensor &vectors) const
    {
        return vectors.view({vectors.size(0), -1, m_config.headDim}).transpose(0, 1);
    }

    /// Queries or keys: normalised by head where the family does, and rotated where the layer does.
    at::Tensor position(int layer, at::Tensor vectors, const at::Tensor &norm, std::int64_t offset) const
    {
        const LayerConfig &config = m_config.layerConfigs[static_cast<std::size_t>(layer)];
        if (norm.defined())
            vectors = at::rms_norm(vectors.to(at::kFloat), {m_config.headDim}, norm, m_config.normEpsilon)
                          .to(vectors.scalar_type());
        if (!config.rotary)
            return vectors;
        return (m_localRotary && config.window > 0 ? *m_localRotary : m_rotary).rotate(vectors, offset);
    }

    /// RMSNorm in float32, then the weights' dtype.
    at::Tensor normalize(const at::Tensor &hidden, const at::Tensor &weight) const
    {
        return at::rms_norm(hidden, {m_config.hiddenSize}, weight, m_config.normEpsilon)
            .to(m_weights.embedding.scalar_type());
    }

    /// Queries, keys and values of hidden states [T, hidden], the first of which is the pass's token `offset`.
    Projections project(int layer, const at::Tensor &hidden, std::int64_t offset) const
    {
        const LayerWeights &weights = m_weights.layers[layer];
        const at::Tensor normal = normalize(hidden, weights.attentionNorm);
        return {position(layer, byHead(apply(weights.query, normal)), weights.queryNorm, offset),
                position(layer, byHead(apply(weights.key, normal)), weights.keyNorm, offset),
                byHead(apply(weights.value, normal))};
    }

    void prefillChunk(int layer, std::int64_t begin, std::int64_t count, bool wantsOutput)
    {
        const LayerWeights &weights = m_weights.layers[layer];
        at::Tensor hidden = m_hidden.narrow(0, begin, count);
        const Projections chunk = project(layer, hidden, begin);
        const at::Tensor attention = m_cache.prefill(layer, {chunk.queries, chunk.keys, chunk.values}, ruleOf(layer),
                                                     wantsOutput); // [H, T, D]
        if (!wantsOutput)
            return;
        add(hidden, apply(weights.attentionOutput, attention.transpose(0, 1).reshape({count, -1})),
            weights.postAttentionNorm);
        feedForward(weights, hidden);
    }

    /// hidden += down(activation(gate(x)) · up(x)), x the normalised hidden states.
    void feedForward(const LayerWeights &weights, at::Tensor &hidden) const
    {
        const at::Tensor normal = normalize(hidden, weights.feedForwardNorm);
        const at::Tensor gate = apply(weights.gate, normal);
        at::Tensor active = m_config.activation == Activation::Silu ? at::silu(gate) : at::gelu(gate, "tanh");
        add(hidden, apply(weights.down, active.mul_(apply(weights.up, normal))), weights.postFeedForwardNorm);
    }

    const ModelConfig &m_config;
    const Weights &m_weights;
    KvCache &m_cache;
    const JobControl &m_control;
    at::Tensor m_hidden; ///< [T, hidden]
    RotaryEmbedding m_rotary;
    std::optional<RotaryEmbedding> m_localRotary; ///< of layers with a window
};

/// Logits [T, V] in float32 of hidden states [T, hidden].
at::Tensor logitsOf(const Model &model, const at::Tensor &hidden)
{
    const Weights &weights = model.weights();
    const at::Tensor normal = at::rms_norm(hidden, {hidden.size(-1)}, weights.outputNorm, model.config().normEpsilon);
    const at::Tensor logits =
        at::linear(normal.to(weights.output.weight.scalar_type()), weights.output.weight, weights.output.bias)
            .to(at::kFloat);
    const double cap = model.config().logitSoftcap;
    return cap > 0 ? at::tanh(logits / cap) * cap : logits;
}

/// Keeps the memory where the size stays.
void copyTo(std::vector<float> &values, const at::Tensor &tensor)
{
    values.assign(tensor.const_data_ptr<float>(), tensor.const_data_ptr<float>() + tensor.numel());
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
}

Transformer::~Transformer() = default;

const Model &Transformer::model() const noexcept { return *m_model; }

DenseCache Transformer::makeCache() const { return DenseCache(m_model->config().layers); }

std::uint64_t Transformer::denseBytesPerToken() const
{
    const ModelConfig &config = m_model->config();
    return std::uint64_t{2} * config.layers * config.kvHeads * config.headDim *
           m_model->weights().embedding.element_size();
}

void Transformer::prefill(std::span<const TokenId> ids, KvCache &cache, const JobControl &control) const
{
    checkIds(*m_model, ids);
    if (ids.empty())
        return;
    const c10::InferenceMode guard;
    CacheTransaction transaction(cache);
    ForwardPass(*m_model, cache, ids, control).prefill(0);
    m_model->requireIntact();
    transaction.commit();
}

std::span<const float> Transformer::prefillAndPredict(std::span<const TokenId> ids, KvCache &cache,
                                                      const JobControl &control)
{
    checkIds(*m_model, ids);
    const c10::InferenceMode guard;
    CacheTransaction transaction(cache);
    ForwardPass pass(*m_model, cache, ids, control);
    const at::Tensor &hidden = pass.prefill(1);
    predict(hidden.narrow(0, hidden.size(0) - 1, 1));
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
    predict(ForwardPass(*m_model, cache, {&id, 1}, control).decode(observer));
    m_model->requireIntact();
    transaction.commit();
    return m_logits;
}

void Transformer::predict(const at::Tensor &hidden)
{
    copyTo(m_logits, logitsOf(*m_model, hidden));
    copyTo(m_state, hidden);
}

std::span<const float> Transformer::logitsOfState(std::span<const float> state)
{
    const c10::InferenceMode guard;
    const at::Tensor hidden =
        at::from_blob(const_cast<float *>(state.data()), {1, static_cast<std::int64_t>(state.size())}, at::kFloat);
    copyTo(m_logitsOfState, logitsOf(*m_model, hidden));
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
    ForwardPass pass(*m_model, cache, ids, control);
    const at::Tensor &hidden = pass.prefill(static_cast<std::int64_t>(ids.size()));
    m_model->requireIntact();
    for (std::int64_t begin = 0; begin < hidden.size(0); begin += logitRows) {
        control.cancellation.throwIfCancelled();
        const at::Tensor rows = hidden.narrow(0, begin, std::min(logitRows, hidden.size(0) - begin));
        const at::Tensor logProbabilities = at::log_softmax(logitsOf(*m_model, rows), -1).contiguous();
        const auto size = static_cast<std::size_t>(logProbabilities.size(1));
        for (std::int64_t row = 0; row < rows.size(0); ++row)
            visit(static_cast<std::size_t>(begin + row), {logProbabilities.const_data_ptr<float>() + row * size, size});
    }
}

} // namespace headkv
