// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/AttentionRule.h"
#include "core/cache/KvCache.h"
#include "core/cache/RepeatableSteps.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/model/Computation.h"
#include "core/model/DeviceWeights.h"
#include "core/model/Model.h"
#include "core/model/Placement.h"
#include "core/model/RotaryEmbedding.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/_fused_rms_norm.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <algorithm>
#include <c10/core/DeviceGuard.h>

namespace headkv {

namespace {

/// Tokens that go through a layer at once: enough for products to be at their best, and few enough for what lies
/// between them.
constexpr std::int64_t chunkTokens = 4096;

std::int64_t tokensOf(std::span<const TokenRun> runs)
{
    std::int64_t tokens = 0;
    for (const TokenRun &run : runs)
        tokens += std::ssize(run.ids);
    return tokens;
}

/// Rotary embedding of a pass's tokens, on a device: pairs (a, b) become (a·cos − b·sin, b·cos + a·sin).
struct Rotation
{
    at::Tensor cosines, sines; ///< [T, 1, 2, R/2] in float32; sines with the sign that the product has

    Rotation() = default;
    Rotation(const RotaryEmbedding &angles, at::Device device)
    {
        const auto tensor = [&](std::span<const float> values, bool signs) {
            const auto tokens = static_cast<std::int64_t>(values.size()) / angles.half();
            const at::Tensor rows =
                at::from_blob(const_cast<float *>(values.data()), {tokens, 1, angles.half()}, at::kFloat);
            return at::stack({signs ? -rows : rows, rows}, 2).to(device);
        };
        cosines = tensor(angles.cosines(), false);
        sines = tensor(angles.sines(), true);
    }

    /// Of vectors [count, heads, D], those of tokens from `begin` on.
    [[nodiscard]] at::Tensor rotate(const at::Tensor &vectors, std::int64_t begin) const
    {
        const std::int64_t count = vectors.size(0), half = cosines.size(3), rest = vectors.size(2) - 2 * half;
        const at::Tensor pairs = vectors.narrow(2, 0, 2 * half).unflatten(2, {2, half});
        const at::Tensor turned = at::addcmul(pairs * cosines.narrow(0, begin, count),
                                              at::flip(pairs, 2).to(at::kFloat), sines.narrow(0, begin, count))
                                      .flatten(2)
                                      .to(vectors.scalar_type());
        return rest > 0 ? at::cat({turned, vectors.narrow(2, 2 * half, rest)}, 2) : turned;
    }
};

/// What of a step changes from one to the next, in one buffer on the device, so that one copy brings it there.
struct StepInput
{
    at::Tensor buffer;
    at::Tensor hidden; ///< [1, hidden], a view, as are the rotations
    Rotation rotation, localRotation;

    /// Brings what lies on the host, the parts as there. Without waiting: what is short is staged by the driver.
    void load(const at::Tensor &hostHidden, const Rotation &host, const Rotation &hostLocal, at::Device device)
    {
        std::vector<at::Tensor> parts;
        for (const at::Tensor &part : {hostHidden, host.cosines, host.sines, hostLocal.cosines, hostLocal.sines}) {
            if (part.defined())
                parts.push_back(part.flatten());
        }
        const at::Tensor all = at::cat(parts);
        if (!buffer.defined())
            buffer = at::empty_like(all, all.options().device(device));
        buffer.copy_(all, true);
        std::int64_t begin = 0;
        const auto viewOf = [&](const at::Tensor &part) {
            if (!part.defined())
                return at::Tensor();
            begin += part.numel();
            return buffer.narrow(0, begin - part.numel(), part.numel()).view(part.sizes());
        };
        hidden = viewOf(hostHidden);
        rotation.cosines = viewOf(host.cosines);
        rotation.sines = viewOf(host.sines);
        localRotation.cosines = viewOf(hostLocal.cosines);
        localRotation.sines = viewOf(hostLocal.sines);
    }
};

/// A pass in LibTorch's operators, on whatever devices the model lies. The residual stream is float32, products are in
/// the model's type.
class DeviceComputation : public Computation
{
public:
    DeviceComputation(const Model &model, WorkRecorder recorder)
        : m_model(model)
        , m_config(model.config())
        , m_weights(model.deviceWeights())
        , m_type(m_weights.output.weight.scalar_type())
        , m_step(std::move(recorder))
    {}

