// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/RotaryEmbedding.h"

#include "core/model/ModelConfig.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/pow.h>

namespace headkv {

RotaryEmbedding::RotaryEmbedding(const ModelConfig &config, std::int64_t firstPosition, std::int64_t count)
{
    // float32 frequencies and angles, as the reference has them: at position 8,000 a double's angle would differ in the
    // fourth decimal.
    const at::Tensor exponents = at::arange(0, config.headDim, 2, at::kFloat) / static_cast<double>(config.headDim);
    const at::Tensor frequencies = at::pow(static_cast<float>(config.ropeTheta), exponents).reciprocal();
    const at::Tensor positions = at::arange(firstPosition, firstPosition + count, at::kFloat);
    const at::Tensor angles = positions.unsqueeze(1) * frequencies.unsqueeze(0);
    m_cos = angles.cos();
    m_sin = angles.sin();
}

at::Tensor RotaryEmbedding::rotate(const at::Tensor &vectors, std::int64_t offset) const
{
    const std::int64_t count = vectors.size(1);
    const std::int64_t half = vectors.size(2) / 2;
    const at::Tensor cos = m_cos.narrow(0, offset, count);
    const at::Tensor sin = m_sin.narrow(0, offset, count);
    const at::Tensor first = vectors.narrow(2, 0, half).to(at::kFloat);
    const at::Tensor second = vectors.narrow(2, half, half).to(at::kFloat);
    return at::cat({first * cos - second * sin, second * cos + first * sin}, 2).to(vectors.scalar_type());
}

} // namespace headkv
