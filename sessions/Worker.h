// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "sessions/Activity.h"
#include "sessions/Engine.h"

#include <QObject>
#include <QThread>

namespace headkv {

/// The worker thread with its engine, and the job that runs there, as the window sees them. For the parts of a session:
/// each begins its jobs here and connects itself to the engine's answers. Destruction cancels what runs and joins the
/// thread.
class Worker : public QObject
{
    Q_OBJECT

public:
    Worker();
    ~Worker() override;

    /// To connect to; its functions are called through post().
    [[nodiscard]] const Engine &engine() const { return *m_engine; }

    [[nodiscard]] bool isIdle() const { return m_activity == Activity::Idle; }
    [[nodiscard]] Activity activity() const { return m_activity; }
    [[nodiscard]] const JobProgress &progress() const { return m_progress; }

    /// A job begins, which is posted next. Returns what cancel() cancels.
    [[nodiscard]] CancellationToken begin(Activity activity);
    /// It has ended. Engine::jobEnded() comes here by itself.
    void end();
    void cancel() { m_token.cancel(); }

    /// Calls the engine on its thread, after what it is at.
    template <typename Call>
    void post(Call call)
    {
        QMetaObject::invokeMethod(
            m_engine, [engine = m_engine, call] { call(*engine); }, Qt::QueuedConnection);
    }

Q_SIGNALS:
    void activityChanged();
    void progressChanged(const headkv::JobProgress &progress);

private:
    void setActivity(Activity activity);

    QThread m_thread;
    Engine *m_engine = new Engine; ///< lives on the thread, which deletes it
    CancellationToken m_token;     ///< of the job that runs
    Activity m_activity = Activity::Idle;
    JobProgress m_progress;
};

} // namespace headkv
