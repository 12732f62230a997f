// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/CompressedCache.h"

#include "core/attention/AttentionObserver.h"
#include "core/base/Stopwatch.h"
#include "core/cache/RaggedLayer.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/compression/PrefillTurn.h"
#include "core/compression/TokenScores.h"
#include "core/compression/TokenSelection.h"
#include "core/device/CacheDevice.h"
#include "core/device/DeviceMemory.h"
#include "core/model/Model.h"
#include "core/model/Placement.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <c10/core/InferenceMode.h>
#include <limits>
#include <numeric>

namespace headkv {

namespace {

/// Tokens that a list has room for behind a fresh compression, at most: more would cost memory that may not be used.
constexpr std::int64_t mostRoom = 256;
/// Queries of a later turn whose scores over what a list keeps are held at once.
constexpr std::int64_t laterQueries = 512;

at::Tensor onDeviceOf(const at::Tensor &tensor, const at::Tensor &other) { return tensor.to(other.device()); }

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
    const at::Tensor factors = onDeviceOf(at::tensor(weights) / dropped, candidates.keys).unsqueeze(0); // [1, n]
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
    const at::Tensor rows = onDeviceOf(at::tensor(indices, at::kInt), candidates.keys);
    RaggedLayer::Entries kept{candidates.keys.index_select(0, rows), candidates.values.index_select(0, rows), {}, 0};
    for (const std::int32_t index : indices)
        kept.positions.push_back(candidates.positions[index]);
    if (compensates)
        compensate(kept, candidates, indices);
    return kept;
}

/// The first counts[i] − window scores of each row.
std::vector<std::vector<float>> rowsOf(const at::Tensor &scores, std::span<const std::int64_t> counts,
                                       std::int64_t window)
{
    const at::Tensor here = scores.cpu();
    std::vector<std::vector<float>> rows;
    for (std::size_t list = 0; list < counts.size(); ++list) {
        const float *row = here.const_data_ptr<float>() + static_cast<std::int64_t>(list) * here.size(1);
        rows.emplace_back(row, row + std::max<std::int64_t>(0, counts[list] - window));
    }
    return rows;
}

} // namespace

struct CompressedCache::State
{
    const Model &model;
    Granularity granularity;
    LayerDevices devices;
    std::vector<RaggedLayer> layers;
    std::vector<RaggedLayer> before;   ///< what rollback() restores: the layers as a prefill found them
    std::shared_ptr<PrefillTurn> turn; ///< null outside a prefill
    bool follows = false;              ///< another cache fills the turn
    int decoded = 0;                   ///< layers that have the token of a decode step
    Probabilities probabilities;       ///< of the layer that is decoded, for an observer

    [[nodiscard]] const ModelConfig &config() const { return model.config(); }
    [[nodiscard]] std::int64_t groupSize() const { return config().groupSize(); }
    [[nodiscard]] CacheDevice &device(int layer) const { return *devices[static_cast<std::size_t>(layer)]; }
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

CompressedCache::CompressedCache(const Model &model, Granularity granularity)
    : CompressedCache(model, granularity, makeLayerDevices(model))
{}

CompressedCache::CompressedCache(const Model &model, Granularity granularity, LayerDevices devices)
    : m_state(new State{model, granularity, std::move(devices), {}, {}, {}, false, 0, {}})
{
    const ModelConfig &config = model.config();
    const HeadShape shape{config.layers, config.queryHeads, config.kvHeads};
    const c10::InferenceMode guard; // as later buffers are made
    for (const auto &device : m_state->devices)
        m_state->layers.emplace_back(static_cast<std::size_t>(shape.lists(granularity)), config.headDim, 0,
                                     device->stored());
}

CompressedCache::~CompressedCache() = default;
CompressedCache::CompressedCache(CompressedCache &&) noexcept = default;
CompressedCache &CompressedCache::operator=(CompressedCache &&) noexcept = default;

CompressedCache CompressedCache::copyBefore(std::size_t tokens) const
{
    const State &state = *m_state;
    CompressedCache copy(state.model, state.granularity);
    copy.m_method = m_method;
    copy.m_length = m_length - tokens;
    onDevices(state.model, [&] {
        for (std::size_t layer = 0; layer < state.layers.size(); ++layer)
            copy.m_state->layers[layer] =
                state.layers[layer].copyWithoutLast(static_cast<std::int64_t>(tokens), mostRoom);
    });
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
        m_state->granularity, m_state->config().layers, static_cast<int>(m_state->layers.front().lists()), {}, {}};
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
    state.turn = std::make_shared<PrefillTurn>();
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

void CompressedCache::prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output)
{
    State &state = *m_state;
    if (!state.follows)
        state.turn->take(layer, chunk, state.device(layer));
    if (m_method->scoring() == TokenScoring::ColumnSums)
        sumColumns(layer, chunk, rule);
    if (!output)
        return;
    if (m_length == 0)
        state.device(layer).attendToChunk(chunk, state.turn->keys, state.turn->values, state.turn->done, rule, output,
                                          nullptr);
    else
        attendToBoth(layer, chunk, rule, output);
}

