// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace headkv {

/// How one user turn is wrapped for a model: the texts before and after the user's words. Special tokens are spelled
/// out in them and are read with Tokenizer::encodePart. A chat template of the ChatML family is recognised, with its
/// default system prompt; without a template both texts are empty (a base model reads plain text).
struct ChatFormat
{
    std::string name = "plain"; ///< "chatml" or "plain"
    std::string prefix;         ///< e.g. "<|im_start|>system\n…<|im_end|>\n<|im_start|>user\n"
    std::string suffix;         ///< e.g. "<|im_end|>\n<|im_start|>assistant\n"

    /// The format of a model's Jinja chat template.
    [[nodiscard]] static ChatFormat fromTemplate(std::string_view chatTemplate);
};

} // namespace headkv
