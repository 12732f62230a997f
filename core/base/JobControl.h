// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Error.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace headkv {

/// A handle to a shared flag: copies see the same cancellation. Looked at once a layer and once a token.
class CancellationToken
{
public:
    void cancel() const noexcept { m_flag->store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool isCancelled() const noexcept { return m_flag->load(std::memory_order_relaxed); }
    /// Throws Error(Cancelled) once cancelled.
    void throwIfCancelled() const
    {
        if (isCancelled())
            throw Error(ErrorKind::Cancelled, "cancelled");
    }

private:
    std::shared_ptr<std::atomic<bool>> m_flag = std::make_shared<std::atomic<bool>>(false);
};

/// How far a job is: done of total, in units ("tokens", "cases", "bytes", …). total 0 means unknown.
struct Progress
{
    std::string stage; ///< what runs now, in words, e.g. "Loading weights"
    double done = 0;
    double total = 0;
    std::string unit;
};

using ProgressCallback = std::function<void(const Progress &)>;

/// What every long job takes: a way to stop it and a way to say how far it is. The callback runs on the job's thread.
struct JobControl
{
    CancellationToken cancellation;
    ProgressCallback progress; ///< may be empty

    void report(const Progress &value) const
    {
        if (progress)
            progress(value);
    }
};

} // namespace headkv
