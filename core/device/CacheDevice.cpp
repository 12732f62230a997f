// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/CacheDevice.h"

#include <ATen/ops/from_blob.h>
#include <c10/util/Exception.h>

namespace headkv {

at::Tensor CacheDevice::byHead(const void *vectors, std::int64_t tokens, std::int64_t heads) const
{
    return at::for_blob(const_cast<void *>(vectors), {tokens, heads, m_shape.dim})
        .options(m_vectors)
        .target_device(m_vectors.device())
        .make_tensor()
        .transpose(0, 1);
}

std::uint64_t CacheDevice::prepareToken(RaggedLayer & /*layer*/, std::int64_t /*position*/)
{
    TORCH_CHECK(false, "a device that does not repeat steps was asked to");
}

void CacheDevice::enqueueToken(const AttentionInputs & /*token*/, RaggedLayer & /*layer*/,
                               const AttentionRule & /*rule*/, void * /*output*/)
{
    TORCH_CHECK(false, "a device that does not repeat steps was asked to");
}

at::Tensor CacheDevice::windowScores(const at::Tensor & /*queries*/, const at::Tensor & /*keys*/,
                                     std::int64_t /*lists*/, const AttentionRule & /*rule*/,
                                     const CompressionSettings & /*settings*/)
{
    return {};
}

std::optional<std::vector<KeptTokens>> CacheDevice::keepHighest(const at::Tensor & /*scores*/,
                                                                std::span<const std::int64_t> /*counts*/,
                                                                std::span<const std::int64_t> /*capacities*/,
                                                                std::int64_t /*window*/)
{
    return std::nullopt;
}

std::optional<std::vector<std::int64_t>> CacheDevice::highestByList(const at::Tensor & /*scores*/,
                                                                    std::span<const std::int64_t> /*counts*/,
                                                                    std::int64_t /*places*/, std::int64_t /*window*/)
{
    return std::nullopt;
}

} // namespace headkv
