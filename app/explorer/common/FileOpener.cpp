// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/FileOpener.h"

#include "core/evaluation/StoredEvaluation.h"
#include "core/generation/GenerationReport.h"
#include "core/probe/ProbeReopen.h"
#include "sessions/EvaluationSession.h"
#include "sessions/LaneSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "sessions/SessionFile.h"

#include <QFileInfo>
#include <QTimer>

namespace headkv {

FileOpener::FileOpener(Session &session, QObject *parent)
    : QObject(parent)
    , m_session(session)
{
    connect(&session, &Session::failed, this, &FileOpener::sessionFailed);
    const auto endsWith = [this](Kind kind) {
        return [this, kind] {
            if (!m_current.isEmpty() && m_kind == kind)
                finish(true);
        };
    };
    connect(&session.scores(), &ScoreLibrary::added, this, endsWith(Kind::Scores));
    connect(&session.probe(), &ProbeSession::finished, this, endsWith(Kind::Probe));
    connect(&session.lanes(), &LaneSession::added, this, endsWith(Kind::Generation));
    connect(&session.evaluation(), &EvaluationSession::finished, this, endsWith(Kind::Evaluation));
    // After whoever shows it.
    connect(&session, &Session::documentOpened, this, endsWith(Kind::Session), Qt::QueuedConnection);
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

FileOpener::Kind FileOpener::kindOf(const QString &file)
{
    if (isModel(file))
        return Kind::Model;
    if (isSessionFile(file))
        return Kind::Session;
    if (!isJson(file))
        return Kind::Unknown;
    const std::string path = file.toStdString();
    return isProbeReport(path)        ? Kind::Probe
           : isEvaluationReport(path) ? Kind::Evaluation
           : isGenerationReport(path) ? Kind::Generation
                                      : Kind::Scores;
}

QString FileOpener::pageOf(const QString &file)
{
    switch (kindOf(file)) {
    case Kind::Model:
        return QStringLiteral("model");
    case Kind::Session:
        return QStringLiteral("start");
    case Kind::Generation:
        return QStringLiteral("generate");
    case Kind::Probe:
        return QStringLiteral("probe");
    case Kind::Evaluation:
        return QStringLiteral("compare");
    default:
        return QStringLiteral("heads");
    }
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
    m_kind = kindOf(m_current);
    openCurrent();
}

void FileOpener::openCurrent()
{
    switch (m_kind) {
    case Kind::Model:
        return m_session.loadModel(m_current, m_modelOptions);
    case Kind::Session:
        return m_mayReplace() ? m_session.openDocument(m_current) : finish(false);
    case Kind::Scores:
        return m_session.scores().open(m_current);
    case Kind::Generation:
        return m_session.lanes().open(m_current);
    case Kind::Probe:
        return m_session.probe().open(m_current);
    case Kind::Evaluation:
        return m_session.evaluation().open(m_current);
    case Kind::Unknown:
        break;
    }
    const QString message =
        tr("%1 is neither a session (.hkv), a model (.gguf or a folder) nor head scores or a report (.json); choose "
           "one of these")
            .arg(m_current);
    m_failures.append(message);
    m_current.clear();
    Q_EMIT refused(message);
    next();
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
