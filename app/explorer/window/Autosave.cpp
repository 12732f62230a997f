// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/Autosave.h"

#include "app/explorer/window/SessionSaver.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QLockFile>
#include <QUuid>
#include <algorithm>
#include <utility>

namespace headkv {

namespace {

const QString suffix = QStringLiteral(".hkv");

} // namespace

Autosave::Autosave(QString folder, Capture capture, QObject *parent)
    : QObject(parent)
    , m_folder(std::move(folder))
    , m_capture(std::move(capture))
    , m_name(QUuid::createUuid().toString(QUuid::WithoutBraces))
    , m_saver(new SessionSaver(this))
{
    QDir().mkpath(m_folder);
    sweep();
    m_lock = lock(m_name);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Autosave::write);
    connect(m_saver, &SessionSaver::done, this, &Autosave::written);
}

/// What was being written as it was cleared goes, too.
Autosave::~Autosave() { m_saver->wait(); }

QString Autosave::file() const { return QDir(m_folder).filePath(m_name + suffix); }

std::unique_ptr<QLockFile> Autosave::lock(const QString &name) const
{
    auto held = std::make_unique<QLockFile>(QDir(m_folder).filePath(name + QStringLiteral(".lock")));
    held->setStaleLockTime(0); // a program may run for days; whether it lives, its process says
    return held->tryLock(0) ? std::move(held) : nullptr;
}

void Autosave::sweep() const
{
    const QDir folder(m_folder);
    const QString end = QStringLiteral(".lock");
    for (const QString &file : folder.entryList({QLatin1Char('*') + end}, QDir::Files)) {
        const QString name = file.chopped(end.size());
        if (!folder.exists(name + suffix))
            (void)lock(name); // where nobody holds it, it goes as it is given back
    }
}

void Autosave::remove(const QString &name) const
{
    QDir folder(m_folder);
    // A program that was killed while it wrote has left the beginning of a copy, too.
    for (const QString &file : folder.entryList({name + suffix, name + suffix + QStringLiteral(".??????")}))
        folder.remove(file);
}

QString Autosave::orphan()
{
    if (m_orphanLock)
        return QDir(m_folder).filePath(m_orphan + suffix);
    const QFileInfoList files =
        QDir(m_folder).entryInfoList({QLatin1Char('*') + suffix}, QDir::Files, QDir::Time); // the newest first
    for (const QFileInfo &file : files) {
        if (file.completeBaseName() == m_name)
            continue;
        if (auto held = lock(file.completeBaseName())) {
            m_orphan = file.completeBaseName();
            m_orphanLock = std::move(held);
            return file.absoluteFilePath();
        }
    }
    return {};
}

void Autosave::adoptOrphan()
{
    if (!m_orphanLock)
        return;
    clear();
    m_name = m_orphan;
    m_lock = std::move(m_orphanLock);
}

void Autosave::discardOrphan()
{
    if (!m_orphanLock)
        return;
    remove(m_orphan);
    m_orphanLock.reset();
}

void Autosave::changed()
{
    m_isCleared = false;
    if (m_timer.isActive())
        return; // the copy that it waits for has this change, too
    const qint64 since = QDateTime::currentMSecsSinceEpoch() - m_last;
    m_timer.start(static_cast<int>(std::clamp<qint64>(interval - since, delay, interval)));
}

void Autosave::write()
{
    if (m_saver->isRunning()) // a slow disk
        return m_timer.start(delay);
    m_last = QDateTime::currentMSecsSinceEpoch();
    m_saver->start(m_capture(), file());
}

void Autosave::written(const QString &path, const QString &error)
{
    if (m_isCleared || path != file())
        return remove(QFileInfo(path).completeBaseName());
    if (!error.isEmpty() && error != m_problem)
        Q_EMIT failed(tr("No automatic copy of the session: %1").arg(error));
    m_problem = error;
}

void Autosave::clear()
{
    m_timer.stop();
    m_isCleared = true;
    if (!m_saver->isRunning())
        remove(m_name);
}

void Autosave::flush()
{
    m_timer.stop();
    m_saver->start(m_capture(), file());
    m_saver->wait();
}

} // namespace headkv
