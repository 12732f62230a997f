// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Placement.h"

#include "core/base/Error.h"
#include "core/cache/KeyValueBuffer.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/cuda/CudaRuntime.h"
#include "core/device/HostDevice.h"
#include "core/device/TensorDevice.h"
#include "core/model/Model.h"
#ifdef HEADKV_CUDA
#include "core/device/CudaDevice.h"
#endif

#include <algorithm>
#include <charconv>
#include <sstream>

namespace headkv {

namespace {

std::vector<std::string> partsOf(const std::string &list)
{
    std::vector<std::string> parts;
    std::istringstream text(list);
    for (std::string part; std::getline(text, part, ',');)
        parts.push_back(part);
    return parts;
}

[[noreturn]] void refuse(const std::string &name, const std::string &why)
{
    throw Error(ErrorKind::Usage, "--device " + name + ": " + why);
}

/// The numbers behind "cuda:".
std::vector<int> numbersOf(const std::string &name, int devices)
{
    std::vector<int> numbers;
    for (const std::string &part : partsOf(name.substr(5))) {
        int number = -1;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error != std::errc() || end != part.data() + part.size() || number < 0)
            refuse(name, "after cuda: come numbers of devices, such as cuda:0 or cuda:0,1");
        if (number >= devices)
            refuse(name, "there is no such device; this machine has " + std::to_string(devices) +
                             (devices == 1 ? ", cuda:0" : ", from cuda:0 on"));
        if (std::ranges::find(numbers, number) != numbers.end())
            refuse(name, "a device is named twice");
        numbers.push_back(number);
    }
    if (numbers.empty())
        refuse(name, "after cuda: come numbers of devices, such as cuda:0 or cuda:0,1");
    return numbers;
}

Placement onCuda(const std::string &name)
{
    if (!cuda::isBuilt())
        refuse(name, "this build has no CUDA; use auto or cpu, or build the cuda preset");
    const int devices = cuda::deviceCount();
    if (devices == 0)
        refuse(name, "no CUDA device was found (" + cuda::problem() + "); use auto or cpu");
    const std::string whole = name == "cuda" ? "cuda:0" : name;
    Placement placement{whole, {}};
    for (const int number : numbersOf(whole, devices))
        placement.devices.emplace_back(at::kCUDA, static_cast<c10::DeviceIndex>(number));
    return placement;
}

} // namespace

at::Device Placement::deviceOf(int layer, int layers) const
{
    const auto index = static_cast<std::size_t>(layer) * devices.size() / static_cast<std::size_t>(layers);
    return devices[index];
}

Placement placementOf(const std::string &name)
{
    if (name == "cpu" || (name == "auto" && (!cuda::isBuilt() || cuda::deviceCount() == 0)))
        return {};
    if (name == "auto")
        return onCuda("cuda");
    if (name == "cuda" || name.starts_with("cuda:"))
        return onCuda(name);
    const std::vector<std::string> parts = partsOf(name);
    if (parts.empty() || !std::ranges::all_of(parts, [](const std::string &part) { return part == "tensors"; }))
        refuse(name, "there is no such device; use auto, cpu, cuda, or cuda: and numbers, such as cuda:0,1");
    return {name, std::vector<at::Device>(parts.size(), at::kCPU)};
}

void requireDevice(const std::string &name) { (void)placementOf(name); }

LayerDevices makeLayerDevices(const Model &model)
{
    const ModelConfig &config = model.config();
    const AttentionShape shape{config.queryHeads, config.kvHeads, config.headDim};
    const Placement &placement = model.placement();
    LayerDevices devices;
    if (placement.isHost()) {
        devices.assign(static_cast<std::size_t>(config.layers),
                       std::make_shared<HostDevice>(shape, model.info().cacheType));
        return devices;
    }
    const at::ScalarType type = scalarType(model.info().cacheType);
    for (int layer = 0; layer < config.layers; ++layer) {
        const at::Device device = placement.deviceOf(layer, config.layers);
        if (!devices.empty() && devices.back()->stored().device() == device)
            devices.push_back(devices.back());
#ifdef HEADKV_CUDA
        else if (device.is_cuda() && CudaDevice::fits(shape, type))
            devices.push_back(std::make_shared<CudaDevice>(shape, device, type, cuda::multiprocessors(device.index())));
#endif
        else
            devices.push_back(std::make_shared<TensorDevice>(shape, device, type));
    }
    return devices;
}

} // namespace headkv
