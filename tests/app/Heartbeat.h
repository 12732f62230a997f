// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace headkv {

/// The longest time between two turns of a 5 ms timer: how long the window did not answer.
class Heartbeat
{
public:
    Heartbeat()
    {
        QObject::connect(&m_timer, &QTimer::timeout, [this] { m_longest = std::max(m_longest, m_clock.restart()); });
        m_clock.start();
        m_timer.start(5);
    }
    [[nodiscard]] qint64 longest() const { return m_longest; }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    qint64 m_longest = 0;
};

/// The longest oversleep of a thread that does nothing else: what the machine, not the window, keeps waiting.
class MachinePause
{
public:
    MachinePause()
        : m_thread([this] {
            QElapsedTimer clock;
            while (!m_stop) {
                clock.start();
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                m_longest = std::max<qint64>(m_longest.load(), clock.elapsed() - 5);
            }
        })
    {}
    ~MachinePause()
    {
        m_stop = true;
        m_thread.join();
    }
    [[nodiscard]] qint64 longest() const { return m_longest; }

private:
    std::atomic<bool> m_stop = false;
    std::atomic<qint64> m_longest = 0;
    std::thread m_thread;
};

} // namespace headkv
