// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/ModelConfig.h"

#include <filesystem>

namespace headkv {

/// Reads a model's config.json, with the defaults of transformers where it leaves something out.
/// Errors: Input: a model_type that is not known (the message lists what is), a missing key, a value out of bounds, a
/// setting that would change the numbers and is not supported.
[[nodiscard]] ModelConfig readHuggingFaceConfig(const std::filesystem::path &path);

} // namespace headkv
