// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/RaggedLayer.h"

#include "core/cache/KeyValueBuffer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <atomic>

namespace headkv {

RaggedLayer::RaggedLayer(std::vector<Entries> lists, std::int64_t room, at::TensorOptions options)
    : m_room(room)
{
    std::int64_t total = 0;
    for (const Entries &entries : lists)
        total += std::ssize(entries.positions) + room;
    const std::int64_t dim = lists.front().keys.size(1);
    m_keys = at::empty({total, dim}, options);
    m_values = at::empty({total, dim}, options);
    std::int64_t offset = 0;
    for (Entries &entries : lists) {
        const std::int64_t length = std::ssize(entries.positions);
        m_keys.narrow(0, offset, length).copy_(entries.keys);
        m_values.narrow(0, offset, length).copy_(entries.values);
        m_lists.push_back({offset, std::move(entries.positions), entries.compensated});
        offset += length + room;
    }
}

RaggedLayer::RaggedLayer(std::size_t lists, std::int64_t dim, std::int64_t room, at::TensorOptions options)
    : RaggedLayer(std::vector<Entries>(lists, {at::empty({0, dim}, options), at::empty({0, dim}, options), {}, 0}),
                  room, options)
{}

void RaggedLayer::append(const at::Tensor &keys, const at::Tensor &values, std::int64_t position, std::int64_t spare)
{
    const std::int64_t count = keys.size(1);
    makeRoom(count, spare);
    const std::size_t listsPerGroup = m_lists.size() / static_cast<std::size_t>(keys.size(0));
    for (std::size_t i = 0; i < m_lists.size(); ++i) {
        const auto group = static_cast<std::int64_t>(i / listsPerGroup);
        const std::int64_t end = m_lists[i].offset + length(i);
        m_keys.narrow(0, end, count).copy_(keys.select(0, group));
        m_values.narrow(0, end, count).copy_(values.select(0, group));
        for (std::int64_t t = 0; t < count; ++t)
            m_lists[i].positions.push_back(static_cast<std::int32_t>(position + t));
    }
    m_room -= count;
    m_index.index.reset();
}

void RaggedLayer::makeRoom(std::int64_t count, std::int64_t spare)
{
    constexpr std::int64_t leastRoom = 64;
    if (count > m_room)
        *this = copyWithoutLast(
            0, count + (spare > 0 ? spare : std::max(entryCount() / std::ssize(m_lists) / 4, leastRoom)));
}

void RaggedLayer::appendToken(const AttentionInputs &token, const AttentionShape &shape, std::int64_t position)
{
    makeRoom(1);
    const auto listsPerGroup = std::ssize(m_lists) / shape.kvHeads;
    for (std::int64_t i = 0; i < std::ssize(m_lists); ++i) {
        const List &list = m_lists[i];
        storeRows(token, i / listsPerGroup, shape, bufferOf(m_keys, m_values, list.offset * shape.dim, shape.dim),
                  std::ssize(list.positions));
    }
    noteToken(position);
}

void RaggedLayer::noteToken(std::int64_t position)
{
    for (List &list : m_lists)
        list.positions.push_back(static_cast<std::int32_t>(position));
    --m_room;
}

RaggedIndex &RaggedLayer::index()
{
    if (m_index.index)
        return *m_index.index;
    std::vector<std::int64_t> offsets;
    std::vector<std::int32_t> lengths, compensated, positions(static_cast<std::size_t>(m_keys.size(0)), -1);
    for (const List &list : m_lists) {
        offsets.push_back(list.offset);
        lengths.push_back(static_cast<std::int32_t>(list.positions.size()));
        compensated.push_back(static_cast<std::int32_t>(list.compensated));
        std::ranges::copy(list.positions, positions.begin() + list.offset);
    }
    offsets.push_back(m_keys.size(0));
    const auto there = [this](const at::Tensor &tensor) { return tensor.to(m_keys.device()); };
    const bool compensates = std::ranges::any_of(compensated, [](std::int32_t tokens) { return tokens > 0; });
    static std::atomic<std::uint64_t> indices = 0;
    m_index.index = std::make_unique<RaggedIndex>(RaggedIndex{
        ++indices, there(at::tensor(offsets, at::kLong)), there(at::tensor(lengths, at::kInt)),
        there(at::tensor(positions, at::kInt)), compensates ? there(at::tensor(compensated, at::kInt)) : at::Tensor()});
    return *m_index.index;
}

void RaggedLayer::listsForDecoding(std::vector<DecodeList> &lists) const
{
    const std::int64_t dim = m_keys.size(1);
    lists.clear();
    for (const List &list : m_lists)
        lists.push_back({bufferOf(m_keys, m_values, list.offset * dim, dim).rows(), std::ssize(list.positions),
                         list.positions, list.compensated});
}

void RaggedLayer::dropFrom(std::int64_t position)
{
    bool isThere = false;
    for (List &list : m_lists) {
        if (list.positions.empty() || list.positions.back() != position)
            continue;
        list.positions.pop_back();
        isThere = true;
    }
    m_room += isThere ? 1 : 0;
    m_index.index.reset();
}

std::int64_t RaggedLayer::entryCount() const
{
    std::int64_t entries = 0;
    for (std::size_t i = 0; i < m_lists.size(); ++i)
        entries += length(i);
    return entries;
}

std::int64_t RaggedLayer::longest() const
{
    std::int64_t longest = 0;
    for (std::size_t i = 0; i < m_lists.size(); ++i)
        longest = std::max(longest, length(i));
    return longest;
}

RaggedList RaggedLayer::list(std::size_t list) const
{
    const List &item = m_lists[list];
    return {m_keys.narrow(0, item.offset, length(list)), m_values.narrow(0, item.offset, length(list)), item.positions,
            item.compensated};
}

std::vector<RaggedList> RaggedLayer::views() const
{
    std::vector<RaggedList> views;
    for (std::size_t i = 0; i < m_lists.size(); ++i)
        views.push_back(list(i));
    return views;
}

std::uint64_t RaggedLayer::usedBytes() const
{
    if (m_lists.empty())
        return 0;
    return 2 * static_cast<std::uint64_t>(entryCount() * m_keys.size(1)) * m_keys.element_size();
}

std::uint64_t RaggedLayer::allocatedBytes() const { return m_lists.empty() ? 0 : m_keys.nbytes() + m_values.nbytes(); }

RaggedLayer RaggedLayer::copyWithoutLast(std::int64_t count, std::int64_t room) const
{
    std::vector<Entries> lists;
    for (std::size_t i = 0; i < m_lists.size(); ++i) {
        const RaggedList view = list(i);
        const std::int64_t left = length(i) - count;
        lists.push_back({view.keys.narrow(0, 0, left),
                         view.values.narrow(0, 0, left),
                         {view.positions.begin(), view.positions.begin() + left},
                         view.compensated});
    }
    return {std::move(lists), room, m_keys.options()};
}

} // namespace headkv
