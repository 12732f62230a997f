// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace headkv {

/// How a layer attends, beside causally.
struct AttentionRule
{
    double scale = 0;        ///< of q·k
    std::int64_t window = 0; ///< keys that a query sees, its own among them; 0: all before it
    double softcap = 0;      ///< c·tanh(scores/c); 0: none
};

} // namespace headkv
