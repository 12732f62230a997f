// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/CompressedCache.h"

#include "core/attention/AttentionObserver.h"
#include "core/attention/DecodeAttention.h"
#include "core/attention/PrefillAttention.h"
#include "core/base/Stopwatch.h"
#include "core/cache/KeyValueBuffer.h"
#include "core/cache/RaggedLayer.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/compression/TokenScores.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

namespace headkv {

namespace {

/// Tokens that a list has room for behind a fresh compression, at most: more would cost memory that may not be used.
constexpr std::int64_t mostRoom = 256;

/// The rows of a list that are not kept, as one: their mean, by the tokens they stand for.
void compensate(RaggedLayer::Entries &kept, const RaggedList &candidates, const KeptTokens &indices)
{
    std::vector<float> weights(candidates.positions.size(), 1);
    if (candidates.compensated > 0)
        weights.front() = static_cast<float>(candidates.compensated);
    for (const std::int32_t index : indices)
        weights[index] = 0;
    const double dropped = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (dropped == 0)
        return;
    const at::Tensor factors = (at::tensor(weights) / dropped).unsqueeze(0); // [1, n]
    kept.keys = at::cat({at::matmul(factors, candidates.keys.to(at::kFloat)), kept.keys.to(at::kFloat)});
    kept.values = at::cat({at::matmul(factors, candidates.values.to(at::kFloat)), kept.values.to(at::kFloat)});
    kept.positions.insert(kept.positions.begin(), -1);
    kept.compensated = static_cast<std::int64_t>(dropped);
}

/// The candidates that a list keeps; indices do not count a compensation token.
RaggedLayer::Entries pick(const RaggedList &candidates, KeptTokens indices, bool compensates)
{
    if (candidates.compensated > 0) {
        for (std::int32_t &index : indices)
            ++index;
    }
    const at::Tensor rows = at::tensor(indices, at::kInt);
    RaggedLayer::Entries kept{candidates.keys.index_select(0, rows), candidates.values.index_select(0, rows), {}, 0};
    for (const std::int32_t index : indices)
        kept.positions.push_back(candidates.positions[index]);
    if (compensates)
        compensate(kept, candidates, indices);
    return kept;
}

/// Vectors [T, H·D] as [H, T, D]: a view.
at::Tensor byHead(const float *vectors, std::int64_t tokens, const AttentionShape &shape)
{
    return at::from_blob(const_cast<float *>(vectors), {tokens, shape.queryHeads, shape.dim}, at::kFloat)
        .transpose(0, 1);
}

} // namespace

/// The tokens of a prefill in the layer that is being computed. The buffers serve one layer after another. Caches that
/// keep of the same prefill share it, and what they score by is computed once for all of them.
struct CompressedCache::Turn
{
    struct WindowScores
    {
        std::vector<std::vector<float>> scores; ///< by list, [tokens] each
        double seconds = 0;                     ///< that they took
    };
    /// What scores by the window depend on.
    using Scoring = std::tuple<Granularity, int, int, Pooling>; // window, kernel
    struct ColumnSums
    {
        std::vector<at::Tensor> sums; ///< by list, [≥ tokens]
        std::int64_t done = 0;        ///< queries that are summed
        double seconds = 0;           ///< that the last chunk took
    };

    std::int64_t tokens = 0; ///< T
    std::vector<std::int32_t> positions;
    std::int64_t window = 0;  ///< the widest that is asked for
    at::Tensor keys, values;  ///< [G, T, D]
    at::Tensor windowQueries; ///< [H, w, D]: of the last tokens
    int layer = -1;           ///< the present one, and what is there of it:
    std::int64_t done = 0;    ///< tokens
    std::map<Granularity, ColumnSums> columnSums;
    std::map<Scoring, WindowScores> windowScores;

