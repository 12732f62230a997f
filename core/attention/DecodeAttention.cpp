// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/DecodeAttention.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

/// Entries whose scores are in the first-level cache.
constexpr std::int64_t blockEntries = 256;
/// Entries below which another thread costs more than it gives.
constexpr std::int64_t leastEntries = 512;

} // namespace

void DecodeAttention::attend(const float *queries, std::int64_t heads, std::span<const DecodeList> lists,
                             std::int64_t position, const AttentionRule &rule, float *output,
                             std::vector<float> *probabilities)
{
    m_lists = lists;
    m_rule = rule;
    m_group = heads / std::ssize(lists);
    m_dim = lists.front().rows.dim;
    m_position = position;
    m_queries.assign(queries, queries + heads * m_dim);
    for (float &value : m_queries)
        value *= static_cast<float>(rule.scale);
    m_wantsScores = probabilities != nullptr;
    if (m_wantsScores) {
        m_scoreOffsets.clear();
        std::int64_t scores = 0;
        for (const DecodeList &list : lists) {
            m_scoreOffsets.push_back(scores);
            scores += m_group * list.length;
        }
        m_scores.resize(std::max(m_scores.size(), static_cast<std::size_t>(scores)));
    }
    splitWork();
    const auto threads = static_cast<std::int64_t>(m_firstParts.size()) - 1;
    at::parallel_for(0, threads, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t thread = first; thread < last; ++thread)
            for (std::size_t i = m_firstParts[thread]; i < m_firstParts[thread + 1]; ++i)
                attendPart(m_parts[i], m_blocks.data() + thread * m_group * blockEntries);
    });
    for (std::int64_t i = 0; i < std::ssize(lists); ++i)
        join(i, output + i * m_group * m_dim);
    if (probabilities) {
        probabilities->resize(heads * (position + 1));
        const std::int64_t grain = std::max<std::int64_t>(1, leastEntries / (position + 1));
        at::parallel_for(0, heads, grain, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t head = first; head < last; ++head)
                writeProbabilities(
                    head, {probabilities->data() + head * (position + 1), static_cast<std::size_t>(position + 1)});
        });
    }
}

std::int64_t DecodeAttention::firstSeen(const DecodeList &list) const
{
    const std::int64_t position = m_rule.window > 0 ? m_position - m_rule.window + 1 : 0;
    if (position <= 0)
        return 0;
    if (list.positions.empty())
        return std::min(position, list.length);
    return std::ranges::lower_bound(list.positions, static_cast<std::int32_t>(position)) - list.positions.begin();
}

/// Thread t takes entries [t, t + 1)·entries/threads of the lists as if they lay end to end.
void DecodeAttention::splitWork()
{
    std::int64_t entries = 0;
    m_begins.clear();
    for (const DecodeList &list : m_lists) {
        m_begins.push_back(firstSeen(list));
        entries += list.length - m_begins.back();
    }
    const std::int64_t threads =
        std::clamp<std::int64_t>(entries / leastEntries, 1, static_cast<std::int64_t>(at::get_num_threads()));
    m_parts.clear();
    m_firstParts.assign(1, 0);
    std::int64_t done = 0, list = 0, begin = m_begins.front();
    for (std::int64_t thread = 1; thread <= threads; ++thread) {
        const std::int64_t until = entries * thread / threads;
        while (list < std::ssize(m_lists)) {
            const std::int64_t end = std::min(m_lists[list].length, begin + until - done);
            m_parts.push_back({list, begin, end, nullptr, nullptr});
            done += end - begin;
            begin = end;
            if (end < m_lists[list].length)
                break; // the next thread goes on
            if (++list < std::ssize(m_lists))
                begin = m_begins[list];
        }
        m_firstParts.push_back(m_parts.size());
    }
    m_sums.assign(m_parts.size() * m_group * m_dim, 0);
    m_softmax.assign(m_parts.size() * m_group, {-std::numeric_limits<float>::infinity(), 0});
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        m_parts[i].sums = m_sums.data() + i * m_group * m_dim;
        m_parts[i].softmax = m_softmax.data() + i * m_group;
    }
    m_blocks.resize(std::max<std::size_t>(m_blocks.size(), threads * m_group * blockEntries));
}

