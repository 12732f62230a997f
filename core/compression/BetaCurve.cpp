// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/BetaCurve.h"

#include "core/compression/CompressionMethod.h"

namespace headkv {

std::vector<BetaPoint> betaCurve(const HeadShape &shape, const CompressionSettings &settings)
{
    constexpr std::array betas{1.005, 1.01, 1.02, 1.05, 1.1, 1.2, 1.35, 1.5,  1.75,
                               2.0,   2.5,  3.0,  4.0,  5.0, 7.0, 10.0, 14.0, 20.0};
    std::vector<BetaPoint> curve;
    for (const double beta : betas) {
        CompressionSettings at = settings;
        at.method = "headkv";
        at.redistribute = false;
        at.beta = beta;
        curve.push_back({beta, concentration(makeCompressionMethod(shape, at)->allocate(std::nullopt))});
    }
    return curve;
}

} // namespace headkv
