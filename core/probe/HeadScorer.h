// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionObserver.h"
#include "core/probe/ProbeCase.h"

#include <vector>

namespace headkv {

/// Adds up one case's head scores over its decode steps (algorithms of Wu et al. 2024, Eq. 1, and Fu et al. 2024, Eq.
/// 2). Eq. 1 (Retrieval): where a head's top key lies in the span and holds the token emitted at this step, its score
/// grows by 1/N. Eq. 2 (Enhanced, Reasoning): each of a head's top N keys that lies in the span adds its probability /
/// N. Ties: the earlier key.
class HeadScorer : public AttentionObserver
{
public:
    HeadScorer(ProbeKind kind, int layers, int heads, const ProbeCase &probeCase);

    /// Sees a step's rows; they wait until the token they led to is known.
    void observe(int layer, std::span<const float> probabilities, std::size_t keys) override;
    /// Scores the rows seen since the last call against the emitted token.
    void finishStep(TokenId emitted);
    /// [layers·heads], layer-major.
    [[nodiscard]] const std::vector<double> &scores() const noexcept { return m_scores; }

private:
    [[nodiscard]] double spanMass(std::span<const float> row, std::vector<float> &top) const;

    ProbeKind m_kind;
    int m_heads;
    const ProbeCase &m_case;
    std::vector<double> m_scores;
    std::vector<std::size_t> m_topKeys; ///< [layers·heads]: Eq. 1's top key of the step
};

} // namespace headkv
