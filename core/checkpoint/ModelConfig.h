// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// How rotary frequencies are changed for contexts longer than the model was first trained for.
enum class RopeScaling { None, Linear, Dynamic, Llama3, Yarn, LongRope };

/// Rotary position embedding (Su et al. 2021) and its scalings, by transformers' definitions and names.
struct RopeConfig
{
    double theta = 10000;
    int dimensions = 0; ///< of a head that are rotated, even; the rest passes as it is
    RopeScaling scaling = RopeScaling::None;
    double factor = 1;
    int originalContext = 0;                   ///< tokens before the scaling
    double lowFrequencyFactor = 1;             ///< Llama3
    double highFrequencyFactor = 4;            ///< Llama3
    double betaFast = 32;                      ///< Yarn
    double betaSlow = 1;                       ///< Yarn
    bool truncate = true;                      ///< Yarn: whole dimensions bound the ramp
    double attentionFactor = 1;                ///< multiplies sine and cosine
    std::vector<float> divisors, longDivisors; ///< [dimensions/2] of the frequencies; long: above originalContext
};

/// What differs from layer to layer.
struct LayerConfig
{
    int window = 0;     ///< keys that a query sees, its own among them; 0: all before it
    bool rotary = true; ///< whether queries and keys are rotated
};

enum class Activation { Silu, GeluTanh };

/// The shape of a transformer and the constants of its arithmetic.
struct ModelConfig
{
    std::string architecture; ///< the family, e.g. "llama"
    int layers = 0;
    int queryHeads = 0; ///< H
    int kvHeads = 0;    ///< G; divides H
    int headDim = 0;    ///< D, even
    int hiddenSize = 0;
    int feedForwardSize = 0;
    int vocabularySize = 0;
    int contextLength = 0;
    double normEpsilon = 1e-5;
    Activation activation = Activation::Silu;
    double embeddingScale = 1;
    double attentionScale = 0;   ///< of q·k; 1/√D in most families
    double attentionSoftcap = 0; ///< c·tanh(scores/c); 0: none
    double logitSoftcap = 0;     ///< likewise of the logits
    double normOffset = 0;       ///< added to the stored weights of RMSNorm
    bool tiedEmbeddings = false; ///< the output matrix is the embedding, even where the file has one
    bool adjacentPairs = false;  ///< the file stores the rotary pairs of q and k side by side
    RopeConfig rope;
    std::optional<RopeConfig> localRope;   ///< of layers with a window, where they have their own
    std::vector<LayerConfig> layerConfigs; ///< [layers]

    [[nodiscard]] int groupSize() const { return queryHeads / kvHeads; }
};

/// The upper bound of sizes in a configuration: far above any real model, and products stay inside 64 bits.
constexpr int maxConfigSize = 1 << 24;

/// Completes a configuration that a file gave (attention scale, rotated dimensions, layers) and checks it. Returns the
/// reason why it cannot be; nothing where it can.
[[nodiscard]] std::optional<std::string> complete(ModelConfig &config);

} // namespace headkv
