// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <nlohmann/json_fwd.hpp>

namespace headkv {

/// The components of tokenizer.json beside the model, each read into the vocabulary; null reads as none.
/// Errors: Input for a component that is not known; nlohmann's own exceptions for one of another shape than expected.
void readNormalizer(const nlohmann::json &component, Vocabulary &vocabulary);
void readPreTokenizer(const nlohmann::json &component, Vocabulary &vocabulary);
void readPostProcessor(const nlohmann::json &component, Vocabulary &vocabulary);
void readDecoder(const nlohmann::json &component, Vocabulary &vocabulary);

} // namespace headkv
