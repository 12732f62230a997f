// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionRule.h"
#include "core/kernels/Kernels.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headkv {

/// What a list of a cache holds: a query head's or a KV head's keys and values.
struct DecodeList
{
    KeyValueRows rows;
    std::int64_t length = 0;
    std::span<const std::int32_t> positions; ///< [length], rising; −1: a compensation token; empty: 0, 1, 2 …
    std::int64_t compensated = 0; ///< tokens that the first entry stands for; its score grows by the logarithm
};

/// The attention of one token: softmax(scale·q·Kᵀ)·V over the lists of a layer, each with its own length (what
/// flash-attention's variable-length call does in HeadKV's code). Threads share out the entries of all lists evenly, so
/// that one long list does not hold up the rest; parts are joined by their greatest scores (Dao et al. 2023). Holds
/// scratch space: one object serves one thread.
class DecodeAttention
{
public:
    /// Queries [H, D] of the token at a position over lists that serve H/lists heads each; writes [H, D].
    /// `probabilities`, if any, gets the rows [H, position + 1], 0 where a key is not held.
    void attend(const float *queries, std::int64_t heads, std::span<const DecodeList> lists, std::int64_t position,
                const AttentionRule &rule, float *output, std::vector<float> *probabilities = nullptr);

private:
    /// Entries [begin, end) of a list, and where their result goes.
    struct Part
    {
        std::int64_t list, begin, end;
        float *sums;          ///< [group, D]
        SoftmaxPart *softmax; ///< [group]
    };
    [[nodiscard]] std::int64_t firstSeen(const DecodeList &list) const;
    void splitWork();
    void attendPart(Part &part, float *scores);
    void join(std::int64_t list, float *output);
    void writeProbabilities(std::int64_t head, std::span<float> row);

    std::span<const DecodeList> m_lists;
    AttentionRule m_rule;
    std::int64_t m_group = 0, m_dim = 0, m_position = 0;
    std::vector<std::int64_t> m_begins;       ///< [lists] the first entry that the window shows
    std::vector<float> m_queries;             ///< [H, D], scaled
    std::vector<Part> m_parts;                ///< in the order of the lists
    std::vector<std::size_t> m_firstParts;    ///< [threads + 1]
    std::vector<float> m_blocks;              ///< [threads, group, entries of a block]
    std::vector<float> m_sums;                ///< [parts, group, D]
    std::vector<SoftmaxPart> m_softmax;       ///< [parts, group]; when joined, each list's in its first part's place
    bool m_wantsScores = false;               ///< for probabilities
    std::vector<float> m_scores;              ///< [lists] of [group, length]
    std::vector<std::int64_t> m_scoreOffsets; ///< [lists]
};

} // namespace headkv
