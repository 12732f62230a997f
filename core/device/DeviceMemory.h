// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace headkv {

class Model;

/// Bytes that this process holds on a model's devices; all 0 on the CPU.
struct DeviceMemory
{
    std::uint64_t current = 0;
    std::uint64_t peak = 0; ///< since resetDevicePeak(); of several devices, of each by itself
};

[[nodiscard]] DeviceMemory deviceMemory(const Model &model);
void resetDevicePeak(const Model &model);
/// What its devices could still hand out.
[[nodiscard]] std::uint64_t freeDeviceBytes(const Model &model);

/// What of a message of LibTorch says what happened: they go on for pages.
[[nodiscard]] std::string firstLineOf(const std::string &message);
/// Runs what computes on a model's devices. Their errors become the project's: Memory, with the figures, where a device
/// has no memory left (what had been asked for is given back); Failed for everything else that LibTorch throws.
void onDevices(const Model &model, const std::function<void()> &work);

} // namespace headkv
