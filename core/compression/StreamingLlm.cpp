// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"

namespace headkv {

namespace {

/// The first tokens, which attention drains into, and the last (Xiao et al. 2024).
class StreamingLlm : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;
    [[nodiscard]] TokenScoring scoring() const override { return TokenScoring::Place; }
    [[nodiscard]] KeptTokens select(const LayerCandidates &candidates, std::size_t list,
                                    std::int64_t capacity) const override
    {
        return sinksAndRecents(candidates.counts[list], capacity + window());
    }
};

} // namespace

MethodInfo streamingLlm()
{
    return {.id = "streaming",
            .name = "StreamingLLM",
            .summary = "Keeps the first tokens and the last.",
            .hasWindow = false,
            .hasSinks = true,
            .make = makeMethod<StreamingLlm>};
}

} // namespace headkv
