// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/Sampler.h"

#include "core/base/Error.h"

#include <algorithm>
#include <cmath>

namespace headkv {

TokenId likeliest(std::span<const float> logits)
{
    return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
}

Sampler::Sampler(const SamplingSettings &settings)
    : m_settings(settings)
    , m_random(settings.seed)
{
    if (!(settings.temperature >= 0) || !std::isfinite(settings.temperature))
        throw Error(ErrorKind::Usage, "a temperature of " + std::to_string(settings.temperature) +
                                          " has no meaning; use 0 (greedy) or more");
    if (!(settings.topP > 0 && settings.topP <= 1))
        throw Error(ErrorKind::Usage,
                    "a top-p of " + std::to_string(settings.topP) + " has no meaning; use more than 0 and at most 1");
}

TokenId Sampler::sample(std::span<const float> logits)
{
    const TokenId best = likeliest(logits);
    if (m_settings.temperature == 0)
        return best;

    m_candidates.clear();
    double sum = 0;
    for (std::size_t id = 0; id < logits.size(); ++id) {
        const double weight = std::exp((logits[id] - logits[static_cast<std::size_t>(best)]) / m_settings.temperature);
        m_candidates.emplace_back(static_cast<float>(weight), static_cast<TokenId>(id));
        sum += weight;
    }
    if (m_settings.topP < 1)
        sum = keepNucleus(sum);
    // A 53-bit uniform number by hand: std::uniform_real_distribution differs between standard libraries, seeds should
    // not.
    double rest = static_cast<double>(m_random() >> 11) * 0x1.0p-53 * sum;
    for (const auto &[weight, id] : m_candidates) {
        rest -= weight;
        if (rest < 0)
            return id;
    }
    return m_candidates.front().second; // rounding left a rest: the first is as good as any
}

double Sampler::keepNucleus(double sum)
{
    std::ranges::stable_sort(m_candidates, [](const auto &a, const auto &b) { return a.first > b.first; });
    double kept = 0;
    std::size_t count = 0;
    while (count < m_candidates.size() && kept < m_settings.topP * sum)
        kept += m_candidates[count++].first;
    m_candidates.resize(count);
    return kept;
}

} // namespace headkv
