// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/KeyValueBuffer.h"

#include <cstring>

namespace headkv {

at::ScalarType scalarType(ElementType type)
{
    switch (type) {
    case ElementType::Float32:
        return at::kFloat;
    case ElementType::Float16:
        return at::kHalf;
    case ElementType::BFloat16:
        break;
    }
    return at::kBFloat16;
}

KeyValueBuffer bufferOf(const at::Tensor &keys, const at::Tensor &values, std::int64_t offset, std::int64_t dim)
{
    const auto bytes = offset * static_cast<std::int64_t>(keys.element_size());
    return {static_cast<std::byte *>(keys.data_ptr()) + bytes, static_cast<std::byte *>(values.data_ptr()) + bytes,
            keys.scalar_type() == at::kFloat ? ElementType::Float32 : ElementType::BFloat16, dim};
}

void storeRows(const AttentionInputs &tokens, std::int64_t group, const AttentionShape &shape,
               const KeyValueBuffer &buffer, std::int64_t row)
{
    const auto store = [&](const void *vectors, void *rows, std::int64_t token) {
        const float *vector = static_cast<const float *>(vectors) + (token * shape.kvHeads + group) * shape.dim;
        const std::int64_t target = (row + token) * shape.dim;
        if (buffer.type == ElementType::Float32)
            std::memcpy(static_cast<float *>(rows) + target, vector, shape.dim * sizeof(float));
        else
            kernels().toBFloat16(vector, static_cast<std::uint16_t *>(rows) + target, shape.dim);
    };
    for (std::int64_t token = 0; token < tokens.tokens; ++token) {
        store(tokens.keys, buffer.keys, token);
        store(tokens.values, buffer.values, token);
    }
}

} // namespace headkv
