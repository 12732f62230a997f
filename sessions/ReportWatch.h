// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QObject>
#include <QString>
#include <QTimer>
#include <functional>

namespace headkv {

class Engine;
class Worker;

/// A report that grows while it is open: once a second, where the worker has nothing else to do, the engine looks what
/// another process has added. Asking beats waiting to be told: of a disk of another machine nobody is told.
class ReportWatch : public QObject
{
    Q_OBJECT

public:
    /// `look` answers with answer(), however it ends.
    ReportWatch(Worker &worker, std::function<void(Engine &)> look);

    /// The report that has been seen to grow; empty: none.
    [[nodiscard]] QString path() const { return m_grown.isNull() ? QString() : m_path; }
    /// When it grew last.
    [[nodiscard]] const QDateTime &grown() const { return m_grown; }
    /// Looks at it from now on; empty: at nothing more.
    void answer(const QString &path, const QDateTime &grown);
    void stop() { answer({}, {}); }

Q_SIGNALS:
    void changed(); ///< another path(), or it has grown

private:
    void look();

    Worker &m_worker;
    std::function<void(Engine &)> m_look;
    QTimer m_timer;
    QString m_path;
    QDateTime m_grown;
};

} // namespace headkv
