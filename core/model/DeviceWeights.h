// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Weights.h"

namespace headkv {

struct Placement;

/// A dense matrix [out, in] and its bias [out] (undefined: none) on a device, in the model's dtype.
struct DeviceLinear
{
    at::Tensor weight, bias;

    /// Of rows [T, in]: [T, out].
    [[nodiscard]] at::Tensor operator()(const at::Tensor &rows) const;
};

/// One layer's weights on its device; as LayerWeights, but that matrices with the same inputs are one.
struct DeviceLayer
{
    at::Tensor attentionNorm, queryNorm, keyNorm, postAttentionNorm, feedForwardNorm, postFeedForwardNorm; ///< float32
    DeviceLinear queryKeyValue;         ///< [(H + 2G)·D, hidden]
    DeviceLinear attentionOutput, down; ///< [hidden, H·D], [hidden, feedForward]
    DeviceLinear gateUp;                ///< [2·feedForward, hidden]

    [[nodiscard]] at::Device device() const { return attentionNorm.device(); }
};

/// A model's weights on its devices. The embedding stays in the file.
struct DeviceWeights
{
    std::vector<DeviceLayer> layers;
    at::Tensor outputNorm; ///< on the last layer's device, as the output
    DeviceLinear output;
};

/// Copies what was loaded to a device.
[[nodiscard]] DeviceLayer toDevice(const LayerWeights &layer, at::Device device);
[[nodiscard]] DeviceLinear toDevice(const Linear &linear, at::Device device);
/// Of all tensors, on all devices.
[[nodiscard]] std::uint64_t bytesOf(const DeviceWeights &weights);

} // namespace headkv