    void prefill(std::span<const TokenRun> runs, std::span<const HeadId> masked, const JobControl &control,
                 std::int64_t outputs) override
    {
        begin(runs, masked);
        KvCache &cache = *runs.front().cache;
        const std::int64_t tokens = m_hidden.size(0);
        cache.beginPrefill(static_cast<std::size_t>(tokens));
        for (int layer = 0; layer < m_config.layers; ++layer) {
            const c10::DeviceGuard guard(enter(layer));
            for (std::int64_t first = 0; first < tokens; first += chunkTokens) {
                control.cancellation.throwIfCancelled();
                const std::int64_t count = std::min(chunkTokens, tokens - first);
                const Projected chunk = project(layer, first, count);
                const bool wanted = layer < m_config.layers - 1 || first + count > tokens - outputs;
                const at::Tensor attention = wanted ? at::empty_like(chunk.queries) : at::Tensor();
                cache.prefill(layer, chunk.inputs(), ruleOf(layer), wanted ? attention.data_ptr() : nullptr);
                if (wanted)
                    finishTokens(layer, first, count, attention);
            }
            cache.finishLayer(layer, ruleOf(layer));
            control.report({"Prefill", static_cast<double>(tokens) * (layer + 1) / m_config.layers,
                            static_cast<double>(tokens), "tokens"});
        }
    }

    void decode(std::span<const TokenRun> runs, std::span<const HeadId> masked, const JobControl &control) override
    {
        begin(runs, masked);
        if (RepeatableSteps *steps = repeatableSteps(runs)) {
            control.cancellation.throwIfCancelled();
            repeatStep(*steps);
            return;
        }
        const std::int64_t tokens = m_hidden.size(0);
        for (int layer = 0; layer < m_config.layers; ++layer) {
            control.cancellation.throwIfCancelled();
            const c10::DeviceGuard guard(enter(layer));
            const Projected all = project(layer, 0, tokens);
            const at::Tensor attention = at::empty_like(all.queries);
            std::int64_t row = 0;
            for (const TokenRun &run : runs) {
                for (std::size_t i = 0; i < run.ids.size(); ++i, ++row)
                    run.cache->decode(layer, all.row(row), ruleOf(layer),
                                      run.observers.empty() ? nullptr : run.observers[i],
                                      attention.select(0, row).data_ptr());
            }
            finishTokens(layer, 0, tokens, attention);
        }
    }

    void readLogits(std::int64_t begin, std::int64_t count, std::vector<float> &logits) override
    {
        writeLogits(m_hidden.narrow(0, begin, count), logits);
    }

    void readState(std::int64_t token, std::vector<float> &state) override { read(m_hidden.select(0, token), state); }

    void logitsOfState(std::span<const float> state, std::vector<float> &logits) override
    {
        const at::Tensor host =
            at::from_blob(const_cast<float *>(state.data()), {1, static_cast<std::int64_t>(state.size())}, at::kFloat);
        writeLogits(host.to(m_weights.outputNorm.device()), logits);
    }

private:
    /// Of tokens: queries [T, H, D], keys and values [T, G, D].
    struct Projected
    {
        at::Tensor queries, keys, values;

        [[nodiscard]] AttentionInputs inputs() const
        {
            return {queries.data_ptr(), keys.data_ptr(), values.data_ptr(), queries.size(0)};
        }
        [[nodiscard]] AttentionInputs row(std::int64_t token) const
        {
            return {queries.select(0, token).data_ptr(), keys.select(0, token).data_ptr(),
                    values.select(0, token).data_ptr(), 1};
        }
    };

    [[nodiscard]] const DeviceLayer &weightsOf(int layer) const
    {
        return m_weights.layers[static_cast<std::size_t>(layer)];
    }
    [[nodiscard]] const LayerConfig &configOf(int layer) const
    {
        return m_config.layerConfigs[static_cast<std::size_t>(layer)];
    }
    [[nodiscard]] AttentionRule ruleOf(int layer) const
    {
        return {m_config.attentionScale, configOf(layer).window, m_config.attentionSoftcap};
    }