    /// Takes the layer's next chunk, or the first of another layer.
    void take(int ofLayer, const AttentionInputs &chunk, const AttentionShape &shape)
    {
        if (!keys.defined()) {
            keys = at::empty({shape.kvHeads, tokens, shape.dim}, at::kFloat);
            values = at::empty_like(keys);
            windowQueries = at::empty({shape.queryHeads, std::min(window, tokens), shape.dim}, at::kFloat);
        }
        if (layer != ofLayer) {
            layer = ofLayer;
            done = 0;
            columnSums.clear();
            windowScores.clear();
        }
        for (std::int64_t group = 0; group < shape.kvHeads; ++group)
            storeRows(chunk, group, shape, buffer(group), done);
        const std::int64_t first = tokens - windowQueries.size(1);          // of the window
        const std::int64_t begin = std::max(first - done, std::int64_t{0}); // in the chunk
        if (begin < chunk.tokens)
            windowQueries.narrow(1, done + begin - first, chunk.tokens - begin)
                .copy_(byHead(chunk.queries, chunk.tokens, shape).narrow(1, begin, chunk.tokens - begin));
        done += chunk.tokens;
    }

    [[nodiscard]] KeyValueBuffer buffer(std::int64_t group) const
    {
        return bufferOf(keys, values, group * keys.stride(0), keys.size(2));
    }
    [[nodiscard]] std::vector<KeyValueRows> groups() const
    {
        std::vector<KeyValueRows> groups;
        for (std::int64_t group = 0; group < keys.size(0); ++group)
            groups.push_back(buffer(group).rows());
        return groups;
    }
    [[nodiscard]] std::uint64_t bytes() const { return keys.defined() ? keys.nbytes() + values.nbytes() : 0; }
    /// [H, w, D], of the last w tokens.
    [[nodiscard]] at::Tensor lastQueries(std::int64_t count) const
    {
        count = std::min(count, tokens);
        return windowQueries.narrow(1, windowQueries.size(1) - count, count);
    }
};

struct CompressedCache::State
{
    const ModelConfig &config;
    Granularity granularity;
    at::ScalarType type;
    std::vector<RaggedLayer> layers;
    std::vector<RaggedLayer> before; ///< what rollback() restores: the layers as a prefill found them
    std::shared_ptr<Turn> turn;      ///< null outside a prefill
    bool follows = false;            ///< another cache fills the turn
    int decoded = 0;                 ///< layers that have the token of a decode step
    DecodeAttention attention;
    std::vector<DecodeList> lists;    ///< of the layer that is decoded
    std::vector<float> probabilities; ///< likewise, for an observer

    [[nodiscard]] std::int64_t groupSize() const { return config.groupSize(); }
    [[nodiscard]] bool isExact() const { return type == at::kFloat; } ///< float32 was asked for
    [[nodiscard]] AttentionShape shape() const { return {config.queryHeads, config.kvHeads, config.headDim}; }
    /// Query heads that share a list.
    [[nodiscard]] std::int64_t headsOfList() const { return granularity == Granularity::KvHead ? groupSize() : 1; }

    /// All that a list could keep: what it has, then the turn's tokens so far.
    RaggedList candidates(int layer, std::size_t list, std::vector<std::int32_t> &positions) const
    {
        const auto group = static_cast<std::int64_t>(list) * headsOfList() / groupSize();
        at::Tensor keys = turn->keys.select(0, group).narrow(0, 0, turn->done);
        at::Tensor values = turn->values.select(0, group).narrow(0, 0, turn->done);
        const RaggedList past = layers[layer].list(list);
        positions.assign(past.positions.begin(), past.positions.end());
        positions.insert(positions.end(), turn->positions.begin(), turn->positions.begin() + turn->done);
        if (!past.positions.empty()) {
            keys = at::cat({past.keys.to(keys.scalar_type()), keys});
            values = at::cat({past.values.to(values.scalar_type()), values});
        }
        return {keys, values, positions, past.compensated};
    }

