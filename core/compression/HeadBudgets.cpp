// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/HeadBudgets.h"

#include <algorithm>
#include <numeric>

namespace headkv {

std::int64_t HeadBudgets::total() const
{
    return std::accumulate(capacities.begin(), capacities.end(), std::int64_t{0});
}

std::int64_t HeadBudgets::entries(std::size_t list, std::int64_t promptTokens) const
{
    if (promptTokens <= window || promptTokens - window <= capacities[list])
        return promptTokens;
    return capacities[list] + window + (compensates ? 1 : 0);
}

std::int64_t HeadBudgets::totalEntries(std::int64_t promptTokens) const
{
    std::int64_t sum = 0;
    for (std::size_t list = 0; list < capacities.size(); ++list)
        sum += entries(list, promptTokens);
    return sum;
}

Concentration concentration(const HeadBudgets &budgets)
{
    std::vector<std::int64_t> sorted = budgets.capacities;
    if (sorted.empty())
        return {};
    std::ranges::sort(sorted);
    // G = Σᵢ (2i − n − 1)·xᵢ / (n·Σx), i from 1 in rising order.
    const auto count = static_cast<double>(sorted.size());
    double weighted = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i)
        weighted += (2 * static_cast<double>(i + 1) - count - 1) * static_cast<double>(sorted[i]);
    const auto total = static_cast<double>(budgets.total());
    return {total > 0 ? weighted / (count * total) : 0, sorted.back(), sorted.front()};
}

} // namespace headkv
