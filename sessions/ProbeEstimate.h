// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace headkv {

/// What a probe will cost, before it starts.
struct ProbeEstimate
{
    std::size_t cases = 0;
    std::size_t prefillTokens = 0; ///< with prefix reuse
    std::size_t decodeTokens = 0;  ///< at most
    double seconds = 0;
    bool measured = false; ///< from a rate that was measured in this session; else a rule of thumb
};

} // namespace headkv
