// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/StoredTensor.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <utility>

namespace headkv {

namespace {

struct TypeTraits
{
    TensorType type;
    const char *name;
    TensorBlock block;
};

// Block sizes as the parts of a block add up: scales and offsets (half precision or packed), then the quants.
constexpr std::array<TypeTraits, 14> knownTypes{{
    {TensorType::F32, "F32", {1, 4}},
    {TensorType::F16, "F16", {1, 2}},
    {TensorType::BF16, "BF16", {1, 2}},
    {TensorType::Q4_0, "Q4_0", {32, 2 + 16}},
    {TensorType::Q4_1, "Q4_1", {32, 4 + 16}},
    {TensorType::Q5_0, "Q5_0", {32, 2 + 4 + 16}},
    {TensorType::Q5_1, "Q5_1", {32, 4 + 4 + 16}},
    {TensorType::Q8_0, "Q8_0", {32, 2 + 32}},
    {TensorType::Q2_K, "Q2_K", {256, 16 + 64 + 4}},
    {TensorType::Q3_K, "Q3_K", {256, 32 + 64 + 12 + 2}},
    {TensorType::Q4_K, "Q4_K", {256, 4 + 12 + 128}},
    {TensorType::Q5_K, "Q5_K", {256, 4 + 12 + 32 + 128}},
    {TensorType::Q6_K, "Q6_K", {256, 128 + 64 + 16 + 2}},
    {TensorType::IQ4_NL, "IQ4_NL", {32, 2 + 16}},
}};

const TypeTraits *findTraits(std::uint32_t type)
{
    const auto *found =
        std::ranges::find(knownTypes, type, [](const TypeTraits &t) { return static_cast<std::uint32_t>(t.type); });
    return found == knownTypes.end() ? nullptr : found;
}

} // namespace

bool isKnownTensorType(std::uint32_t type) { return findTraits(type) != nullptr; }

std::string knownTensorTypes()
{
    std::string names;
    for (const TypeTraits &traits : knownTypes)
        names += (names.empty() ? "" : ", ") + std::string(traits.name);
    return names;
}

TensorBlock blockOf(TensorType type) { return findTraits(static_cast<std::uint32_t>(type))->block; }

std::optional<std::uint64_t> tensorBytes(TensorType type, std::span<const std::uint64_t> shape)
{
    const TensorBlock block = blockOf(type);
    if (shape.empty() || shape.back() == 0 || shape.back() % block.elements != 0)
        return std::nullopt;
    std::uint64_t bytes = shape.back() / block.elements;
    if (__builtin_mul_overflow(bytes, block.bytes, &bytes))
        return std::nullopt;
    for (const std::uint64_t size : shape.first(shape.size() - 1)) {
        if (size == 0 || __builtin_mul_overflow(bytes, size, &bytes))
            return std::nullopt;
    }
    return bytes;
}

std::uint64_t StoredTensor::elements() const
{
    return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

bool TensorTable::add(StoredTensor tensor)
{
    if (!m_index.emplace(tensor.name, m_tensors.size()).second)
        return false;
    m_tensors.push_back(std::move(tensor));
    return true;
}

const StoredTensor *TensorTable::find(std::string_view name) const
{
    const auto found = m_index.find(std::string(name));
    return found == m_index.end() ? nullptr : &m_tensors[found->second];
}

} // namespace headkv
