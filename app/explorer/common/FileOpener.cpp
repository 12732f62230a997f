// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/FileOpener.h"

#include "core/generation/GenerationReport.h"
#include "core/probe/ProbeReopen.h"
#include "sessions/LaneSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"

#include <QFileInfo>
#include <QTimer>

namespace headkv {

FileOpener::FileOpener(Session &session, QObject *parent)
    : QObject(parent)
    , m_session(session)
{
    connect(&session, &Session::failed, this, &FileOpener::sessionFailed);
    connect(&session.scores(), &ScoreLibrary::added, this, [this] {
        if (isJson(m_current) && !m_currentIsReport && !m_currentIsProbe)
            finish(true);
    });
    connect(&session.probe(), &ProbeSession::finished, this, [this] {
        if (m_currentIsProbe && !m_current.isEmpty())
            finish(true);
    });
    connect(&session.lanes(), &LaneSession::added, this, [this] {
        if (isJson(m_current) && m_currentIsReport)
            finish(true);
    });
    connect(&session, &Session::modelChanged, this, [this] {
        if (isModel(m_current) && m_session.modelInfo())
            finish(true);
    });
    connect(&session, &Session::activityChanged, this, [this] {
        if (m_session.activity() != Session::Activity::Idle)
            return;
        // Idle without a model: the load was cancelled. Its own answer may still be on the way.
        QTimer::singleShot(0, this, [this] {
            if (isModel(m_current) && m_session.activity() == Session::Activity::Idle)
                finish(false);
            next();
        });
    });
}

bool FileOpener::isModel(const QString &file)
{
    const QFileInfo info(file);
    return file == QLatin1String("default") || file.endsWith(QLatin1String(".gguf"), Qt::CaseInsensitive) ||
           info.isDir() || info.suffix() == QLatin1String("safetensors") ||
           info.fileName() == QLatin1String("config.json");
}

bool FileOpener::isJson(const QString &file)
{
    return !isModel(file) && file.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
}

bool FileOpener::isProbe(const QString &file) { return isJson(file) && isProbeReport(file.toStdString()); }

bool FileOpener::isReport(const QString &file)
{
    return isJson(file) && !isProbe(file) && isGenerationReport(file.toStdString());
}

void FileOpener::open(const QStringList &files)
{
    m_waiting += files;
    next();
}

void FileOpener::next()
{
    if (!m_current.isEmpty() || m_waiting.isEmpty() || m_session.activity() != Session::Activity::Idle)
        return;
    m_current = m_waiting.takeFirst();
    m_currentIsReport = isReport(m_current);
    m_currentIsProbe = isProbe(m_current);
    if (isModel(m_current)) {
        m_session.loadModel(m_current);
    } else if (m_currentIsReport) {
        m_session.lanes().open(m_current);
    } else if (m_currentIsProbe) {
        m_session.probe().open(m_current);
    } else if (isJson(m_current)) {
        m_session.scores().open(m_current);
    } else {
        const QString message =
            tr("%1 is neither a model (.gguf or a folder) nor head scores or a report (.json); choose one of these")
                .arg(m_current);
        m_failures.append(message);
        m_current.clear();
        Q_EMIT refused(message);
        next();
    }
}

void FileOpener::finish(bool good)
{
    const QString file = m_current;
    m_current.clear();
    if (good)
        Q_EMIT opened(file);
    QTimer::singleShot(0, this, &FileOpener::next);
}

void FileOpener::sessionFailed(const QString &message)
{
    if (m_current.isEmpty())
        return;
    m_failures.append(message);
    finish(false);
}

} // namespace headkv
