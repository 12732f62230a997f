// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace headkv {

/// Sees the attention of decode steps, layer by layer, without changing the forward pass.
class AttentionObserver
{
public:
    virtual ~AttentionObserver() = default;
    /// One layer's attention rows of the token just fed: probabilities [H, keys] in float32, row h at offset h·keys;
    /// a key is a position, and one that a cache dropped has probability 0. The span is valid during the call only.
    virtual void observe(int layer, std::span<const float> probabilities, std::size_t keys) = 0;
};

} // namespace headkv