    at::Tensor queriesOf(const at::Tensor &queries, std::size_t list) const
    {
        return queries.narrow(0, static_cast<std::int64_t>(list) * headsOfList(), headsOfList());
    }
};

CompressedCache::CompressedCache(const ModelConfig &config, Granularity granularity, ElementType type)
    : m_state(new State{config, granularity, scalarType(type), {}, {}, {}, false, 0, {}, {}, {}})
{
    const HeadShape shape{config.layers, config.queryHeads, config.kvHeads};
    m_state->layers.assign(
        static_cast<std::size_t>(config.layers),
        RaggedLayer(static_cast<std::size_t>(shape.lists(granularity)), config.headDim, 0, scalarType(type)));
}

CompressedCache::~CompressedCache() = default;
CompressedCache::CompressedCache(CompressedCache &&) noexcept = default;
CompressedCache &CompressedCache::operator=(CompressedCache &&) noexcept = default;

CompressedCache CompressedCache::copyBefore(std::size_t tokens) const
{
    const State &state = *m_state;
    CompressedCache copy(state.config, state.granularity,
                         state.type == at::kFloat ? ElementType::Float32 : ElementType::BFloat16);
    copy.m_method = m_method;
    copy.m_length = m_length - tokens;
    for (std::size_t layer = 0; layer < state.layers.size(); ++layer)
        copy.m_state->layers[layer] = state.layers[layer].copyWithoutLast(static_cast<std::int64_t>(tokens), mostRoom);
    return copy;
}

void CompressedCache::setMethod(std::shared_ptr<const CompressionMethod> method) { m_method = std::move(method); }

void CompressedCache::reserve(std::int64_t tokens) { m_reserved = tokens; }

CacheBytes CompressedCache::bytes() const
{
    const std::uint64_t turn = m_state->turn ? m_state->turn->bytes() : 0;
    CacheBytes bytes{turn, turn};
    for (const RaggedLayer &layer : m_state->layers) {
        bytes.used += layer.usedBytes();
        bytes.allocated += layer.allocatedBytes();
    }
    for (std::size_t i = 0; i < m_state->before.size(); ++i) {
        if (!m_state->before[i].sharesBuffers(m_state->layers[i]))
            bytes.allocated += m_state->before[i].allocatedBytes();
    }
    return bytes;
}

void CompressedCache::notePeak()
{
    const CacheBytes now = bytes();
    m_peak.used = std::max(m_peak.used, now.used);
    m_peak.allocated = std::max(m_peak.allocated, now.allocated);
}

CacheContents CompressedCache::contents() const
{
    CacheContents contents{
        m_state->granularity, m_state->config.layers, static_cast<int>(m_state->layers.front().lists()), {}, {}};
    for (const RaggedLayer &layer : m_state->layers) {
        for (std::size_t list = 0; list < layer.lists(); ++list) {
            const auto positions = layer.list(list).positions;
            const auto first = std::ranges::find_if(positions, [](std::int32_t position) { return position >= 0; });
            contents.lengths.push_back(layer.length(list));
            contents.positions.emplace_back(first, positions.end());
        }
    }
    return contents;
}

std::vector<std::int64_t> CompressedCache::entriesByLayer() const
{
    std::vector<std::int64_t> entries;
    for (const RaggedLayer &layer : m_state->layers)
        entries.push_back(layer.entryCount());
    return entries;
}

void CompressedCache::beginPrefill(std::size_t tokens)
{
    State &state = *m_state;
    state.before = state.layers;
    m_compressSeconds = m_sharedSeconds = 0;
    state.turn = std::make_shared<Turn>();
    state.follows = false;
    state.turn->tokens = static_cast<std::int64_t>(tokens);
    state.turn->window = m_method->window();
    state.turn->positions.resize(tokens);
    std::iota(state.turn->positions.begin(), state.turn->positions.end(), static_cast<std::int32_t>(m_length));
    std::int64_t longest = 0;
    for (const RaggedLayer &layer : state.layers)
        longest = std::max(longest, layer.longest());
    m_budgets = m_method->allocate(longest + state.turn->tokens);
}

void CompressedCache::follow(const CompressedCache &leader)
{
    m_state->turn = leader.m_state->turn;
    m_state->follows = true;
    std::int64_t &window = m_state->turn->window;
    window = std::max<std::int64_t>(window, m_method->window());
}

void CompressedCache::prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, float *output)
{
    State &state = *m_state;
    if (!state.follows)
        state.turn->take(layer, chunk, state.shape());
    if (m_method->scoring() == TokenScoring::ColumnSums)
        sumColumns(layer, chunk, rule);
    if (!output)
        return;
    if (m_length == 0)
        prefillAttention(chunk.queries, chunk.tokens, state.shape(), state.turn->groups(), state.turn->done, rule,
                         state.isExact(), output);
    else
        attendToBoth(layer, chunk, rule, output);
}

