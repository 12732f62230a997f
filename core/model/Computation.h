// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/device/RepeatedWork.h"
#include "core/model/HeadId.h"
#include "core/model/TokenRun.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace headkv {

class Model;

/// What runs a model's forward passes where the model is. The residual stream [T, hidden] of the last pass stays there
/// until the next one; logits are computed from it.
class Computation
{
public:
    virtual ~Computation() = default;

    /// One run, layer by layer over all tokens, in chunks. The residual stream is true for the last `outputs` tokens at
    /// least. The output of masked heads is zero.
    virtual void prefill(std::span<const TokenRun> runs, std::span<const HeadId> masked, const JobControl &control,
                         std::int64_t outputs) = 0;
    /// A few tokens, each with its attention by itself.
    virtual void decode(std::span<const TokenRun> runs, std::span<const HeadId> masked, const JobControl &control) = 0;
    /// Logits [count, V] behind tokens of the last pass.
    virtual void readLogits(std::int64_t begin, std::int64_t count, std::vector<float> &logits) = 0;
    /// The residual stream [hidden] behind one.
    virtual void readState(std::int64_t token, std::vector<float> &state) = 0;
    /// Logits [V] of such a state.
    virtual void logitsOfState(std::span<const float> state, std::vector<float> &logits) = 0;
};

[[nodiscard]] std::unique_ptr<Computation> makeHostComputation(const Model &model);
/// Recorder: of decode steps, where the model lies on one device and the cache can repeat them.
[[nodiscard]] std::unique_ptr<Computation> makeDeviceComputation(const Model &model, WorkRecorder recorder);

} // namespace headkv
