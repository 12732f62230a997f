// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

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

    /// Rotates a vector [D] in place: the one at the position that lies `offset` after the first. Dimensions behind the
    /// rotated ones pass as they are.
    void rotate(float *vector, std::int64_t offset) const;

private:
    std::int64_t m_half = 0;
    std::vector<float> m_cos, m_sin; ///< [count, R/2]
};

} // namespace headkv