void CompressedCache::attendToBoth(int layer, const AttentionInputs &chunk, const AttentionRule &rule,
                                   void *output) const
{
    const State &state = *m_state;
    CacheDevice &device = state.device(layer);
    const std::int64_t heads = device.shape().queryHeads;
    at::Tensor logSumExps; // [H, T]
    device.attendToChunk(chunk, state.turn->keys, state.turn->values, state.turn->done, rule, output, &logSumExps);
    const at::Tensor queries = device.byHead(chunk.queries, chunk.tokens, heads);
    const at::Tensor outputs = device.byHead(output, chunk.tokens, heads);
    const auto first = static_cast<std::int64_t>(m_length) + state.turn->done - chunk.tokens;
    for (std::int64_t begin = 0; begin < chunk.tokens; begin += laterQueries) {
        const std::int64_t count = std::min(laterQueries, chunk.tokens - begin);
        const at::Tensor joined = outputs.narrow(1, begin, count);
        const PartialAttention past =
            raggedAttention(queries.narrow(1, begin, count), first + begin, state.layers[layer].views(), rule);
        joined.copy_(joinAttention(past, {joined, logSumExps.narrow(1, begin, count)}).output);
    }
}

void CompressedCache::sumColumns(int layer, const AttentionInputs &chunk, const AttentionRule &rule)
{
    State &state = *m_state;
    const CacheDevice &device = state.device(layer);
    device.finish();
    const Stopwatch watch;
    PrefillTurn::ColumnSums &columns = state.turn->columnSums[state.granularity];
    if (columns.done == state.turn->done) {
        takeShared(columns.seconds);
        return;
    }
    const at::Tensor queries = device.byHead(chunk.queries, chunk.tokens, device.shape().queryHeads);
    const auto first = static_cast<std::int64_t>(m_length) + columns.done; // position of the chunk's first token
    columns.sums.resize(state.layers[layer].lists());
    std::vector<std::int32_t> positions;
    for (std::size_t list = 0; list < columns.sums.size(); ++list) {
        at::Tensor &sums = columns.sums[list];
        if (!sums.defined())
            sums = at::zeros({state.layers[layer].length(list) + state.turn->tokens}, device.whole().dtype(at::kFloat));
        addColumnSums(sums, state.queriesOf(queries, list), first, state.candidates(layer, list, positions), rule);
    }
    device.finish();
    columns.done = state.turn->done;
    columns.seconds = watch.seconds();
    m_compressSeconds += columns.seconds;
}

