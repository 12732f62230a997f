// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/Agreement.h"

#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

double logSumExp(std::span<const float> logits, float greatest)
{
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit - greatest));
    return std::log(sum) + greatest;
}

} // namespace

void AgreementSum::add(std::span<const float> reference, std::span<const float> other)
{
    const auto likeliest = std::ranges::max_element(reference); // the first of equals, as the sampler takes it
    const auto otherLikeliest = std::ranges::max_element(other);
    const double norm = logSumExp(reference, *likeliest);
    const double otherNorm = logSumExp(other, *otherLikeliest);
    double kl = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double logP = reference[i] - norm;
        kl += std::exp(logP) * (logP - (other[i] - otherNorm));
    }
    ++m_tokens;
    m_same += likeliest - reference.begin() == otherLikeliest - other.begin() ? 1 : 0;
    m_kl += std::max(kl, 0.0); // rounding may take it below
}

Agreement AgreementSum::mean() const
{
    if (m_tokens == 0)
        return {};
    const auto count = static_cast<double>(m_tokens);
    return {m_tokens, static_cast<double>(m_same) / count, m_kl / count};
}

} // namespace headkv
