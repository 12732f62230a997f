// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <optional>

namespace headkv {

class GgufFile;

/// The tokenizer's data in a GGUF file's metadata; nothing where the file carries none.
/// Errors: Input, for values of the wrong kind or ids outside 32 bits.
[[nodiscard]] std::optional<Vocabulary> readGgufVocabulary(const GgufFile &file);

} // namespace headkv