void CompressedCache::finishLayer(int layer, const AttentionRule &rule)
{
    m_state->device(layer).finish();
    const Stopwatch watch;
    compress(layer, rule);
    m_state->device(layer).finish();
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

std::vector<std::int64_t> CompressedCache::counts(int layer) const
{
    std::vector<std::int64_t> counts;
    for (std::size_t list = 0; list < m_state->layers[layer].lists(); ++list)
        counts.push_back(tokensOf(layer, list));
    return counts;
}

at::Tensor CompressedCache::scores(int layer, const AttentionRule &rule)
{
    if (m_method->scoring() == TokenScoring::Place)
        return {};
    if (m_method->scoring() == TokenScoring::ColumnSums)
        return scoresOfLists(layer, [&](std::size_t list) { return columnScores(layer, list); });
    const CompressionSettings &settings = m_method->settings();
    PrefillTurn::WindowScores &window =
        m_state->turn->windowScores[{m_state->granularity, m_method->window(), settings.kernel, settings.pooling}];
    if (window.scores.defined()) {
        takeShared(window.seconds);
        return window.scores;
    }
    const Stopwatch watch;
    const PrefillTurn &turn = *m_state->turn;
    if (m_length == 0 && turn.tokens > m_method->window())
        window.scores = m_state->device(layer).windowScores(turn.lastQueries(m_method->window()), turn.keys,
                                                            static_cast<std::int64_t>(m_state->layers[layer].lists()),
                                                            rule, settings);
    if (!window.scores.defined())
        window.scores = scoresOfLists(layer, [&](std::size_t list) { return scoresByWindow(layer, list, rule); });
    m_state->device(layer).finish();
    window.seconds = watch.seconds();
    return window.scores;
}

template <typename Score>
at::Tensor CompressedCache::scoresOfLists(int layer, Score score) const
{
    const std::vector<std::int64_t> counts = this->counts(layer);
    const std::int64_t window = m_method->window();
    const std::int64_t most = std::max<std::int64_t>(1, *std::ranges::max_element(counts) - window);
    at::Tensor scores = at::empty({std::ssize(counts), most}, m_state->turn->keys.options().dtype(at::kFloat));
    for (std::size_t list = 0; list < counts.size(); ++list) {
        if (const std::int64_t count = counts[list] - window; count > 0)
            scores.select(0, static_cast<std::int64_t>(list)).narrow(0, 0, count).copy_(score(list));
    }
    return scores;
}

at::Tensor CompressedCache::columnScores(int layer, std::size_t list) const
{
    const int compensated = m_state->layers[layer].list(list).compensated > 0; // its entry is no candidate
    return at::nan_to_num(m_state->turn->columnSums[m_state->granularity].sums[list],
                          -std::numeric_limits<double>::infinity())
        .narrow(0, compensated, tokensOf(layer, list) - m_method->window());
}

at::Tensor CompressedCache::scoresByWindow(int layer, std::size_t list, const AttentionRule &rule) const
{
    const State &state = *m_state;
    const at::Tensor queries = state.turn->lastQueries(m_method->window());
    const auto first = static_cast<std::int64_t>(m_length) + state.turn->tokens - queries.size(1);
    std::vector<std::int32_t> positions;
    const at::Tensor scores = windowScores(state.queriesOf(queries, list), first,
                                           state.candidates(layer, list, positions), rule, m_method->settings());
    const int compensated = state.layers[layer].list(list).compensated > 0;
    return scores.narrow(0, compensated, scores.size(0) - compensated);
}

std::vector<std::optional<KeptTokens>> CompressedCache::choose(int layer, const AttentionRule &rule,
                                                               std::span<const std::int64_t> allocated)
{
    LayerCandidates candidates{layer, counts(layer), {}};
    const std::int64_t window = m_method->window();
    const at::Tensor scores = this->scores(layer, rule);
    std::vector<std::int64_t> capacities(allocated.begin(), allocated.end());
    // Counted and chosen where the layer lies, or here.
    CacheDevice &device = m_state->device(layer);
    const std::optional<std::int64_t> shared = m_method->sharedPlaces();
    std::optional<std::vector<std::int64_t>> places;
    std::optional<std::vector<KeptTokens>> highest;
    if (scores.defined() && shared)
        places = device.highestByList(scores, candidates.counts, *shared, window);
    if (places)
        capacities = m_method->capacitiesOf(*places);
    if (scores.defined() && shared.has_value() == places.has_value())
        highest = device.keepHighest(scores, candidates.counts, capacities, window);
    if (!highest) {
        candidates.scores = scores.defined() ? rowsOf(scores, candidates.counts, window)
                                             : std::vector<std::vector<float>>(candidates.counts.size());
        if (shared && !places)
            capacities = m_method->capacitiesOf(highestByList(candidates.scores, *shared));
    }
    std::vector<std::optional<KeptTokens>> kept(capacities.size());
    for (std::size_t list = 0; list < kept.size(); ++list) {
        if (candidates.counts[list] - window > capacities[list])
            kept[list] = highest ? std::move((*highest)[list]) : m_method->select(candidates, list, capacities[list]);
    }
    return kept;
}

void CompressedCache::compress(int layer, const AttentionRule &rule)
{
    State &state = *m_state;
    RaggedLayer &target = state.layers[layer];
    const auto allocated = std::span(m_budgets.capacities).subspan(layer * target.lists(), target.lists());
    const std::int64_t room = std::clamp<std::int64_t>(m_reserved, 1, mostRoom);
    bool all = true;
    for (std::size_t list = 0; list < target.lists(); ++list)
        all = all && tokensOf(layer, list) - m_method->window() <= allocated[list];
    if (all) {
        target.append(state.turn->keys, state.turn->values, static_cast<std::int64_t>(m_length), room);
        return;
    }
    const std::vector<std::optional<KeptTokens>> chosen = choose(layer, rule, allocated);
    std::vector<RaggedLayer::Entries> kept;
    for (std::size_t list = 0; list < target.lists(); ++list) {
        std::vector<std::int32_t> positions;
        const RaggedList candidates = state.candidates(layer, list, positions);
        if (chosen[list])
            kept.push_back(pick(candidates, *chosen[list], m_method->compensates()));
        else
            kept.push_back({candidates.keys, candidates.values, std::move(positions), candidates.compensated});
    }
    target = RaggedLayer(std::move(kept), room, state.device(layer).stored());
}

void CompressedCache::decode(int layer, const AttentionInputs &token, const AttentionRule &rule,
                             AttentionObserver *observer, void *output)
{
    State &state = *m_state;
    const auto position = static_cast<std::int64_t>(m_length);
    state.decoded = layer + 1;
    state.device(layer).appendAndAttend(token, state.layers[layer], position, rule, output,
                                        observer ? &state.probabilities : nullptr);
    if (observer)
        observer->observe(layer, state.probabilities, m_length + 1);
}

RepeatableSteps *CompressedCache::repeatableSteps()
{
    const bool all = std::ranges::all_of(m_state->devices, [](const auto &device) { return device->repeatsSteps(); });
    return all ? this : nullptr;
}

std::vector<std::uint64_t> CompressedCache::prepare()
{
    State &state = *m_state;
    state.decoded = static_cast<int>(state.layers.size()); // of any of them rollback() may have to drop it
    std::vector<std::uint64_t> binding;
    for (std::size_t layer = 0; layer < state.layers.size(); ++layer)
        binding.push_back(state.devices[layer]->prepareToken(state.layers[layer], static_cast<std::int64_t>(m_length)));
    return binding;
}

void CompressedCache::enqueue(int layer, const AttentionInputs &token, const AttentionRule &rule, void *output)
{
    m_state->device(layer).enqueueToken(token, m_state->layers[layer], rule, output);
}

void CompressedCache::note()
{
    for (RaggedLayer &layer : m_state->layers)
        layer.noteToken(static_cast<std::int64_t>(m_length));
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
        state.layers[layer].dropFrom(static_cast<std::int64_t>(m_length));
    state.decoded = 0;
    state.turn.reset();
    if (!state.before.empty())
        state.layers = std::move(state.before);
    state.before.clear();
}

} // namespace headkv
