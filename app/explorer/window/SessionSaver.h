// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

#include <QObject>
#include <QThreadPool>
#include <memory>

namespace headkv {

/// Writes sessions on a thread of its own, one at a time: a long one takes a while to be put into words.
class SessionSaver : public QObject
{
    Q_OBJECT

public:
    explicit SessionSaver(QObject *parent = nullptr);
    /// Waits for what is being written.
    ~SessionSaver() override;

    /// Answers with done(), after that of one that is being written, which it waits for.
    void start(SessionDocument document, const QString &path);
    [[nodiscard]] bool isRunning() const { return m_run != nullptr; }
    /// Waits for what is being written; done() comes before it returns.
    void wait();

Q_SIGNALS:
    /// The error, empty: the file is there.
    void done(const QString &path, const QString &error);

private:
    struct Run
    {
        QString path, error;
    };

    void end(const std::shared_ptr<Run> &run);

    std::shared_ptr<Run> m_run; ///< null: nothing is being written
    QThreadPool m_pool;
};

} // namespace headkv
