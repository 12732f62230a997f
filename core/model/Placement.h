// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/CacheDevice.h"

#include <ATen/core/Tensor.h>
#include <string>
#include <vector>

namespace headkv {

class Model;

/// Where a model computes.
struct Placement
{
    std::string name = "cpu";        ///< "cpu", "cuda:0", "cuda:0,1"
    std::vector<at::Device> devices; ///< empty: the host, by its own kernels

    [[nodiscard]] bool isHost() const { return devices.empty(); }
    /// Layers are shared out over the devices in order.
    [[nodiscard]] at::Device deviceOf(int layer, int layers) const;
};

/// What a device's name stands for: auto (CUDA where this build has it and a device is there, else the host), cpu,
/// cuda, cuda:1, cuda:0,1; for tests tensors, or tensors,tensors: the code of accelerators on the CPU. Errors: Usage,
/// for a name that means nothing, for CUDA where this build or machine has none.
[[nodiscard]] Placement placementOf(const std::string &name);

/// Devices for a cache's layers, with scratch space of their own.
[[nodiscard]] LayerDevices makeLayerDevices(const Model &model);

} // namespace headkv
