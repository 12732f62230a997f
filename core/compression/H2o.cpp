// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"

namespace headkv {

namespace {

/// Heavy hitters: the tokens that the whole prompt attended to most (Zhang et al. 2023).
class H2o : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;
    [[nodiscard]] TokenScoring scoring() const override { return TokenScoring::ColumnSums; }
};

} // namespace

MethodInfo h2o()
{
    return {.id = "h2o",
            .name = "H2O",
            .summary = "Keeps the tokens that all queries of the prompt attended to most.",
            .make = makeMethod<H2o>};
}

} // namespace headkv
