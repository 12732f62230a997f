// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/ModelConfig.h"

namespace headkv {

class GgufFile;

/// Reads the configuration from a GGUF file's metadata. Errors: Input: an architecture that is not known (the message
/// lists what is), a missing key, a value out of bounds, a setting that would change the numbers and is not supported.
[[nodiscard]] ModelConfig readGgufConfig(const GgufFile &file);

/// What a vocabulary-only file of any architecture says of its model; what it does not say is 0.
[[nodiscard]] ModelConfig describeGguf(const GgufFile &file);

} // namespace headkv
