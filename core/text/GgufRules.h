// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

namespace headkv {

/// GPT-2's split (Radford et al. 2019), which byte-level tokenizers use unless told otherwise.
extern const char *const gpt2Split;
/// One number character as tokenizers' Digits finds it: by Rust's tables, which are of Unicode 17.
extern const char *const digitSplit;

/// Fills in what `model` and `pre`, the names that a GGUF file gives its tokenizer, stand for.
/// Errors: Input, for a name that is not known (the message lists those that are).
void applyGgufRules(Vocabulary &vocabulary);

} // namespace headkv
