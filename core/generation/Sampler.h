// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace headkv {

struct SamplingSettings
{
    double temperature = 0; ///< 0: greedy
    double topP = 1;        ///< nucleus, (0, 1]
    std::uint64_t seed = 0;
};

/// The greedy choice from logits [V]: ties go to the smaller id.
[[nodiscard]] TokenId likeliest(std::span<const float> logits);

/// Chooses the next token from logits [V] (greedily: likeliest()). The same seed gives the same tokens.
class Sampler
{
public:
    /// Errors: Usage, for a setting out of range.
    explicit Sampler(const SamplingSettings &settings);
    [[nodiscard]] TokenId sample(std::span<const float> logits);

private:
    /// Keeps the likeliest candidates that together reach top-p of the sum; returns their own sum.
    double keepNucleus(double sum);

    SamplingSettings m_settings;
    std::mt19937_64 m_random;
    std::vector<std::pair<float, TokenId>> m_candidates; ///< scratch: unnormalised probability, id
};

} // namespace headkv
