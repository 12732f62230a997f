// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <filesystem>
#include <string_view>

namespace headkv {

/// The tokenizer in a Hugging Face tokenizer.json. Only its BPE model is known, with the normalizers, pre-tokenizers,
/// post-processors and decoders that the supported families use. Memory is in proportion to the file's size.
/// Errors: Input, for a file that cannot be read and, by name, for a component that is not known.
[[nodiscard]] Vocabulary readTokenizerJson(const std::filesystem::path &path);

/// The same from the file's text; `name` stands for the file in errors.
[[nodiscard]] Vocabulary parseTokenizerJson(std::string_view text, const std::string &name);

/// Adds what the folder's tokenizer_config.json and chat_template.jinja say, where they are there: special tokens,
/// whether BOS and EOS are put around a text, the chat template (the one named "default" of several).
/// Errors: Input, for a file that cannot be read.
void readTokenizerConfig(const std::filesystem::path &folder, Vocabulary &vocabulary);

} // namespace headkv
