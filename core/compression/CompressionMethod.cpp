// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/CompressionMethod.h"

#include "core/compression/TokenSelection.h"

#include <algorithm>
#include <numeric>

namespace headkv {

CompressionMethod::CompressionMethod(const HeadShape &shape, CompressionSettings settings)
    : m_shape(shape)
    , m_settings(std::move(settings))
{}

HeadBudgets CompressionMethod::allocate(std::optional<std::int64_t> promptTokens) const
{
    HeadBudgets budgets{.layers = layers(),
                        .lists = lists(),
                        .granularity = *m_settings.granularity,
                        .window = window(),
                        .capacities = {},
                        .nominalTotal = listCount() * base(),
                        .compensates = compensates()};
    budgets.capacities.reserve(static_cast<std::size_t>(listCount()));
    fill(budgets, promptTokens);
    return budgets;
}

std::vector<std::int64_t> CompressionMethod::capacitiesOf(std::span<const std::int64_t> places) const
{
    return {places.begin(), places.end()};
}

KeptTokens CompressionMethod::select(const LayerCandidates &candidates, std::size_t list, std::int64_t capacity) const
{
    KeptTokens kept = highestScores(candidates.scores[list], capacity);
    const std::int64_t count = candidates.counts[list];
    for (std::int64_t token = count - window(); token < count; ++token)
        kept.push_back(static_cast<std::int32_t>(token));
    return kept;
}

void CompressionMethod::fill(HeadBudgets &budgets, std::optional<std::int64_t> /*promptTokens*/) const
{
    budgets.capacities.assign(static_cast<std::size_t>(listCount()), base());
}

std::vector<double> CompressionMethod::shares() const
{
    const std::vector<double> &heads = m_settings.importance;
    const std::size_t group = heads.size() / static_cast<std::size_t>(listCount());
    std::vector<double> shares(static_cast<std::size_t>(listCount()));
    for (std::size_t list = 0; list < shares.size(); ++list) {
        const auto first = heads.begin() + static_cast<std::ptrdiff_t>(list * group);
        shares[list] =
            std::accumulate(first, first + static_cast<std::ptrdiff_t>(group), 0.0) / static_cast<double>(group);
    }
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double &share : shares)
        share /= sum;
    return shares;
}

KeptTokens CompressionMethod::sinksAndRecents(std::int64_t candidates, std::int64_t count) const
{
    KeptTokens kept(static_cast<std::size_t>(std::min(candidates, count)));
    const auto sinks = std::min<std::size_t>(kept.size(), static_cast<std::size_t>(m_settings.sinks));
    std::iota(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(sinks), 0);
    std::iota(kept.begin() + static_cast<std::ptrdiff_t>(sinks), kept.end(),
              static_cast<std::int32_t>(candidates - static_cast<std::int64_t>(kept.size() - sinks)));
    return kept;
}

} // namespace headkv
