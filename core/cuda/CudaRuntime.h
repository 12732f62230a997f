// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

// What a machine has of CUDA. In a build without it there is nothing.
namespace headkv::cuda {

[[nodiscard]] bool isBuilt();
[[nodiscard]] int deviceCount();
/// Why there is no device, in CUDA's words.
[[nodiscard]] std::string problem();
[[nodiscard]] int multiprocessors(int device);
[[nodiscard]] std::string deviceName(int device);

struct MemoryInfo
{
    std::uint64_t free = 0, total = 0;
};
[[nodiscard]] MemoryInfo memoryInfo(int device);

/// Brings LibTorch's CUDA operators and NVIDIA's libraries into the process, which takes seconds: a program that
/// computes on the CPU does without. Errors: Failed, where one is missing.
void loadLibraries();

} // namespace headkv::cuda
