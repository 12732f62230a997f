// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"

#include <chrono>
#include <string>

namespace headkv {

/// Progress on standard error: on a terminal one line, redrawn, with a bar, the rate and the time left; elsewhere a
/// line now and then.
class ProgressLine
{
public:
    ProgressLine();
    ~ProgressLine();
    ProgressLine(const ProgressLine &) = delete;
    ProgressLine &operator=(const ProgressLine &) = delete;

    void update(const Progress &progress);

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] std::string describe(const Progress &progress, double seconds) const;
    void clear();

    bool m_terminal;
    bool m_drawn = false;
    std::string m_stage;
    Clock::time_point m_stageBegin;
    Clock::time_point m_lastDrawn;
};

} // namespace headkv