void CompressedCache::attendToBoth(int layer, const AttentionInputs &chunk, const AttentionRule &rule,
                                   float *output) const
{
    const State &state = *m_state;
    const AttentionShape shape = state.shape();
    std::vector<float> logSumExps(static_cast<std::size_t>(chunk.tokens * shape.queryHeads)); // [T, H]
    prefillAttention(chunk.queries, chunk.tokens, shape, state.turn->groups(), state.turn->done, rule, state.isExact(),
                     output, logSumExps.data());
    at::Tensor joined = byHead(output, chunk.tokens, shape);
    const PartialAttention own{
        joined, at::from_blob(logSumExps.data(), {chunk.tokens, shape.queryHeads}, at::kFloat).transpose(0, 1)};
    const auto first = static_cast<std::int64_t>(m_length) + state.turn->done - chunk.tokens;
    const PartialAttention past =
        raggedAttention(byHead(chunk.queries, chunk.tokens, shape), first, state.layers[layer].views(), rule);
    joined.copy_(joinAttention(past, own).output);
}

void CompressedCache::sumColumns(int layer, const AttentionInputs &chunk, const AttentionRule &rule)
{
    State &state = *m_state;
    const Stopwatch watch;
    Turn::ColumnSums &columns = state.turn->columnSums[state.granularity];
    if (columns.done == state.turn->done) {
        takeShared(columns.seconds);
        return;
    }
    const at::Tensor queries = byHead(chunk.queries, chunk.tokens, state.shape());
    const auto first = static_cast<std::int64_t>(m_length) + columns.done; // position of the chunk's first token
    columns.sums.resize(state.layers[layer].lists());
    std::vector<std::int32_t> positions;
    for (std::size_t list = 0; list < columns.sums.size(); ++list) {
        at::Tensor &sums = columns.sums[list];
        if (!sums.defined())
            sums = at::zeros({state.layers[layer].length(list) + state.turn->tokens}, at::kFloat);
        addColumnSums(sums, state.queriesOf(queries, list), first, state.candidates(layer, list, positions), rule);
    }
    columns.done = state.turn->done;
    columns.seconds = watch.seconds();
    m_compressSeconds += columns.seconds;
}

void CompressedCache::finishLayer(int layer, const AttentionRule &rule)
{
    const Stopwatch watch;
    compress(layer, rule);
    notePeak();
    m_compressSeconds += watch.seconds();
}

std::int64_t CompressedCache::tokensOf(int layer, std::size_t list) const
{
    const RaggedLayer &past = m_state->layers[layer];
    return past.length(list) - (past.list(list).compensated > 0 ? 1 : 0) + m_state->turn->tokens;
}

void CompressedCache::takeShared(double seconds)
{
    m_compressSeconds += seconds;
    m_sharedSeconds += seconds;
}

LayerCandidates CompressedCache::score(int layer, const AttentionRule &rule)
{
    LayerCandidates candidates{layer, {}, {}};
    const std::size_t lists = m_state->layers[layer].lists();
    for (std::size_t list = 0; list < lists; ++list)
        candidates.counts.push_back(tokensOf(layer, list));
    candidates.scores.resize(lists);
    if (m_method->scoring() == TokenScoring::ColumnSums) {
        for (std::size_t list = 0; list < lists; ++list)
            candidates.scores[list] = columnScores(layer, list, candidates.counts[list] - m_method->window());
    } else if (m_method->scoring() == TokenScoring::Window) {
        const CompressionSettings &settings = m_method->settings();
        Turn::WindowScores &window =
            m_state->turn->windowScores[{m_state->granularity, m_method->window(), settings.kernel, settings.pooling}];
        if (window.scores.empty()) {
            const Stopwatch watch;
            for (std::size_t list = 0; list < lists; ++list)
                window.scores.push_back(scoresByWindow(layer, list, rule));
            window.seconds = watch.seconds();
        } else {
            takeShared(window.seconds);
        }
        candidates.scores = window.scores;
    }
    return candidates;
}

