// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace headkv {

/// The heads of a layer.
struct AttentionShape
{
    std::int64_t queryHeads = 0; ///< H
    std::int64_t kvHeads = 0;    ///< G; divides H
    std::int64_t dim = 0;        ///< D

    [[nodiscard]] std::int64_t groupSize() const { return queryHeads / kvHeads; }
};

} // namespace headkv
