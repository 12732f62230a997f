// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace headkv {

struct RopeConfig;

/// The angles of rotary position embedding (Su et al. 2021) for a run of positions, computed once a forward pass.
/// Pairs are (i, i + R/2) of the R rotated dimensions, the angle of pair i at position p is p·f(i), f(i) =
/// theta^(−2i/R) as the configuration scales it. Where the scaling depends on the length of the sequence, it is the one
/// that ends with the run, as in transformers.
class RotaryEmbedding
{
public:
    RotaryEmbedding(const RopeConfig &config, std::int64_t firstPosition, std::int64_t count);

    /// Rotates `vectors` [heads, T, D] of the positions that begin `offset` after the first. Computes in float32, keeps
    /// the dtype.
    [[nodiscard]] at::Tensor rotate(const at::Tensor &vectors, std::int64_t offset) const;

private:
    at::Tensor m_cos, m_sin; ///< [count, R/2], float32
};

} // namespace headkv
