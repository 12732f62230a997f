// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/DeviceMemory.h"

#include "core/base/Error.h"
#include "core/base/Memory.h"
#include "core/cuda/CudaRuntime.h"
#include "core/model/Model.h"
#include "core/model/Placement.h"

#include <algorithm>
#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/Exception.h>
#include <string>

namespace headkv {

namespace {

/// Calls work(allocator, index) for each CUDA device of the model.
template <typename Work>
void forDevices(const Model &model, Work work)
{
    for (const at::Device &device : model.placement().devices) {
        if (device.is_cuda())
            work(*c10::getDeviceAllocator(device.type()), device.index());
    }
}

constexpr auto aggregate = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);

[[noreturn]] void throwOutOfMemory(const Model &model)
{
    const std::uint64_t held = deviceMemory(model).current, weights = std::min(model.info().weightBytes, held);
    std::uint64_t total = 0;
    forDevices(model, [&](c10::DeviceAllocator &, c10::DeviceIndex index) { total += cuda::memoryInfo(index).total; });
    forDevices(model, [](c10::DeviceAllocator &allocator, c10::DeviceIndex) { allocator.emptyCache(); });
    throw Error(ErrorKind::Memory,
                model.placement().name + " has no memory left: of " + gibibytes(total) + " this program held " +
                    gibibytes(held) + ", " + gibibytes(weights) +
                    " of it weights; shorten the prompt, use a smaller budget, or --granularity kv-head");
}

} // namespace

std::string firstLineOf(const std::string &message) { return message.substr(0, message.find('\n')); }

DeviceMemory deviceMemory(const Model &model)
{
    DeviceMemory memory;
    forDevices(model, [&](c10::DeviceAllocator &allocator, c10::DeviceIndex index) {
        const auto stats = allocator.getDeviceStats(index);
        memory.current += static_cast<std::uint64_t>(stats.allocated_bytes[aggregate].current);
        memory.peak += static_cast<std::uint64_t>(stats.allocated_bytes[aggregate].peak);
    });
    return memory;
}

std::uint64_t freeDeviceBytes(const Model &model)
{
    std::uint64_t free = 0;
    forDevices(model, [&](c10::DeviceAllocator &allocator, c10::DeviceIndex index) {
        const auto stats = allocator.getDeviceStats(index); // what it holds and does not use is free, too
        const auto cached = stats.reserved_bytes[aggregate].current - stats.allocated_bytes[aggregate].current;
        free += cuda::memoryInfo(index).free + static_cast<std::uint64_t>(cached);
    });
    return free;
}

void resetDevicePeak(const Model &model)
{
    forDevices(model, [](c10::DeviceAllocator &allocator, c10::DeviceIndex index) { allocator.resetPeakStats(index); });
}

void onDevices(const Model &model, const std::function<void()> &work)
{
    try {
        work();
    } catch (const c10::OutOfMemoryError &) {
        throwOutOfMemory(model);
    } catch (const c10::Error &error) {
        throw Error(ErrorKind::Failed, model.placement().name + ": " + firstLineOf(error.what_without_backtrace()) +
                                           "; use --device cpu, and report this");
    }
}

} // namespace headkv