std::vector<float> CompressedCache::columnScores(int layer, std::size_t list, std::int64_t count) const
{
    if (count <= 0)
        return {};
    const int compensated = m_state->layers[layer].list(list).compensated > 0; // its entry is no candidate
    const at::Tensor whole = at::nan_to_num(m_state->turn->columnSums[m_state->granularity].sums[list],
                                            -std::numeric_limits<double>::infinity());
    const auto *sums = whole.const_data_ptr<float>() + compensated;
    return {sums, sums + count};
}

std::vector<float> CompressedCache::scoresByWindow(int layer, std::size_t list, const AttentionRule &rule) const
{
    const State &state = *m_state;
    if (tokensOf(layer, list) <= m_method->window())
        return {};
    const at::Tensor queries = state.turn->lastQueries(m_method->window());
    const auto first = static_cast<std::int64_t>(m_length) + state.turn->tokens - queries.size(1);
    std::vector<std::int32_t> positions;
    std::vector<float> scores = windowScores(state.queriesOf(queries, list), first,
                                             state.candidates(layer, list, positions), rule, m_method->settings());
    if (state.layers[layer].list(list).compensated > 0)
        scores.erase(scores.begin());
    return scores;
}

void CompressedCache::compress(int layer, const AttentionRule &rule)
{
    State &state = *m_state;
    RaggedLayer &target = state.layers[layer];
    const auto allocated = std::span(m_budgets.capacities).subspan(layer * target.lists(), target.lists());
    const std::int64_t window = m_method->window();
    const std::int64_t room = std::clamp<std::int64_t>(m_reserved, 1, mostRoom);
    const auto keepsAll = [&](std::size_t list, std::int64_t capacity) {
        return tokensOf(layer, list) - window <= capacity;
    };
    bool all = true;
    for (std::size_t list = 0; list < target.lists(); ++list)
        all = all && keepsAll(list, allocated[list]);
    if (all) {
        target.append(state.turn->keys, state.turn->values, static_cast<std::int64_t>(m_length), room);
        return;
    }
    const LayerCandidates scored = score(layer, rule);
    const std::vector<std::int64_t> capacities = m_method->layerCapacities(scored, allocated);
    std::vector<RaggedLayer::Entries> kept;
    for (std::size_t list = 0; list < target.lists(); ++list) {
        std::vector<std::int32_t> positions;
        const RaggedList candidates = state.candidates(layer, list, positions);
        if (keepsAll(list, capacities[list]))
            kept.push_back({candidates.keys, candidates.values, std::move(positions), candidates.compensated});
        else
            kept.push_back(pick(candidates, m_method->select(scored, list, capacities[list]), m_method->compensates()));
    }
    target = RaggedLayer(std::move(kept), room, state.type);
}

void CompressedCache::decode(int layer, const AttentionInputs &token, const AttentionRule &rule,
                             AttentionObserver *observer, float *output)
{
    State &state = *m_state;
    const auto position = static_cast<std::int64_t>(m_length);
    state.layers[layer].appendToken(token, state.shape(), position);
    state.decoded = layer + 1;
    state.layers[layer].listsForDecoding(state.lists);
    state.attention.attend(token.queries, state.config.queryHeads, state.lists, position, rule, output,
                           observer ? &state.probabilities : nullptr);
    if (observer)
        observer->observe(layer, state.probabilities, m_length + 1);
}

void CompressedCache::commit()
{
    State &state = *m_state;
    m_length += state.decoded > 0 ? 1 : static_cast<std::size_t>(state.turn->tokens);
    state.decoded = 0;
    state.turn.reset();
    state.before.clear();
    notePeak();
}

void CompressedCache::rollback()
{
    State &state = *m_state;
    for (int layer = 0; layer < state.decoded; ++layer)
        state.layers[layer].dropLast(1);
    state.decoded = 0;
    state.turn.reset();
    if (!state.before.empty())
        state.layers = std::move(state.before);
    state.before.clear();
}

} // namespace headkv
