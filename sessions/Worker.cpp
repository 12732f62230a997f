// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Worker.h"

#include "core/base/ThreadPriority.h"

namespace headkv {

Worker::Worker()
{
    m_engine->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_engine, &QObject::deleteLater);
    connect(m_engine, &Engine::progressed, this, [this](const JobProgress &progress) {
        m_progress = progress;
        Q_EMIT progressChanged(progress);
    });
    connect(m_engine, &Engine::jobEnded, this, &Worker::end);
    m_thread.setObjectName(QStringLiteral("engine"));
    m_thread.start();
    post([](Engine &) { standBack(); }); // a window that computes on all cores still answers at once
}

Worker::~Worker()
{
    m_token.cancel();
    m_thread.quit();
    m_thread.wait();
}

CancellationToken Worker::begin(Activity activity)
{
    m_token = CancellationToken();
    setActivity(activity);
    return m_token;
}

void Worker::end() { setActivity(Activity::Idle); }

void Worker::setActivity(Activity activity)
{
    if (m_activity == activity)
        return;
    m_activity = activity;
    m_progress = {};
    Q_EMIT activityChanged();
}

} // namespace headkv
