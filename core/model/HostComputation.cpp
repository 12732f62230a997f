// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Computation.h"
#include "core/model/ForwardPass.h"
#include "core/model/Model.h"
#include "core/model/Weights.h"

#include <cmath>

namespace headkv {

namespace {

/// The CPU, by the project's kernels and LibTorch's products.
class HostComputation : public Computation
{
public:
    explicit HostComputation(const Model &model)
        : m_model(model)
    {}

    void prefill(std::span<const TokenRun> runs, std::span<const HeadId> masked, const JobControl &control,
                 std::int64_t outputs) override
    {
        m_hidden = ForwardPass(m_model, m_scratch, runs, masked, control).prefill(outputs);
    }
    void decode(std::span<const TokenRun> runs, std::span<const HeadId> masked, const JobControl &control) override
    {
        m_hidden = ForwardPass(m_model, m_scratch, runs, masked, control).decode();
    }
    void readLogits(std::int64_t begin, std::int64_t count, std::vector<float> &logits) override
    {
        writeLogits(m_hidden + begin * hiddenSize(), count, logits);
    }
    void readState(std::int64_t token, std::vector<float> &state) override
    {
        state.assign(m_hidden + token * hiddenSize(), m_hidden + (token + 1) * hiddenSize());
    }
    void logitsOfState(std::span<const float> state, std::vector<float> &logits) override
    {
        writeLogits(state.data(), 1, logits);
    }

private:
    [[nodiscard]] std::int64_t hiddenSize() const { return m_model.config().hiddenSize; }

    /// Logits [T, V] of hidden states [T, hidden].
    void writeLogits(const float *hidden, std::int64_t count, std::vector<float> &logits)
    {
        const Weights &weights = m_model.weights();
        float *normal = m_scratch.normal.of(count, hiddenSize());
        normalizeRows(hidden, weights.outputNorm, normal, count, m_model.config().normEpsilon);
        logits.resize(static_cast<std::size_t>(count * weights.output.outputs()));
        m_scratch.activations.take(normal, count, hiddenSize());
        const Product products[] = {{&weights.output, logits.data()}};
        multiply(m_scratch.activations, products);
        if (const auto cap = static_cast<float>(m_model.config().logitSoftcap); cap > 0) {
            for (float &logit : logits)
                logit = std::tanh(logit / cap) * cap;
        }
    }

    const Model &m_model;
    ForwardScratch m_scratch;
    const float *m_hidden = nullptr; ///< [T, hidden], in the scratch space
};

} // namespace

std::unique_ptr<Computation> makeHostComputation(const Model &model)
{
    return std::make_unique<HostComputation>(model);
}

} // namespace headkv
