// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/RotaryEmbedding.h"

#include "core/checkpoint/ModelConfig.h"
#include "core/kernels/Kernels.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace headkv {

namespace {

// float32 throughout, in the reference's order of operations: at position 8,000 a double's angle would differ in the
// fourth decimal.

/// theta^(2i/R), [R/2].
at::Tensor wavelengths(double theta, std::int64_t dimensions)
{
    const at::Tensor exponents = at::arange(0, dimensions, 2, at::kFloat) / static_cast<double>(dimensions);
    return at::pow(theta, exponents);
}

/// Dynamic NTK scaling: the base grows with the sequence.
double dynamicTheta(const RopeConfig &rope, std::int64_t length)
{
    const double context = rope.originalContext;
    const double ratio = rope.factor * std::max(static_cast<double>(length), context) / context - (rope.factor - 1);
    return rope.theta * std::pow(ratio, rope.dimensions / (rope.dimensions - 2.0));
}

/// Llama 3.1: long waves are stretched, short ones kept, those between blended.
at::Tensor llama3Frequencies(const RopeConfig &rope, const at::Tensor &frequencies)
{
    const double context = rope.originalContext;
    const at::Tensor lengths = (2 * std::numbers::pi) / frequencies;
    const at::Tensor isLong = lengths > context / rope.lowFrequencyFactor;
    const at::Tensor isMedium = isLong.logical_not() & (lengths < context / rope.highFrequencyFactor).logical_not();
    const at::Tensor smooth =
        (context / lengths - rope.lowFrequencyFactor) / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
    const at::Tensor blended = (1 - smooth) * frequencies / rope.factor + smooth * frequencies;
    return at::where(isMedium, blended, at::where(isLong, frequencies / rope.factor, frequencies));
}

/// YaRN (Peng et al. 2023): the dimension at which a wave turns so often in the original context.
double yarnDimension(const RopeConfig &rope, double turns)
{
    return rope.dimensions * std::log(rope.originalContext / (turns * 2 * std::numbers::pi)) /
           (2 * std::log(rope.theta));
}

at::Tensor yarnFrequencies(const RopeConfig &rope, const at::Tensor &waves)
{
    double low = yarnDimension(rope, rope.betaFast);
    double high = yarnDimension(rope, rope.betaSlow);
    if (rope.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, rope.dimensions - 1.0);
    if (low == high)
        high += 0.001; // the ramp would have no width
    const at::Tensor ramp = ((at::arange(0, rope.dimensions / 2, at::kFloat) - low) / (high - low)).clamp(0, 1);
    const at::Tensor kept = 1 - ramp;
    return (waves * rope.factor).reciprocal() * (1 - kept) + waves.reciprocal() * kept;
}

/// f(i), [R/2].
at::Tensor frequencies(const RopeConfig &rope, std::int64_t length)
{
    at::Tensor waves = wavelengths(rope.theta, rope.dimensions);
    if (rope.scaling == RopeScaling::Dynamic)
        waves = wavelengths(dynamicTheta(rope, length), rope.dimensions);
    const bool isLong = !rope.longDivisors.empty() && length > rope.originalContext;
    if (const auto &divisors = isLong ? rope.longDivisors : rope.divisors; !divisors.empty())
        waves = waves * at::tensor(divisors);
    switch (rope.scaling) {
    case RopeScaling::Linear:
        return waves.reciprocal() / rope.factor;
    case RopeScaling::Llama3:
        return llama3Frequencies(rope, waves.reciprocal());
    case RopeScaling::Yarn:
        return yarnFrequencies(rope, waves);
    case RopeScaling::None:
    case RopeScaling::Dynamic:
    case RopeScaling::LongRope:
        break;
    }
    return waves.reciprocal();
}

void append(std::vector<float> &values, const at::Tensor &tensor)
{
    const at::Tensor whole = tensor.contiguous();
    values.insert(values.end(), whole.const_data_ptr<float>(), whole.const_data_ptr<float>() + whole.numel());
}

} // namespace

bool rotatesAlike(const RopeConfig &config, std::int64_t length, std::int64_t other)
{
    const std::int64_t context = config.originalContext;
    if (config.scaling == RopeScaling::Dynamic)
        return std::max(length, context) == std::max(other, context);
    return config.scaling != RopeScaling::LongRope || (length > context) == (other > context);
}

RotaryEmbedding::RotaryEmbedding(const RopeConfig &config, std::span<const PositionRun> runs)
{
    for (const auto &[first, count] : runs) {
        const at::Tensor positions = at::arange(first, first + count, at::kFloat);
        const at::Tensor angles = positions.unsqueeze(1) * frequencies(config, first + count).unsqueeze(0);
        m_half = angles.size(1);
        append(m_cos, angles.cos() * config.attentionFactor);
        append(m_sin, angles.sin() * config.attentionFactor);
    }
}

void RotaryEmbedding::rotate(float *vector, std::int64_t token) const
{
    kernels().rotate(vector, m_cos.data() + token * m_half, m_sin.data() + token * m_half, m_half);
}

} // namespace headkv
