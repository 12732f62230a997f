// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace headkv {

/// Wall time since it was made or last restarted.
class Stopwatch
{
public:
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - m_begin).count(); }
    void restart() { m_begin = Clock::now(); }

private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point m_begin = Clock::now();
};

} // namespace headkv
