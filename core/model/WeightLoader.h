// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/Weights.h"

#include <memory>

namespace headkv {

class GgufFile;
struct ModelConfig;

/// Bytes that the weights will take in memory in the given dtype, known from the header alone. Errors: as loadWeights.
[[nodiscard]] std::uint64_t weightBytes(const GgufFile &file, const ModelConfig &config, at::ScalarType dtype);

/// Dequantises a file's tensors into the model's layout. Reports tensors as it goes; cancelled between tensors.
/// Errors: Input, where a tensor is missing or has another shape than the configuration says (checked before anything
/// is allocated).
[[nodiscard]] std::unique_ptr<Weights> loadWeights(const GgufFile &file, const ModelConfig &config,
                                                   at::ScalarType dtype, const JobControl &control);

} // namespace headkv
