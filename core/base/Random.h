// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <random>
#include <span>
#include <utility>

namespace headkv {

/// The same numbers from a seed on every machine. The standard library's distributions are not, hence the functions
/// below.
using Random = std::mt19937_64;

/// 0 … count − 1. The remainder favours small numbers by less than count/2⁶⁴.
[[nodiscard]] inline std::size_t drawBelow(Random &random, std::size_t count)
{
    return static_cast<std::size_t>(random() % count);
}

/// Every order alike (Fisher and Yates).
template <typename Value>
void shuffle(std::span<Value> values, Random &random)
{
    for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[drawBelow(random, i)]);
}

} // namespace headkv
