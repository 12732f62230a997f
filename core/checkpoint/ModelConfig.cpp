// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/ModelConfig.h"

#include <cmath>

namespace headkv {

namespace {

std::optional<std::string> checkRope(const RopeConfig &rope, int headDim)
{
    if (rope.dimensions < 2 || rope.dimensions % 2 != 0 || rope.dimensions > headDim)
        return std::to_string(rope.dimensions) + " of " + std::to_string(headDim) +
               " dimensions of a head cannot be rotated; an even number of at most the head dimension can";
    for (const auto *divisors : {&rope.divisors, &rope.longDivisors}) {
        if (!divisors->empty() && divisors->size() != static_cast<std::size_t>(rope.dimensions) / 2)
            return std::to_string(divisors->size()) + " RoPE factors for " + std::to_string(rope.dimensions) +
                   " rotated dimensions; one for each pair is expected";
    }
    const bool needsContext = rope.scaling != RopeScaling::None && rope.scaling != RopeScaling::Linear;
    if (needsContext && rope.originalContext < 1)
        return "the RoPE scaling does not say the context it extends";
    if (!(rope.factor > 0) || !(rope.theta > 0))
        return "the RoPE base and factor must be above 0";
    return std::nullopt;
}

} // namespace

std::optional<std::string> complete(ModelConfig &config)
{
    if (config.queryHeads % config.kvHeads != 0)
        return std::to_string(config.queryHeads) + " query heads cannot be shared among " +
               std::to_string(config.kvHeads) + " KV heads";
    for (RopeConfig *rope : {&config.rope, config.localRope ? &*config.localRope : nullptr}) {
        if (!rope)
            continue;
        if (rope->dimensions == 0)
            rope->dimensions = config.headDim;
        if (auto problem = checkRope(*rope, config.headDim))
            return problem;
    }
    if (config.attentionScale == 0)
        config.attentionScale = 1 / std::sqrt(static_cast<double>(config.headDim));
    config.layerConfigs.resize(static_cast<std::size_t>(config.layers));
    return std::nullopt;
}

} // namespace headkv
