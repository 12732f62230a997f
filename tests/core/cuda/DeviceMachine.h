// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/cuda/KernelCases.h"

#include <cuda_runtime_api.h>

namespace headkv::cuda {

/// The current CUDA device.
class DeviceMachine : public Machine
{
public:
    DeviceMachine();
    ~DeviceMachine() override;

    void *allocate(std::size_t bytes) override;
    void write(void *device, const void *host, std::size_t bytes) override;
    void read(void *host, const void *device, std::size_t bytes) override;
    std::function<void()> capture(const std::function<void()> &calls) override;
    void clear() override;
    [[nodiscard]] Stream stream() const override { return m_stream; }
    [[nodiscard]] int multiprocessors() const override { return m_multiprocessors; }
    [[nodiscard]] bool isEmulated() const override { return false; }

    /// Waits for all; the first error since the last clear(), if any.
    [[nodiscard]] std::string error();

private:
    void take(cudaError_t status, const char *what);

    cudaStream_t m_stream = nullptr;
    int m_multiprocessors = 0;
    std::vector<void *> m_memory;
    std::vector<cudaGraphExec_t> m_graphs;
    std::string m_error;
};

} // namespace headkv::cuda
