// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/attention/PrefillAttention.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

namespace headkv {

namespace {

/// The rows of a KV head's queries: its group's heads of one token after another.
class GroupRows
{
public:
    GroupRows(const float *queries, std::int64_t tokens, const AttentionShape &shape, std::int64_t keys,
              const AttentionRule &rule, float *output, float *logSumExps)
        : m_queries(queries)
        , m_shape(shape)
        , m_past(keys - tokens)
        , m_rule(rule)
        , m_output(output)
        , m_logSumExps(logSumExps)
        , m_scratch(static_cast<std::size_t>(kernels().attentionScratch(shape.dim)))
    {}

    /// attend(rows, scratch) does the work.
    template <typename Attend>
    void attend(std::int64_t group, std::int64_t begin, std::int64_t end, Attend attend)
    {
        const auto count = static_cast<std::size_t>(end - begin);
        m_rowQueries.resize(count);
        m_rowOutputs.resize(count);
        m_begins.resize(count);
        m_ends.resize(count);
        m_sums.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::int64_t offset = headOf(group, begin + static_cast<std::int64_t>(i)) * m_shape.dim;
            const std::int64_t position = m_past + (begin + static_cast<std::int64_t>(i)) / m_shape.groupSize();
            m_rowQueries[i] = m_queries + offset;
            m_rowOutputs[i] = m_output + offset;
            m_ends[i] = static_cast<std::int32_t>(position + 1);
            m_begins[i] = static_cast<std::int32_t>(
                m_rule.window > 0 ? std::max<std::int64_t>(0, position + 1 - m_rule.window) : 0);
        }
        AttentionRows rows;
        rows.queries = m_rowQueries.data();
        rows.outputs = m_rowOutputs.data();
        rows.logSumExps = m_logSumExps ? m_sums.data() : nullptr;
        rows.begins = m_begins.data();
        rows.ends = m_ends.data();
        rows.count = end - begin;
        rows.scale = static_cast<float>(m_rule.scale);
        rows.softcap = static_cast<float>(m_rule.softcap);
        attend(rows, m_scratch.data());
        for (std::size_t i = 0; m_logSumExps && i < count; ++i)
            m_logSumExps[headOf(group, begin + static_cast<std::int64_t>(i))] = m_sums[i];
    }

private:
    /// The place of a row's head among those of all tokens, [T, H].
    [[nodiscard]] std::int64_t headOf(std::int64_t group, std::int64_t row) const
    {
        const std::int64_t size = m_shape.groupSize();
        return row / size * m_shape.queryHeads + group * size + row % size;
    }

    const float *m_queries;
    AttentionShape m_shape;
    std::int64_t m_past;
    AttentionRule m_rule;
    float *m_output, *m_logSumExps;
    std::vector<float> m_scratch, m_sums;
    std::vector<const float *> m_rowQueries;
    std::vector<float *> m_rowOutputs;
    std::vector<std::int32_t> m_begins, m_ends;
};

/// Calls work(thread's own state, item) for the items, the last first: threads take them as they come free.
template <typename MakeState, typename Work>
void shareOut(std::int64_t items, MakeState makeState, Work work)
{
    std::atomic<std::int64_t> next = items;
    at::parallel_for(0, std::min<std::int64_t>(at::get_num_threads(), items), 1, [&](std::int64_t, std::int64_t) {
        auto state = makeState();
        for (std::int64_t item = --next; item >= 0; item = --next)
            work(state, item);
    });
}

/// The KV heads' keys and values that a chunk's queries see, rounded once for all of them.
class PackedHeads
{
public:
    PackedHeads(std::span<const KeyValueRows> heads, std::int64_t firstKey, std::int64_t keys)
        : m_firstBlock(firstKey / packedKeys)
        , m_blocks((keys + packedKeys - 1) / packedKeys - m_firstBlock)
        , m_dim(heads.front().dim)
    {
        m_packed.reset(new float[heads.size() * static_cast<std::size_t>(m_blocks * packedFloats(m_dim))]);
        shareOut(
            std::ssize(heads) * m_blocks,
            [&] { return std::vector<float>(static_cast<std::size_t>(kernels().attentionScratch(m_dim))); },
            [&](std::vector<float> &scratch, std::int64_t item) {
                const std::int64_t first = (m_firstBlock + item % m_blocks) * packedKeys;
                kernels().packKeyValues(heads[static_cast<std::size_t>(item / m_blocks)], first,
                                        std::min(packedKeys, keys - first), m_packed.get() + item * packedFloats(m_dim),
                                        scratch.data());
            });
    }
    [[nodiscard]] PackedKeyValues head(std::int64_t index) const
    {
        return {m_packed.get() + index * m_blocks * packedFloats(m_dim), m_firstBlock, m_dim};
    }

private:
    std::int64_t m_firstBlock, m_blocks, m_dim;
    std::unique_ptr<float[]> m_packed; ///< [heads, blocks] of packedFloats(dim)
};

} // namespace

void prefillAttention(const float *queries, std::int64_t tokens, const AttentionShape &shape,
                      std::span<const KeyValueRows> keyValues, std::int64_t keys, const AttentionRule &rule, bool exact,
                      float *output, float *logSumExps)
{
    const std::int64_t rows = tokens * shape.groupSize();
    const std::int64_t block = kernels().attentionRows;
    const std::int64_t blocks = (rows + block - 1) / block;
    const std::int64_t firstSeen = rule.window > 0 ? std::max<std::int64_t>(0, keys - tokens + 1 - rule.window) : 0;
    std::optional<PackedHeads> packed;
    if (!exact)
        packed.emplace(keyValues, firstSeen, keys);
    shareOut( // the last blocks see the most keys: they begin
        blocks * shape.kvHeads, [&] { return GroupRows(queries, tokens, shape, keys, rule, output, logSumExps); },
        [&](GroupRows &group, std::int64_t item) {
            const std::int64_t head = item % shape.kvHeads, first = item / shape.kvHeads * block;
            const auto attend = [&](const AttentionRows &wanted, float *scratch) {
                if (packed)
                    kernels().attendRowsRounded(wanted, packed->head(head), scratch);
                else
                    kernels().attendRows(wanted, keyValues[static_cast<std::size_t>(head)], scratch);
            };
            group.attend(head, first, std::min(first + block, rows), attend);
        });
}

} // namespace headkv