void DecodeAttention::attendPart(Part &part, float *scores)
{
    const DecodeList &list = m_lists[part.list];
    const float *queries = m_queries.data() + part.list * m_group * m_dim;
    const std::int64_t rowBytes = m_dim * static_cast<std::int64_t>(bytesOf(list.rows.type));
    for (std::int64_t begin = part.begin; begin < part.end; begin += blockEntries) {
        const std::int64_t count = std::min(blockEntries, part.end - begin);
        const KeyValueRows rows{static_cast<const std::byte *>(list.rows.keys) + begin * rowBytes,
                                static_cast<const std::byte *>(list.rows.values) + begin * rowBytes, list.rows.type,
                                m_dim};
        kernels().scoreKeys(queries, m_group, rows, count, scores, blockEntries);
        for (std::int64_t h = 0; h < m_group; ++h) {
            float *row = scores + h * blockEntries;
            if (m_rule.softcap > 0) {
                for (std::int64_t i = 0; i < count; ++i)
                    row[i] = static_cast<float>(std::tanh(row[i] / m_rule.softcap) * m_rule.softcap);
            }
            if (list.compensated > 0 && begin == 0)
                row[0] += std::log(static_cast<float>(list.compensated));
            if (m_wantsScores)
                std::copy_n(row, count, m_scores.begin() + m_scoreOffsets[part.list] + h * list.length + begin);
            // Weights are relative to the greatest score so far; what was summed before is brought to a new one.
            SoftmaxPart block = kernels().exponentials(row, count);
            SoftmaxPart &sum = part.softmax[h];
            if (block.greatest > sum.greatest) {
                const float factor = std::exp(sum.greatest - block.greatest);
                std::for_each_n(part.sums + h * m_dim, m_dim, [factor](float &value) { value *= factor; });
                sum = {block.greatest, sum.sum * factor + block.sum};
            } else if (block.sum > 0) {
                const float factor = std::exp(block.greatest - sum.greatest);
                std::for_each_n(row, count, [factor](float &weight) { weight *= factor; });
                sum.sum += block.sum * factor;
            }
        }
        kernels().sumValues(scores, blockEntries, m_group, rows, count, part.sums);
    }
}

/// Joins the parts of a list into its first one's place, and writes the output.
void DecodeAttention::join(std::int64_t list, float *output)
{
    const auto first = std::ranges::lower_bound(m_parts, list, {}, &Part::list);
    const auto last = std::ranges::upper_bound(m_parts, list, {}, &Part::list);
    for (std::int64_t h = 0; h < m_group; ++h) {
        float greatest = -std::numeric_limits<float>::infinity();
        for (auto part = first; part != last; ++part)
            greatest = std::max(greatest, part->softmax[h].greatest);
        float sum = 0;
        float *out = output + h * m_dim;
        std::fill_n(out, m_dim, 0.0F);
        for (auto part = first; part != last; ++part) {
            if (part->softmax[h].sum == 0)
                continue;
            const float factor = std::exp(part->softmax[h].greatest - greatest);
            sum += part->softmax[h].sum * factor;
            for (std::int64_t d = 0; d < m_dim; ++d)
                out[d] += part->sums[h * m_dim + d] * factor;
        }
        for (std::int64_t d = 0; sum > 0 && d < m_dim; ++d)
            out[d] /= sum;
        first->softmax[h] = {greatest, sum};
    }
}

void DecodeAttention::writeProbabilities(std::int64_t head, std::span<float> row)
{
    const std::int64_t list = head / m_group, h = head % m_group;
    const DecodeList &item = m_lists[list];
    const auto part = std::ranges::lower_bound(m_parts, list, {}, &Part::list);
    const std::int64_t begin = m_begins[list], count = item.length - begin;
    float *weights = m_scores.data() + m_scoreOffsets[list] + h * item.length + begin;
    kernels().exponentials(weights, count); // their greatest is the list's
    const float factor = 1 / part->softmax[h].sum;
    if (item.positions.empty()) {
        std::fill_n(row.begin(), begin, 0.0F);
        std::transform(weights, weights + count, row.begin() + begin,
                       [factor](float weight) { return weight * factor; });
        return;
    }
    std::ranges::fill(row, 0.0F);
    for (std::int64_t i = 0; i < count; ++i) {
        if (const std::int32_t position = item.positions[begin + i]; position >= 0)
            row[position] = weights[i] * factor;
    }
}

} // namespace headkv