    void begin(std::span<const TokenRun> runs, std::span<const HeadId> masked)
    {
        m_masked = masked;
        std::vector<PositionRun> positions;
        for (const TokenRun &run : runs)
            positions.push_back({static_cast<std::int64_t>(run.cache->length()), std::ssize(run.ids)});
        m_angles.emplace(m_config.rope, positions);
        m_localAngles.reset();
        if (m_config.localRope)
            m_localAngles.emplace(*m_config.localRope, positions);
        m_rotation = m_localRotation = {};
        m_hidden = embed(runs);
    }

    /// Of one run's one token that nobody observes, on one device, where steps are recorded; else null.
    [[nodiscard]] RepeatableSteps *repeatableSteps(std::span<const TokenRun> runs) const
    {
        const TokenRun &run = runs.front();
        const bool isPlain = m_step.canRecord() && runs.size() == 1 && run.ids.size() == 1 &&
                             (run.observers.empty() || run.observers.front() == nullptr) &&
                             m_model.placement().devices.size() == 1;
        return isPlain ? run.cache->repeatableSteps() : nullptr;
    }

    /// All layers of a step that has begun, as work that is recorded and replayed.
    void repeatStep(RepeatableSteps &steps)
    {
        const at::Device device = m_model.placement().devices.front();
        const c10::DeviceGuard guard(device);
        std::vector<std::uint64_t> binding = steps.prepare();
        for (const HeadId &head : m_masked)
            binding.push_back(static_cast<std::uint64_t>(head.layer) * m_config.queryHeads + head.head);
        m_input.load(m_hidden, Rotation(*m_angles, at::kCPU),
                     m_localAngles ? Rotation(*m_localAngles, at::kCPU) : Rotation(), device);
        m_hidden = m_input.hidden;
        m_rotation = m_input.rotation;
        m_localRotation = m_input.localRotation;
        m_step.run(std::move(binding), [this, &steps] {
            for (int layer = 0; layer < m_config.layers; ++layer) {
                const Projected token = project(layer, 0, 1);
                const at::Tensor attention = at::empty_like(token.queries);
                steps.enqueue(layer, token.inputs(), ruleOf(layer), attention.data_ptr());
                finishTokens(layer, 0, 1, attention);
            }
        });
        steps.note();
    }

    /// [T, hidden] in float32, on the host: the embedding stays in the file.
    [[nodiscard]] at::Tensor embed(std::span<const TokenRun> runs) const
    {
        at::Tensor hidden = at::empty({tokensOf(runs), m_config.hiddenSize}, at::kFloat);
        float *rows = hidden.mutable_data_ptr<float>();
        for (const TokenRun &run : runs) {
            at::parallel_for(0, std::ssize(run.ids), 8, [&](std::int64_t first, std::int64_t end) {
                for (std::int64_t token = first; token < end; ++token)
                    m_model.weights().embed(run.ids[static_cast<std::size_t>(token)],
                                            rows + token * m_config.hiddenSize);
            });
            rows += std::ssize(run.ids) * m_config.hiddenSize;
        }
        return m_config.embeddingScale != 1 ? hidden.mul_(m_config.embeddingScale) : hidden;
    }

    /// Brings what the layer needs to its device, which is returned.
    at::Device enter(int layer)
    {
        const at::Device device = weightsOf(layer).device();
        if (m_hidden.device() != device)
            m_hidden = m_hidden.to(device);
        if (!m_rotation.cosines.defined() || m_rotation.cosines.device() != device) {
            m_rotation = Rotation(*m_angles, device);
            if (m_localAngles)
                m_localRotation = Rotation(*m_localAngles, device);
        }
        return device;
    }

    [[nodiscard]] at::Tensor normalize(const at::Tensor &rows, const at::Tensor &weight) const
    {
        // Not at::rms_norm(), which calls this: it makes a text of its arguments first.
        return std::get<0>(at::_fused_rms_norm(rows, weight.sizes(), weight, m_config.normEpsilon));
    }

