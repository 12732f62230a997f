// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/DeviceMachine.h"

namespace headkv::cuda {

DeviceMachine::DeviceMachine()
{
    take(cudaStreamCreateWithFlags(&m_stream, cudaStreamNonBlocking), "a stream");
    take(cudaDeviceGetAttribute(&m_multiprocessors, cudaDevAttrMultiProcessorCount, 0), "the multiprocessors");
}

DeviceMachine::~DeviceMachine()
{
    clear();
    cudaStreamDestroy(m_stream);
}

void *DeviceMachine::allocate(std::size_t bytes)
{
    void *memory = nullptr;
    take(cudaMalloc(&memory, bytes > 0 ? bytes : 1), "memory");
    m_memory.push_back(memory);
    return memory;
}

void DeviceMachine::write(void *device, const void *host, std::size_t bytes)
{
    take(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, m_stream), "a copy to the device");
    take(cudaStreamSynchronize(m_stream), "a copy to the device");
}

void DeviceMachine::read(void *host, const void *device, std::size_t bytes)
{
    take(cudaStreamSynchronize(m_stream), "a kernel");
    take(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, m_stream), "a copy from the device");
    take(cudaStreamSynchronize(m_stream), "a copy from the device");
}

std::function<void()> DeviceMachine::capture(const std::function<void()> &calls)
{
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t executable = nullptr;
    take(cudaStreamBeginCapture(m_stream, cudaStreamCaptureModeGlobal), "the beginning of a capture");
    calls();
    take(cudaStreamEndCapture(m_stream, &graph), "the end of a capture");
    take(cudaGraphInstantiate(&executable, graph, 0), "a graph");
    if (graph != nullptr)
        take(cudaGraphDestroy(graph), "a graph");
    m_graphs.push_back(executable);
    return [this, executable] { take(cudaGraphLaunch(executable, m_stream), "a graph's launch"); };
}

void DeviceMachine::clear()
{
    for (cudaGraphExec_t graph : m_graphs) {
        if (graph != nullptr)
            cudaGraphExecDestroy(graph);
    }
    for (void *memory : m_memory)
        cudaFree(memory);
    m_graphs.clear();
    m_memory.clear();
    m_error.clear();
}

std::string DeviceMachine::error()
{
    take(cudaDeviceSynchronize(), "a kernel");
    take(cudaGetLastError(), "a call");
    return m_error;
}

void DeviceMachine::take(cudaError_t status, const char *what)
{
    if (status != cudaSuccess && m_error.empty())
        m_error = std::string(what) + ": " + cudaGetErrorString(status);
}

} // namespace headkv::cuda
