// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/ReportWatch.h"

#include "sessions/Worker.h"

#include <utility>

namespace headkv {

ReportWatch::ReportWatch(Worker &worker, std::function<void(Engine &)> look)
    : m_worker(worker)
    , m_look(std::move(look))
{
    constexpr int interval = 1000;
    m_timer.setInterval(interval);
    m_timer.setSingleShot(true); // the next look after the answer
    connect(&m_timer, &QTimer::timeout, this, &ReportWatch::look);
}

void ReportWatch::look()
{
    if (m_worker.isIdle())
        m_worker.post(m_look);
    else
        m_timer.start();
}

void ReportWatch::answer(const QString &path, const QDateTime &grown)
{
    const auto before = std::pair(this->path(), m_grown);
    m_path = path;
    m_grown = grown;
    if (path.isEmpty())
        m_timer.stop();
    else
        m_timer.start();
    if (std::pair(this->path(), m_grown) != before)
        Q_EMIT changed();
}

} // namespace headkv
