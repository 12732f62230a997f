// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace at {
class Tensor;
}

namespace headkv {

/// Keys and values of every token, the same for all heads: FullKV. One buffer a layer for each, [G, capacity, D]; grows by
/// doubling. Dropping the last tokens is free, which is what prefix reuse stands on.
class DenseCache
{
public:
    explicit DenseCache(int layers);
    ~DenseCache();
    DenseCache(DenseCache &&) noexcept;
    DenseCache &operator=(DenseCache &&) noexcept;

    [[nodiscard]] std::size_t length() const noexcept { return m_length; } ///< tokens held by every layer
    /// Keeps the first tokens. Needs length <= length().
    void truncate(std::size_t length);
    [[nodiscard]] std::size_t usedBytes() const;
    [[nodiscard]] std::size_t allocatedBytes() const;

    /// Makes room for `count` more tokens in all.
    void reserve(std::size_t tokens);
    /// Stores a layer's new keys and values, [G, T, D] each, after the tokens that are there. The tokens count only once commit()
    /// is called, after the last layer: a cancelled forward pass leaves the cache as it was.
    void append(int layer, const at::Tensor &keys, const at::Tensor &values);
    void commit(std::size_t tokens);
    /// The layer's keys (values), [G, tokens, D]: a view.
    [[nodiscard]] at::Tensor keys(int layer, std::size_t tokens) const;
    [[nodiscard]] at::Tensor values(int layer, std::size_t tokens) const;

private:
    struct LayerBuffers;
    std::vector<LayerBuffers> m_layers;
    std::size_t m_length = 0;
    std::size_t m_reserved = 0;
};

} // namespace headkv
