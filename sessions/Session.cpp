// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Session.h"

#include "sessions/EvaluationSession.h"
#include "sessions/LaneSession.h"
#include "sessions/LoadedModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/SessionContents.h"
#include "sessions/Worker.h"

namespace headkv {

struct Session::Private
{
    LoadedModel model;
    Worker worker; ///< outlives the parts, which call it
    ScoreLibrary scores{worker};
    ProbeSession probe{worker, model, scores};
    LaneSession lanes{worker, model, scores};
    EvaluationSession evaluation{worker, model};
};

Session::Session(QObject *parent)
    : QObject(parent)
    , m_d(std::make_unique<Private>())
{
    connectWorker();
}

Session::~Session() = default;

/// The parts were there first: they hear of a change before whoever listens to the session.
void Session::connectWorker()
{
    connect(&m_d->worker, &Worker::activityChanged, this, &Session::activityChanged);
    connect(&m_d->worker, &Worker::progressChanged, this, &Session::progressChanged);
    connect(&m_d->lanes, &LaneSession::failed, this, &Session::failed);
    const Engine *engine = &m_d->worker.engine();
    connect(engine, &Engine::modelLoaded, this, [this](const InfoPtr &info) {
        m_d->model = {info, std::nullopt};
        Q_EMIT modelChanged();
    });
    connect(engine, &Engine::sessionRead, this, [this](const DocumentPtr &document, const QString &path) {
        if (!m_d->worker.isIdle()) { // what runs does not lose its ground
            Q_EMIT failed(QStringLiteral("%1: something was started meanwhile; open it once that has ended").arg(path));
            return;
        }
        Q_EMIT documentArriving();
        restoreSession(*this, *document, path);
        afterWork([this, document, path] { Q_EMIT documentOpened(document, path); });
    });
    connect(engine, &Engine::tokenized, this, &Session::tokenized);
    connect(engine, &Engine::tokensCounted, this, &Session::tokensCounted);
    connect(engine, &Engine::notice, this, &Session::notice);
    connect(engine, &Engine::failed, this, &Session::failed);
    connect(engine, &Engine::logged, this, &Session::logged);
}

ProbeSession &Session::probe() { return m_d->probe; }

const ProbeSession &Session::probe() const { return m_d->probe; }

LaneSession &Session::lanes() { return m_d->lanes; }

const LaneSession &Session::lanes() const { return m_d->lanes; }

EvaluationSession &Session::evaluation() { return m_d->evaluation; }

const EvaluationSession &Session::evaluation() const { return m_d->evaluation; }

ScoreLibrary &Session::scores() { return m_d->scores; }

const ScoreLibrary &Session::scores() const { return m_d->scores; }

Session::Activity Session::activity() const { return m_d->worker.activity(); }

const JobProgress &Session::progress() const { return m_d->worker.progress(); }

void Session::cancel() { m_d->worker.cancel(); }

void Session::openDocument(const QString &path)
{
    if (m_d->worker.isIdle())
        m_d->scores.goAhead([this, path] { m_d->worker.post([path](Engine &engine) { engine.readSession(path); }); });
}

void Session::afterWork(const std::function<void()> &call)
{
    m_d->worker.post(
        [this, call](Engine & /*engine*/) { QMetaObject::invokeMethod(this, call, Qt::QueuedConnection); });
}

void Session::loadModel(const QString &model, const ModelOptions &options)
{
    if (!m_d->worker.isIdle())
        return;
    m_d->worker.post([model, options, token = m_d->worker.begin(Activity::Loading)](Engine &engine) {
        engine.loadModel(model, options, token);
    });
}

const InfoPtr &Session::modelInfo() const { return m_d->model.info; }

ChatFormat Session::chatFormat() const
{
    const LoadedModel &model = m_d->model;
    return model.chatFormat.value_or(model.info ? model.info->chatFormat : ChatFormat());
}

void Session::setChatFormat(const ChatFormat &format) { m_d->model.chatFormat = format; }

void Session::tokenize(const QString &text)
{
    m_d->worker.post([text](Engine &engine) { engine.tokenize(text); });
}

void Session::countTokens(const QStringList &texts)
{
    if (m_d->model.info && !texts.isEmpty())
        m_d->worker.post([texts](Engine &engine) { engine.countTokens(texts); });
}

} // namespace headkv
