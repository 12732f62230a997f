// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/WatchedReport.h"

#include "core/base/Error.h"

#include <QDateTime>
#include <QFileInfo>

namespace headkv {

void WatchedReport::begin(const QString &path)
{
    m_path = path;
    m_state = state();
    m_grown = false;
    m_failures = 0;
    m_readSeconds = 0;
}

WatchedReport::State WatchedReport::state() const
{
    const QFileInfo file(m_path);
    return {file.lastModified().toMSecsSinceEpoch(), file.size()};
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
        m_grown = true;
    } catch (const Error &) {
        if (++m_failures >= patience) {
            end();
            throw;
        }
    }
    m_readSeconds = watch.seconds();
    m_sinceRead.restart();
    return m_failures == 0;
}

void requireSame(bool same, const QString &path)
{
    if (!same)
        throw Error(ErrorKind::Input, path.toStdString() + ": another report stands there now; open it again");
}

} // namespace headkv
