// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/attention/AttentionShape.h"
#include "core/attention/DecodeAttention.h"
#include "core/attention/RaggedAttention.h"
#include "core/cache/KvCache.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace headkv {

/// A layer's lists in the memory of its device, for kernels that find and lengthen them there.
struct RaggedIndex
{
    /// No other index has it. It and the layer's buffers stay where they are as long as it is there.
    std::uint64_t number = 0;
    at::Tensor offsets;     ///< [lists + 1] first rows, int64
    at::Tensor lengths;     ///< [lists], int32
    at::Tensor positions;   ///< [Σ room] of the tokens, int32
    at::Tensor compensated; ///< [lists] tokens that the first entry stands for, or 0, int32; undefined: all 0
};

/// One layer's keys and values where each list (a query head's or a KV head's) keeps tokens of its own: one buffer for
/// keys and one for values, [Σ room, D]; list i lies at its offset, with room to grow behind it. A copy shares the
/// buffers and stays what it was: what is appended to the other lies behind its lists, or in new buffers.
class RaggedLayer
{
public:
    /// What a list keeps of its candidates, [n, D] each.
    struct Entries
    {
        at::Tensor keys, values;
        std::vector<std::int32_t> positions; ///< rising; −1: a compensation token
        std::int64_t compensated = 0;        ///< tokens that the compensation token stands for
    };

    RaggedLayer() = default;
    /// Stores the lists in buffers of a type on a device, each with room for so many tokens more.
    RaggedLayer(std::vector<Entries> lists, std::int64_t room, at::TensorOptions options);
    /// Lists without tokens.
    RaggedLayer(std::size_t lists, std::int64_t dim, std::int64_t room, at::TensorOptions options);

    /// Appends tokens [G, T, D] to every list, the first at the given position; a list has its group's. Copies what was
    /// there only when the room is used up; there then is room for `spare` more, or for a quarter of what is there.
    void append(const at::Tensor &keys, const at::Tensor &values, std::int64_t position, std::int64_t spare = 0);
    /// Appends one token to every list, on the host.
    void appendToken(const AttentionInputs &token, const AttentionShape &shape, std::int64_t position);
    /// Makes room behind every list for so many tokens, and then for `spare` more (0: as append()).
    void makeRoom(std::int64_t count, std::int64_t spare = 0);
    /// Lengthens every list by a token whose rows, there is room for them, somebody else writes.
    void noteToken(std::int64_t position);
    /// The lists as kernels read them, made anew where something but noteToken() has changed them.
    [[nodiscard]] RaggedIndex &index();
    [[nodiscard]] const at::Tensor &keys() const { return m_keys; }
    [[nodiscard]] const at::Tensor &values() const { return m_values; }
    /// Drops the token of a position from every list, where it is the last one there.
    void dropFrom(std::int64_t position);
    /// The lists without their last tokens, in buffers of their own.
    [[nodiscard]] RaggedLayer copyWithoutLast(std::int64_t count, std::int64_t room) const;

    [[nodiscard]] std::size_t lists() const noexcept { return m_lists.size(); }
    [[nodiscard]] std::int64_t entryCount() const; ///< in all lists
    [[nodiscard]] std::int64_t length(std::size_t list) const { return std::ssize(m_lists[list].positions); }
    [[nodiscard]] std::int64_t longest() const;
    /// A view, valid until the next append.
    [[nodiscard]] RaggedList list(std::size_t list) const;
    [[nodiscard]] std::vector<RaggedList> views() const;
    /// The lists as decoding reads them, valid until the next append.
    void listsForDecoding(std::vector<DecodeList> &lists) const;

    [[nodiscard]] std::uint64_t usedBytes() const;
    [[nodiscard]] std::uint64_t allocatedBytes() const;
    [[nodiscard]] bool sharesBuffers(const RaggedLayer &other) const { return m_keys.is_same(other.m_keys); }

private:
    struct List
    {
        std::int64_t offset = 0;
        std::vector<std::int32_t> positions;
        std::int64_t compensated = 0;
    };

    /// Belongs to the lists as they are: a copy gets its own.
    struct IndexSlot
    {
        IndexSlot() = default;
        IndexSlot(const IndexSlot & /*other*/) {}
        IndexSlot(IndexSlot &&) = default;
        IndexSlot &operator=(const IndexSlot &other)
        {
            if (this != &other)
                index.reset();
            return *this;
        }
        IndexSlot &operator=(IndexSlot &&) = default;
        ~IndexSlot() = default;
        std::unique_ptr<RaggedIndex> index;
    };

    at::Tensor m_keys, m_values; ///< [Σ (length + room), D]
    std::vector<List> m_lists;
    std::int64_t m_room = 0; ///< tokens that fit behind every list
    IndexSlot m_index;
};

} // namespace headkv
