// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace headkv {

struct RopeConfig;

/// Positions first, first + 1, …
struct PositionRun
{
    std::int64_t first, count;
};

/// Whether keys are rotated alike in sequences of so many tokens: not so, where the scaling depends on the length.
[[nodiscard]] bool rotatesAlike(const RopeConfig &config, std::int64_t length, std::int64_t other);

/// The angles of rotary position embedding (Su et al. 2021) for runs of positions, computed once a forward pass.
/// Pairs are (i, i + R/2) of the R rotated dimensions, the angle of pair i at position p is p·f(i), f(i) =
/// theta^(−2i/R) as the configuration scales it. Where the scaling depends on the length of the sequence, it is the one
/// that ends with the run, as in transformers.
class RotaryEmbedding
{
public:
    RotaryEmbedding(const RopeConfig &config, std::span<const PositionRun> runs);

    /// Rotates a vector [D] in place: that of a token, counted over all runs. Dimensions behind the rotated ones pass
    /// as they are.
    void rotate(float *vector, std::int64_t token) const;

    [[nodiscard]] std::int64_t half() const { return m_half; } ///< R/2
    /// Of the angles, [tokens, R/2].
    [[nodiscard]] std::span<const float> cosines() const { return m_cos; }
    [[nodiscard]] std::span<const float> sines() const { return m_sin; }

private:
    std::int64_t m_half = 0;
    std::vector<float> m_cos, m_sin; ///< [tokens, R/2]
};

} // namespace headkv
