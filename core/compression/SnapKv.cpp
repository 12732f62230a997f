// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"

namespace headkv {

namespace {

/// The tokens that the last queries attend to, as many for each list (Li et al. 2024).
class SnapKv : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;
};

} // namespace

MethodInfo snapKv()
{
    return {.id = "snapkv",
            .name = "SnapKV",
            .summary = "Keeps the tokens that the window's queries attend to most, as many for each head.",
            .make = makeMethod<SnapKv>};
}

} // namespace headkv
