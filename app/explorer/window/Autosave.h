// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

#include <QObject>
#include <QStringList>
#include <QTimer>
#include <functional>
#include <memory>

class QLockFile;

namespace headkv {

class SessionSaver;

/// Keeps a copy of a session with unsaved changes in a folder, for the case that the program ends without a word. Each
/// program that runs has a file of its own there, and holds its lock: a file whose lock nobody holds is of a program
/// that is gone, and can be recovered. Writing happens on a thread of its own.
class Autosave : public QObject
{
    Q_OBJECT

public:
    /// Called on the GUI thread.
    using Capture = std::function<SessionDocument()>;
    /// A copy is written some seconds after a change, and at most so often.
    static constexpr int delay = 3000, interval = 20000; ///< milliseconds

    /// Makes the folder. Where it cannot be written to, failed() says so at the first copy.
    Autosave(QString folder, Capture capture, QObject *parent = nullptr);
    ~Autosave() override;

    /// A file that another program left; empty: there is none. Its lock is held from here on, so that no other program
    /// takes it.
    [[nodiscard]] QString orphan();
    /// The orphan becomes this program's own copy, until the session is saved or discarded.
    void adoptOrphan();
    void discardOrphan();

    /// Something has changed that is in no file.
    void changed();
    /// All is saved, or given up: no copy is needed.
    void clear();
    /// Writes a copy now and waits for it; for tests and an end that is near.
    void flush();
    /// Where the copy lies.
    [[nodiscard]] QString file() const;

Q_SIGNALS:
    void failed(const QString &message);

private:
    void write();
    void written(const QString &path, const QString &error);
    [[nodiscard]] std::unique_ptr<QLockFile> lock(const QString &name) const;
    /// Takes locks away that programs left which are gone, and had no copy.
    void sweep() const;
    void remove(const QString &name) const;

    QString m_folder;
    Capture m_capture;
    QString m_name; ///< without a suffix
    std::unique_ptr<QLockFile> m_lock;
    QString m_orphan;
    std::unique_ptr<QLockFile> m_orphanLock;
    QTimer m_timer;
    qint64 m_last = 0;        ///< when the last copy was written, in milliseconds
    bool m_isCleared = false; ///< since the last change
    QString m_problem;        ///< that was told
    SessionSaver *m_saver;
};

} // namespace headkv
