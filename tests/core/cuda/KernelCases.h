// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/CudaKernels.h"

#include <functional>
#include <string>
#include <vector>

namespace headkv::cuda {

/// Where kernels run: a CUDA device, or the host's emulation of one.
class Machine
{
public:
    Machine() = default;
    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;
    virtual ~Machine() = default;

    virtual void *allocate(std::size_t bytes) = 0; ///< until clear()
    virtual void write(void *device, const void *host, std::size_t bytes) = 0;
    virtual void read(void *host, const void *device, std::size_t bytes) = 0; ///< after all that was enqueued
    /// What the calls enqueue, as something to run again and again: a captured graph, where there are graphs.
    virtual std::function<void()> capture(const std::function<void()> &calls) = 0;
    virtual void clear() = 0;
    [[nodiscard]] virtual Stream stream() const = 0;
    [[nodiscard]] virtual int multiprocessors() const = 0;
    [[nodiscard]] virtual bool isEmulated() const = 0; ///< so slow that cases are to be small
};

/// A comparison of kernels with plain sums in double; `run` says what is wrong, or nothing.
struct KernelCase
{
    std::string name;
    std::function<std::string(Machine &)> run;
};

/// small: what is quick enough for a tool that watches each access.
[[nodiscard]] std::vector<KernelCase> decodeCases(bool small);
[[nodiscard]] std::vector<KernelCase> cacheCases();
[[nodiscard]] std::vector<KernelCase> selectionCases(bool small);

} // namespace headkv::cuda
