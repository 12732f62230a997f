// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/ModelConfig.h"

#include <string>
#include <string_view>

namespace headkv {

/// Which layers see a window only, where the file does not list them.
enum class WindowPattern {
    None,        ///< the family has no windows
    Every,       ///< all layers
    FromLayer,   ///< those from max_window_layers on, where use_sliding_window says so
    WithoutRope, ///< those without rotary embedding, where use_sliding_window says so
    AllButNth    ///< all but each windowInterval-th (or what the file says)
};

/// What sets a family of models apart from Llama: a table, not code. What a file shows by itself (biases, norms of
/// queries and keys, fused matrices, norms after a block) is not listed.
struct Family
{
    const char *name;             ///< Hugging Face's model_type
    const char *ggufArchitecture; ///< GGUF's general.architecture
    bool adjacentPairsInGguf;     ///< GGUF stores rotary pairs side by side
    WindowPattern window;
    int windowInterval; ///< of AllButNth
    int noRopeInterval; ///< each n-th layer has no rotary embedding; 0: all have
    Activation activation;
    bool scalesEmbedding; ///< by √hidden
    double normOffset;    ///< Hugging Face files store RMSNorm weights less this
};

/// Null: not known.
[[nodiscard]] const Family *findFamily(std::string_view modelType);
[[nodiscard]] const Family *findFamilyOfGguf(std::string_view architecture);
/// "gemma3_text, llama, …", for messages.
[[nodiscard]] std::string knownFamilies();
[[nodiscard]] std::string knownGgufArchitectures();

} // namespace headkv
