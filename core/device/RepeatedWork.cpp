// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/RepeatedWork.h"

#include "core/base/Error.h"
#include "core/device/DeviceMemory.h"

#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#if __has_include(<ATen/accelerator/Graph.h>) // not in LibTorch 2.11
#define HEADKV_HAS_GRAPHS
#include <ATen/accelerator/Graph.h>
#include <c10/core/StreamGuard.h>
#include <c10/util/Exception.h>
#endif

namespace headkv {

#ifdef HEADKV_HAS_GRAPHS

namespace {

constexpr auto graphsVariable = "HEADKV_CUDA_GRAPHS";

/// What work allocates while it is recorded stays the graph's.
class RecordedGraph : public RecordedWork
{
public:
    RecordedGraph(c10::Stream stream, const std::function<void()> &work)
    {
        const c10::StreamGuard guard(stream); // the default stream cannot be recorded
        // Not what other threads do: they ask for the memory that is left, which a recording forbids.
        m_graph.capture_begin({0, 0}, at::GraphCaptureMode::ThreadLocal);
        try {
            work();
        } catch (const std::exception &) {
            endQuietly();
            throw;
        }
        m_graph.capture_end();
    }
    void replay() override { m_graph.replay(); }

private:
    void endQuietly()
    {
        try {
            m_graph.capture_end();
        } catch (const c10::Error &) {
            return; // what broke the recording is to be told, not this
        }
    }

    at::accelerator::Graph m_graph;
};

std::unique_ptr<RecordedWork> record(c10::Stream stream, const std::function<void()> &work)
{
    try {
        return std::make_unique<RecordedGraph>(stream, work);
    } catch (const c10::OutOfMemoryError &) {
        throw;
    } catch (const c10::Error &error) {
        throw Error(ErrorKind::Failed, std::string(graphsVariable) + "=1: a step of decoding cannot be recorded (" +
                                           firstLineOf(error.what_without_backtrace()) + "); unset " + graphsVariable);
    }
}

} // namespace

WorkRecorder workRecorder(c10::Device device)
{
    const char *wish = std::getenv(graphsVariable);
    if (!device.is_cuda() || wish == nullptr || std::string_view(wish) != "1")
        return {};
    // One stream for all recordings: the products' workspace belongs to it.
    return [device, stream = std::optional<c10::Stream>()](const std::function<void()> &work) mutable {
        if (!stream)
            stream = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
        return record(*stream, work);
    };
}

#else

WorkRecorder workRecorder(c10::Device /*device*/) { return {}; }

#endif

void RepeatedWork::run(std::vector<std::uint64_t> binding, const std::function<void()> &work)
{
    const bool isNew = binding != m_binding;
    if (isNew) {
        m_recorded.reset();
        m_binding = std::move(binding);
    } else if (!m_recorded) {
        m_recorded = m_recorder(work);
    }
    if (m_recorded)
        m_recorded->replay();
    else
        work();
}

} // namespace headkv
