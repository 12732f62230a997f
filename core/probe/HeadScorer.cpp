// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/HeadScorer.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <functional>

namespace headkv {

HeadScorer::HeadScorer(ProbeKind kind, int layers, int heads, const ProbeCase &probeCase)
    : m_kind(kind)
    , m_heads(heads)
    , m_case(probeCase)
    , m_scores(static_cast<std::size_t>(layers) * heads)
    , m_topKeys(m_scores.size())
{}

void HeadScorer::observe(int layer, std::span<const float> probabilities, std::size_t keys)
{
    constexpr std::int64_t leastKeys = 4096; // below, another thread costs more than it gives
    const std::int64_t grain = std::max<std::int64_t>(1, leastKeys / static_cast<std::int64_t>(keys));
    at::parallel_for(0, m_heads, grain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> top;
        for (std::int64_t head = begin; head < end; ++head) {
            const std::size_t index = static_cast<std::size_t>(std::int64_t{layer} * m_heads + head);
            const std::span<const float> row = probabilities.subspan(static_cast<std::size_t>(head) * keys, keys);
            if (m_kind == ProbeKind::Retrieval)
                m_topKeys[index] = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
            else
                m_scores[index] += spanMass(row, top) / static_cast<double>(m_case.span.size());
        }
    });
}

void HeadScorer::finishStep(TokenId emitted)
{
    if (m_kind != ProbeKind::Retrieval)
        return;
    for (std::size_t index = 0; index < m_scores.size(); ++index) {
        const std::size_t key = m_topKeys[index];
        if (key >= m_case.span.begin && key < m_case.span.end && m_case.promptIds[key] == emitted)
            m_scores[index] += 1.0 / static_cast<double>(m_case.span.size());
    }
}

double HeadScorer::spanMass(std::span<const float> row, std::vector<float> &top) const
{
    const std::size_t count = std::min(m_case.span.size(), row.size());
    // The top N in a heap whose front is the least of them: few keys get that far, so one pass over the row does.
    top.assign(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count));
    std::ranges::make_heap(top, std::greater<>());
    for (const float probability : row.subspan(count)) {
        if (probability <= top.front())
            continue;
        std::ranges::pop_heap(top, std::greater<>());
        top.back() = probability;
        std::ranges::push_heap(top, std::greater<>());
    }
    const float threshold = top.front();
    // Keys above the threshold are all among the top N; those equal to it share the places that are left, the earliest
    // first.
    auto ties = static_cast<std::size_t>(std::ranges::count(top, threshold));
    double mass = 0;
    const std::size_t end = std::min(m_case.span.end, row.size());
    for (std::size_t key = m_case.span.begin; key < end; ++key) {
        if (row[key] > threshold)
            mass += row[key];
    }
    for (std::size_t key = 0; key < row.size() && ties > 0; ++key) {
        if (row[key] != threshold)
            continue;
        --ties;
        if (key >= m_case.span.begin && key < end)
            mass += row[key];
    }
    return mass;
}

} // namespace headkv
