// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace headkv {

struct ModelConfig;

/// The angles of rotary position embedding (Su et al. 2021) for a run of positions, computed once a forward pass.
/// Pairs are (i, i + D/2), the angle of pair i at position p is p·theta^(−2i/D).
class RotaryEmbedding
{
public:
    RotaryEmbedding(const ModelConfig &config, std::int64_t firstPosition, std::int64_t count);

    /// Rotates `vectors` [heads, T, D] of the positions that begin `offset` after the first. Computes in float32, keeps
    /// the dtype.
    [[nodiscard]] at::Tensor rotate(const at::Tensor &vectors, std::int64_t offset) const;

private:
    at::Tensor m_cos, m_sin; ///< [count, D/2], float32
};

} // namespace headkv
