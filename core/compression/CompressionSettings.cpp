// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/CompressionSettings.h"

#include <algorithm>

namespace headkv {

std::string toString(Granularity granularity) { return granularity == Granularity::KvHead ? "kv-head" : "query-head"; }

std::string toString(Pooling pooling) { return pooling == Pooling::Average ? "avg" : "max"; }

int automaticWindow(std::size_t tokensAfterContext)
{
    return static_cast<int>(std::max<std::size_t>(tokensAfterContext, publishedWindow));
}

} // namespace headkv
