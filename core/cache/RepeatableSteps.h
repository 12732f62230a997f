// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace headkv {

struct AttentionInputs;
struct AttentionRule;

/// Decode steps of a cache that look the same to its device each time, but for what lies in the device's memory: for
/// RepeatedWork. A step is prepare(), enqueue() for each layer, or a replay of what that told the device, and note().
/// The cache's commit() or rollback() ends it, as any pass.
class RepeatableSteps
{
public:
    /// Readies all layers for a token: room, and on the device the lists' lengths and the token's position. What a
    /// replay is bound to: where it differs from the last step's, buffers have moved.
    [[nodiscard]] virtual std::vector<std::uint64_t> prepare() = 0;
    /// Appends the token to a layer and attends; writes [H·D]. Only tells the device.
    virtual void enqueue(int layer, const AttentionInputs &token, const AttentionRule &rule, void *output) = 0;
    /// All layers have the token.
    virtual void note() = 0;

protected:
    RepeatableSteps() = default;
    RepeatableSteps(const RepeatableSteps &) = default;
    RepeatableSteps &operator=(const RepeatableSteps &) = default;
    ~RepeatableSteps() = default;
};

} // namespace headkv
