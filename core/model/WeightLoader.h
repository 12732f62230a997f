// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/Weights.h"

#include <memory>

namespace headkv {

class Checkpoint;

/// Bytes that loading will allocate in the given dtype, known from the headers alone: tensors that can stay shared with
/// their file take none. Errors: as loadWeights.
[[nodiscard]] std::uint64_t allocatedBytes(const Checkpoint &checkpoint, at::ScalarType dtype);

/// Brings a checkpoint's tensors into the model's layout. Reports layers as it goes; cancelled between them. Pages of
/// the file that were converted are given back as it goes.
/// Errors: Input, where a tensor is missing, is not part of the family or has another shape than the configuration says
/// (checked before anything is allocated).
[[nodiscard]] std::unique_ptr<Weights> loadWeights(const Checkpoint &checkpoint, at::ScalarType dtype,
                                                   const JobControl &control);

} // namespace headkv