    [[nodiscard]] Projected project(int layer, std::int64_t first, std::int64_t count) const
    {
        const DeviceLayer &weights = weightsOf(layer);
        const std::int64_t heads = m_config.queryHeads, groups = m_config.kvHeads;
        const at::Tensor all =
            weights.queryKeyValue(normalize(m_hidden.narrow(0, first, count), weights.attentionNorm).to(m_type))
                .view({count, heads + 2 * groups, m_config.headDim});
        at::Tensor rotated = all.narrow(1, 0, heads + groups); // queries and keys
        if (weights.queryNorm.defined())
            rotated = at::cat({normalize(rotated.narrow(1, 0, heads).to(at::kFloat), weights.queryNorm),
                               normalize(rotated.narrow(1, heads, groups).to(at::kFloat), weights.keyNorm)},
                              1);
        if (configOf(layer).rotary) {
            const bool local = m_localAngles && configOf(layer).window > 0;
            rotated = (local ? m_localRotation : m_rotation).rotate(rotated, first);
        }
        rotated = rotated.to(m_type);
        return {rotated.narrow(1, 0, heads).contiguous(), rotated.narrow(1, heads, groups).contiguous(),
                all.narrow(1, heads + groups, groups).contiguous()};
    }

    /// The rest of a layer, from its attention [count, H, D] on.
    void finishTokens(int layer, std::int64_t first, std::int64_t count, const at::Tensor &attention)
    {
        const DeviceLayer &weights = weightsOf(layer);
        for (const HeadId &head : m_masked) {
            if (head.layer == layer)
                attention.select(1, head.head).zero_();
        }
        at::Tensor hidden = m_hidden.narrow(0, first, count);
        add(hidden, weights.attentionOutput(attention.flatten(1)), weights.postAttentionNorm);
        const at::Tensor both = weights.gateUp(normalize(hidden, weights.feedForwardNorm).to(m_type));
        const std::int64_t size = m_config.feedForwardSize;
        const at::Tensor gate = both.narrow(1, 0, size), up = both.narrow(1, size, size);
        const at::Tensor active = m_config.activation == Activation::Silu ? at::silu(gate) : at::gelu(gate, "tanh");
        add(hidden, weights.down(active * up), weights.postFeedForwardNorm);
    }

    /// hidden += an update, which some families normalise first.
    void add(at::Tensor &hidden, const at::Tensor &update, const at::Tensor &norm) const
    {
        hidden.add_(norm.defined() ? normalize(update.to(at::kFloat), norm) : update);
    }

    void writeLogits(const at::Tensor &hidden, std::vector<float> &logits) const
    {
        const c10::DeviceGuard guard(hidden.device());
        const at::Tensor rows = normalize(hidden, m_weights.outputNorm).to(m_type);
        const at::Tensor weight = m_weights.output.weight.transpose(0, 1);
        // Sums stay float32: rounded, the best of many thousand would often be equal.
        at::Tensor all = m_type == at::kFloat || hidden.is_cpu() ? at::mm(rows.to(at::kFloat), weight.to(at::kFloat))
                                                                 : at::mm(rows, weight, at::kFloat);
        if (m_weights.output.bias.defined())
            all = all + m_weights.output.bias;
        if (m_config.logitSoftcap > 0)
            all = at::tanh(all / m_config.logitSoftcap) * m_config.logitSoftcap;
        read(all, logits);
    }

    static void read(const at::Tensor &tensor, std::vector<float> &values)
    {
        values.resize(static_cast<std::size_t>(tensor.numel()));
        at::from_blob(values.data(), tensor.sizes(), at::kFloat).copy_(tensor);
    }

    const Model &m_model;
    const ModelConfig &m_config;
    const DeviceWeights &m_weights;
    at::ScalarType m_type;
    std::span<const HeadId> m_masked;
    at::Tensor m_hidden; ///< [T, hidden] in float32
    std::optional<RotaryEmbedding> m_angles, m_localAngles;
    Rotation m_rotation, m_localRotation; ///< on the device of the present layer
    StepInput m_input;
    RepeatedWork m_step; ///< all layers of a decode step
};

} // namespace

std::unique_ptr<Computation> makeDeviceComputation(const Model &model, WorkRecorder recorder)
{
    return std::make_unique<DeviceComputation>(model, std::move(recorder));
}

} // namespace headkv
