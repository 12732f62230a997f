// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/Model.h"
#include "core/model/Weights.h"

#include <memory>

namespace headkv {

class Checkpoint;

/// Takes a layer as soon as it is loaded; the host then keeps none of them.
using LayerSink = std::function<void(const LayerWeights &layer)>;

/// "float32", "bfloat16" or "float16".
[[nodiscard]] const char *dtypeName(at::ScalarType dtype);

/// Brings a checkpoint's tensors into the model's layout; those whose type and order are the file's stay in its memory.
/// Linear layers that are held in four bits are taken over as they are where the file's blocks allow, else rounded.
/// Reports layers as it goes; cancelled between them. Pages of the file that were converted are given back.
/// With a sink only the embedding, the output layer and its norm are in what is returned. Errors: Input, where a tensor
/// is missing, is not part of the family or has another shape than the configuration says (checked before anything is
/// allocated); Memory, with the figure, where there is too little of it.
[[nodiscard]] std::unique_ptr<Weights> loadWeights(const Checkpoint &checkpoint, at::ScalarType dtype, WeightForm form,
                                                   const JobControl &control, const LayerSink &sink = {});

} // namespace headkv
