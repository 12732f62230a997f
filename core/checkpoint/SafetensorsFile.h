// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/StoredTensor.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace headkv {

/// The tensors of a safetensors file, memory-mapped; element types F32, F16 and BF16 (buffers of whole numbers and
/// booleans are left out). The header and each tensor's place are checked against the file first.
/// Errors: Input, with what is wrong; a header above 4 MiB (tens of thousands of tensors) is refused.
[[nodiscard]] std::vector<StoredTensor> readSafetensors(const std::filesystem::path &path);

} // namespace headkv
