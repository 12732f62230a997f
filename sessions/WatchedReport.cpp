// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/WatchedReport.h"

#include "core/base/Error.h"

#include <QFileInfo>

namespace headkv {

void WatchedReport::begin(const QString &path)
{
    m_path = path;
    m_state = state();
    m_grown = {};
    m_failures = 0;
    m_readSeconds = 0;
}

WatchedReport::State WatchedReport::state() const
{
    const QFileInfo file(m_path);
    return {file.lastModified(), file.size()};
}

bool WatchedReport::readChanged(const std::function<void()> &read)
{
    constexpr double idleShare = 9; // of the time that reading takes
    constexpr int patience = 3;
    if (m_path.isEmpty() || m_sinceRead.seconds() < idleShare * m_readSeconds)
        return false;
    const State now = state();
    if (now == m_state)
        return false;
    const Stopwatch watch;
    try {
        read();
        m_failures = 0;
        m_state = now;
        m_grown = now.first;
    } catch (const Error &) {
        if (++m_failures >= patience) {
            const std::string path = m_path.toStdString();
            end();
            throw Error(ErrorKind::Input,
                        path +
                            (now.second > 0 ? ": another report, or none, stands there now" : ": is there no longer") +
                            "; it is watched no more, and what has come of it stays");
        }
    }
    m_readSeconds = watch.seconds();
    m_sinceRead.restart();
    return m_failures == 0;
}

void requireSame(bool same)
{
    if (!same)
        throw Error(ErrorKind::Input, "another report");
}

} // namespace headkv
