// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace headkv {

/// A model of any size with random weights in bfloat16, in the layout of a Hugging Face folder: what arithmetic and
/// speed are tried with where no real model is at hand.
struct RandomModel
{
    int layers = 3, hidden = 256, heads = 8, kvHeads = 2, headDim = 64, feedForward = 512, vocabulary = 500;
    int context = 4096;
    int window = 0; ///< of all layers; 0: none
    double ropeTheta = 10000;

    /// Writes config.json and model.safetensors. The same shape and seed give the same weights.
    void write(const std::filesystem::path &folder, std::uint64_t seed) const;
};

} // namespace headkv
