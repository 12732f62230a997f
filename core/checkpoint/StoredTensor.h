// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/MappedFile.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headkv {

/// Element types of stored tensors that are read; the values are GGUF's.
enum class TensorType : std::uint32_t {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    IQ4_NL = 20,
    BF16 = 30
};

[[nodiscard]] bool isKnownTensorType(std::uint32_t type);
/// "F32, F16, …", for messages.
[[nodiscard]] std::string knownTensorTypes();
/// Elements and bytes of one block of a type; a plain number is a block of one element.
struct TensorBlock
{
    std::uint64_t elements = 1;
    std::uint64_t bytes = 1;
};
[[nodiscard]] TensorBlock blockOf(TensorType type);
/// Bytes of a tensor in its file; nothing where the shape overflows or its rows are not whole blocks.
[[nodiscard]] std::optional<std::uint64_t> tensorBytes(TensorType type, std::span<const std::uint64_t> shape);

/// A tensor as it lies in a file. Shape outermost first, e.g. [out, in].
struct StoredTensor
{
    std::string name;
    std::vector<std::uint64_t> shape;
    TensorType type = TensorType::F32;
    std::span<const std::byte> data;
    std::shared_ptr<const MappedFile> file; ///< that data lie in

    [[nodiscard]] std::uint64_t elements() const;
};

/// Tensors in the order they were added, found by name.
class TensorTable
{
public:
    /// False: there is one of this name, and nothing was added.
    [[nodiscard]] bool add(StoredTensor tensor);
    /// Null: there is none of this name.
    [[nodiscard]] const StoredTensor *find(std::string_view name) const;
    [[nodiscard]] const std::vector<StoredTensor> &all() const noexcept { return m_tensors; }

private:
    std::vector<StoredTensor> m_tensors;
    std::unordered_map<std::string, std::size_t> m_index;
};

} // namespace headkv
