// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace headkv {

class GgufFile;

/// The shape of a transformer and the constants of its arithmetic.
struct ModelConfig
{
    std::string architecture;
    int layers = 0;
    int queryHeads = 0; ///< H
    int kvHeads = 0;    ///< G; divides H
    int headDim = 0;    ///< D, even
    int hiddenSize = 0;
    int feedForwardSize = 0;
    int vocabularySize = 0;
    int contextLength = 0;
    double normEpsilon = 1e-5;
    double ropeTheta = 10000;

    [[nodiscard]] int groupSize() const { return queryHeads / kvHeads; }
};

/// Reads the configuration from a file's metadata. Errors: Input: an architecture that is not known (the message lists
/// what is), a missing key, a value out of bounds, a setting that would change the numbers and is not supported.
[[nodiscard]] ModelConfig readModelConfig(const GgufFile &file);

} // namespace headkv
