// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace at {
class Tensor;
}

namespace headkv {

/// Keys and values of every token, the same for all heads: FullKV. One buffer a layer for each, [G, capacity, D]; grows
/// by doubling. Dropping the last tokens is free, which is what prefix reuse stands on.
class DenseCache
{
public:
    explicit DenseCache(int layers);
    ~DenseCache();
    DenseCache(DenseCache &&) noexcept;
    DenseCache &operator=(DenseCache &&) noexcept;

    /// Tokens held by every layer.
    [[nodiscard]] std::size_t length() const noexcept { return m_length; }
    /// Keeps the first tokens, and drops what was appended since the last commit. Needs length <= length().
    void truncate(std::size_t length);
    /// Makes room for tokens in all, so that appending up to there moves nothing.
    void reserve(std::size_t tokens) noexcept { m_reserved = tokens; }
    /// Bytes of the tokens held, keys and values of all layers; and of the buffers.
    [[nodiscard]] std::uint64_t usedBytes() const;
    [[nodiscard]] std::uint64_t allocatedBytes() const;

    /// Stores a layer's new keys and values, [G, T, D] each, after those that the layer has.
    void append(int layer, const at::Tensor &keys, const at::Tensor &values);
    /// Counts what was appended, once every layer has it: until then truncate(length()) takes it back.
    void commit();
    /// What the layer has, [G, tokens, D], appended tokens included: views, valid until the next append.
    [[nodiscard]] at::Tensor keys(int layer) const;
    [[nodiscard]] at::Tensor values(int layer) const;

private:
    struct LayerBuffers;
    std::vector<LayerBuffers> m_layers;
    std::size_t m_length = 0;
    std::size_t m_reserved = 0;
};

} // namespace headkv
