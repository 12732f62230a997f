// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionSettings.h"

#include <cstdint>
#include <vector>

namespace headkv {

/// Which tokens each list of a cache holds.
struct CacheContents
{
    Granularity granularity = Granularity::QueryHead;
    int layers = 0, lists = 0;
    std::vector<std::int64_t> lengths;                ///< [layers·lists] entries, a compensation token among them
    std::vector<std::vector<std::int32_t>> positions; ///< [layers·lists], rising, without it

    bool operator==(const CacheContents &) const = default;
};

} // namespace headkv
