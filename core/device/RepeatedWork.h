// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Device.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace headkv {

/// What a device has been told once and can be told again in one go: a CUDA graph.
class RecordedWork
{
public:
    virtual ~RecordedWork() = default;
    virtual void replay() = 0;
};

/// Records work without doing it. Errors: Failed where it cannot be recorded.
using WorkRecorder = std::function<std::unique_ptr<RecordedWork>(const std::function<void()> &work)>;

/// Of a CUDA device, where HEADKV_CUDA_GRAPHS=1 asks for graphs and LibTorch has them; else none. They have not run on
/// a device yet, so they have to be asked for.
[[nodiscard]] WorkRecorder workRecorder(c10::Device device);

/// Work that a device does again and again, such as a step of decoding, whose many operators take longer to launch than
/// to run. It is done as it comes the first time, so that all that is made once is there; the second time it is
/// recorded, and from then on replayed.
class RepeatedWork
{
public:
    explicit RepeatedWork(WorkRecorder recorder)
        : m_recorder(std::move(recorder))
    {}

    /// Whether there is a recorder: without one nothing can be run.
    [[nodiscard]] bool canRecord() const { return m_recorder != nullptr; }
    /// Work only enqueues, and what changes from one time to the next it reads from the device's memory. Binding: what
    /// a replay is right for; where it differs from the last one, the work begins anew.
    void run(std::vector<std::uint64_t> binding, const std::function<void()> &work);

private:
    WorkRecorder m_recorder;
    std::vector<std::uint64_t> m_binding;
    std::unique_ptr<RecordedWork> m_recorded;
};

} // namespace headkv
