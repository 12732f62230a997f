// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ForwardPass.h"

#include "core/checkpoint/ModelConfig.h"
#include "core/kernels/Kernels.h"
#include "core/model/Model.h"
#include "core/model/Weights.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <numeric>

namespace headkv {

namespace {

/// Tokens that go through a layer at once: activations stay in the cache, and a cancellation is seen soon.
constexpr std::int64_t chunkTokens = 512;

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

ForwardPass::ForwardPass(const Model &model, ForwardScratch &scratch, std::span<const TokenRun> runs,
                         std::span<const HeadId> masked, const JobControl &control)
    : m_config(model.config())
    , m_weights(model.weights())
    , m_scratch(scratch)
    , m_runs(runs)
    , m_masked(masked)
    , m_control(control)
    , m_tokens(std::accumulate(runs.begin(), runs.end(), std::int64_t{0},
                               [](std::int64_t sum, const TokenRun &run) { return sum + std::ssize(run.ids); }))
    , m_hidden(embed())
    , m_rotary(rotary(m_config.rope))
{
    if (m_config.localRope)
        m_localRotary = rotary(*m_config.localRope);
}

const float *ForwardPass::prefill(std::int64_t outputs)
{
    KvCache &cache = *m_runs.front().cache;
    cache.beginPrefill(static_cast<std::size_t>(m_tokens));
    for (int layer = 0; layer < m_config.layers; ++layer) {
        for (std::int64_t begin = 0; begin < m_tokens; begin += chunkTokens) {
            m_control.cancellation.throwIfCancelled();
            const std::int64_t count = std::min(chunkTokens, m_tokens - begin);
            const AttentionInputs chunk = project(layer, begin, count);
            const bool wanted = layer < m_config.layers - 1 || begin + count > m_tokens - outputs;
            float *attention = wanted ? m_scratch.attention.of(count, queryColumns()) : nullptr;
            cache.prefill(layer, chunk, ruleOf(layer), attention);
            if (wanted)
                finishTokens(layer, begin, count, attention);
        }
        cache.finishLayer(layer, ruleOf(layer));
        m_control.report({"Prefill", static_cast<double>(m_tokens) * (layer + 1) / m_config.layers,
                          static_cast<double>(m_tokens), "tokens"});
    }
    return m_hidden;
}

const float *ForwardPass::decode()
{
    float *attention = m_scratch.attention.of(m_tokens, queryColumns());
    for (int layer = 0; layer < m_config.layers; ++layer) {
        m_control.cancellation.throwIfCancelled();
        attendOneByOne(layer, project(layer, 0, m_tokens), attention);
        finishTokens(layer, 0, m_tokens, attention);
    }
    return m_hidden;
}

void ForwardPass::attendOneByOne(int layer, const AttentionInputs &tokens, float *attention)
{
    const auto rowOf = [](const void *vectors, std::int64_t offset) {
        return static_cast<const float *>(vectors) + offset;
    };
    std::int64_t row = 0;
    for (const TokenRun &run : m_runs) {
        for (std::size_t i = 0; i < run.ids.size(); ++i, ++row) {
            const AttentionInputs token{rowOf(tokens.queries, row * queryColumns()),
                                        rowOf(tokens.keys, row * keyColumns()),
                                        rowOf(tokens.values, row * keyColumns()), 1};
            run.cache->decode(layer, token, ruleOf(layer), run.observers.empty() ? nullptr : run.observers[i],
                              attention + row * queryColumns());
        }
    }
}

float *ForwardPass::embed()
{
    float *hidden = m_scratch.hidden.of(m_tokens, m_config.hiddenSize);
    float *row = hidden;
    for (const TokenRun &run : m_runs) {
        forRows(std::ssize(run.ids), m_config.hiddenSize, [&](std::int64_t token) {
            float *vector = row + token * m_config.hiddenSize;
            m_weights.embed(run.ids[static_cast<std::size_t>(token)], vector);
            for (int i = 0; i < m_config.hiddenSize; ++i)
                vector[i] *= static_cast<float>(m_config.embeddingScale);
        });
        row += std::ssize(run.ids) * m_config.hiddenSize;
    }
    return hidden;
}

RotaryEmbedding ForwardPass::rotary(const RopeConfig &config) const
{
    std::vector<PositionRun> runs;
    for (const TokenRun &run : m_runs)
        runs.push_back({static_cast<std::int64_t>(run.cache->length()), std::ssize(run.ids)});
    return {config, runs};
}

AttentionRule ForwardPass::ruleOf(int layer) const
{
    return {m_config.attentionScale, m_config.layerConfigs[static_cast<std::size_t>(layer)].window,
            m_config.attentionSoftcap};
}

AttentionInputs ForwardPass::project(int layer, std::int64_t begin, std::int64_t count)
{
    const LayerWeights &weights = m_weights.layers[static_cast<std::size_t>(layer)];
    float *normal = m_scratch.normal.of(count, m_config.hiddenSize);
    normalizeRows(m_hidden + begin * m_config.hiddenSize, weights.attentionNorm, normal, count, m_config.normEpsilon);
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

void ForwardPass::position(int layer, float *vectors, int heads, const at::Tensor &norm, std::int64_t offset) const
{
    const LayerConfig &config = m_config.layerConfigs[static_cast<std::size_t>(layer)];
    for (std::int64_t head = 0; head < heads; ++head) {
        float *vector = vectors + head * m_config.headDim;
        if (norm.defined())
            kernels().rmsNorm(vector, dataOf(norm), vector, m_config.headDim, static_cast<float>(m_config.normEpsilon));
        if (config.rotary)
            (m_localRotary && config.window > 0 ? *m_localRotary : m_rotary).rotate(vector, offset);
    }
}

void ForwardPass::finishTokens(int layer, std::int64_t begin, std::int64_t count, float *attention)
{
    maskHeads(layer, attention, count);
    const LayerWeights &weights = m_weights.layers[static_cast<std::size_t>(layer)];
    float *hidden = m_hidden + begin * m_config.hiddenSize;
    m_scratch.activations.take(attention, count, queryColumns());
    addProduct(weights.attentionOutput, weights.postAttentionNorm, hidden, count);
    feedForward(weights, hidden, count);
}

void ForwardPass::maskHeads(int layer, float *attention, std::int64_t count) const
{
    for (const HeadId &masked : m_masked) {
        for (std::int64_t row = 0; masked.layer == layer && row < count; ++row)
            std::fill_n(attention + row * queryColumns() + std::int64_t{masked.head} * m_config.headDim,
                        m_config.headDim, 0.0F);
    }
}

void ForwardPass::feedForward(const LayerWeights &weights, float *hidden, std::int64_t count)
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

void ForwardPass::addProduct(const Linear &linear, const at::Tensor &norm, float *hidden, std::int64_t count)
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

void normalizeRows(const float *rows, const at::Tensor &weight, float *out, std::int64_t count, double epsilon)
{
    const std::int64_t columns = weight.size(0);
    const float *factors = dataOf(weight);
    forRows(count, columns, [=](std::int64_t row) {
        kernels().rmsNorm(rows + row * columns, factors, out + row * columns, columns, static_cast<float>(epsilon));
    });
}

} // namespace headkv
