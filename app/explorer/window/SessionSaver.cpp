// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/SessionSaver.h"

#include "sessions/SessionFile.h"

#include <utility>

namespace headkv {

SessionSaver::SessionSaver(QObject *parent)
    : QObject(parent)
{}

SessionSaver::~SessionSaver() { m_pool.waitForDone(); }

void SessionSaver::start(SessionDocument document, const QString &path)
{
    wait();
    m_run = std::make_shared<Run>(Run{path, {}});
    m_pool.start([this, run = m_run, document = std::move(document)] {
        run->error = saveSession(document, run->path);
        QMetaObject::invokeMethod(
            this, [this, run] { end(run); }, Qt::QueuedConnection);
    });
}

void SessionSaver::wait()
{
    m_pool.waitForDone();
    end(m_run);
}

void SessionSaver::end(const std::shared_ptr<Run> &run)
{
    if (!run || run != m_run) // it was waited for
        return;
    const std::shared_ptr<Run> ended = std::exchange(m_run, nullptr); // `run` may be that
    Q_EMIT done(ended->path, ended->error);
}

} // namespace headkv
