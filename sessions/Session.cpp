// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Session.h"

#include "core/probe/HeadScoreFile.h"
#include "sessions/Engine.h"

#include <QThread>
#include <nlohmann/json.hpp>

namespace headkv {

struct Session::Private
{
    QThread thread;
    Engine *engine = new Engine; ///< lives on the thread, which deletes it
    CancellationToken token;     ///< of the job that runs
    Activity activity = Activity::Idle;
    JobProgress progress;

    InfoPtr model;
    std::optional<ChatFormat> chatFormat; ///< of the user
    SettingsPtr settings;
    CasesPtr cases;
    std::vector<ResultPtr> results;
    ScoreSet scores;
    std::vector<ScoreSet> sets;

    /// With the session's chat format.
    [[nodiscard]] ProbeSettings complete(ProbeSettings probe) const
    {
        probe.chatFormat = chatFormat;
        return probe;
    }

    /// Calls the engine on its thread, after what it is at.
    template <typename Call>
    void post(Call call)
    {
        QMetaObject::invokeMethod(
            engine, [engine = engine, call] { call(*engine); }, Qt::QueuedConnection);
    }
};

Session::Session(QObject *parent)
    : QObject(parent)
    , m_d(std::make_unique<Private>())
{
    qRegisterMetaType<JobProgress>();
    qRegisterMetaType<ProbeEstimate>();
    qRegisterMetaType<ScoreSet>();
    qRegisterMetaType<InfoPtr>("headkv::InfoPtr");
    qRegisterMetaType<SettingsPtr>("headkv::SettingsPtr");
    qRegisterMetaType<CasesPtr>("headkv::CasesPtr");
    qRegisterMetaType<ResultPtr>("headkv::ResultPtr");

    m_d->engine->moveToThread(&m_d->thread);
    connect(&m_d->thread, &QThread::finished, m_d->engine, &QObject::deleteLater);
    connectEngine();
    m_d->thread.setObjectName(QStringLiteral("engine"));
    m_d->thread.start();
}

Session::~Session()
{
    m_d->token.cancel();
    m_d->thread.quit();
    m_d->thread.wait();
}

void Session::connectEngine()
{
    const Engine *engine = m_d->engine;
    connect(engine, &Engine::progressed, this, [this](const JobProgress &progress) {
        m_d->progress = progress;
        Q_EMIT progressChanged(progress);
    });
    connect(engine, &Engine::jobEnded, this, [this] { setActivity(Activity::Idle); });
    connect(engine, &Engine::modelLoaded, this, [this](const InfoPtr &info) {
        m_d->model = info;
        m_d->chatFormat.reset();
        Q_EMIT modelChanged();
    });
    connect(engine, &Engine::probePlanned, this, [this](const SettingsPtr &settings, const CasesPtr &cases) {
        m_d->settings = settings;
        m_d->cases = cases;
        m_d->results.clear();
        m_d->scores = {};
        Q_EMIT probeStarted();
    });
    connect(engine, &Engine::caseDone, this, [this](const ResultPtr &result) {
        m_d->results.push_back(result);
        Q_EMIT probeCaseDone(static_cast<int>(m_d->results.size()) - 1);
    });
    connect(engine, &Engine::scoresChanged, this, [this](const ScoreSet &soFar) {
        m_d->scores = soFar;
        Q_EMIT probeScoresChanged();
    });
    connect(engine, &Engine::scoreSetReady, this, [this](const ScoreSet &set) {
        m_d->sets.push_back(set);
        Q_EMIT scoreSetAdded(static_cast<int>(m_d->sets.size()) - 1);
    });
    connect(engine, &Engine::probeFinished, this, &Session::probeFinished);
    connect(engine, &Engine::tokenized, this, &Session::tokenized);
    connect(engine, &Engine::probeEstimated, this, &Session::probeEstimated);
    connect(engine, &Engine::notice, this, &Session::notice);
    connect(engine, &Engine::failed, this, &Session::failed);
    connect(engine, &Engine::logged, this, &Session::logged);
}

Session::Activity Session::activity() const { return m_d->activity; }

const JobProgress &Session::progress() const { return m_d->progress; }

void Session::setActivity(Activity activity)
{
    if (m_d->activity == activity)
        return;
    m_d->activity = activity;
    m_d->progress = {};
    Q_EMIT activityChanged();
}

void Session::cancel() { m_d->token.cancel(); }

void Session::loadModel(const QString &model, const ModelOptions &options)
{
    if (m_d->activity != Activity::Idle)
        return;
    m_d->token = CancellationToken();
    setActivity(Activity::Loading);
    m_d->post([=, token = m_d->token](Engine &engine) { engine.loadModel(model, options, token); });
}

std::shared_ptr<const ModelInfo> Session::modelInfo() const { return m_d->model; }

ChatFormat Session::chatFormat() const
{
    return m_d->chatFormat.value_or(m_d->model ? m_d->model->chatFormat : ChatFormat());
}

void Session::setChatFormat(const ChatFormat &format) { m_d->chatFormat = format; }

void Session::tokenize(const QString &text)
{
    m_d->post([text](Engine &engine) { engine.tokenize(text); });
}

void Session::estimateProbe(const ProbeSettings &settings)
{
    if (m_d->model && m_d->activity == Activity::Idle)
        m_d->post([settings = m_d->complete(settings)](Engine &engine) { engine.estimateProbe(settings); });
}

void Session::startProbe(const ProbeSettings &settings)
{
    if (m_d->activity != Activity::Idle || !m_d->model)
        return;
    m_d->token = CancellationToken();
    setActivity(Activity::Probing);
    m_d->post(
        [settings = m_d->complete(settings), token = m_d->token](Engine &engine) { engine.runProbe(settings, token); });
}

std::shared_ptr<const ProbeSettings> Session::probeSettings() const { return m_d->settings; }

std::shared_ptr<const std::vector<ProbeCase>> Session::probeCases() const { return m_d->cases; }

const std::vector<std::shared_ptr<const ProbeCaseResult>> &Session::probeResults() const { return m_d->results; }

const ScoreSet &Session::probeScores() const { return m_d->scores; }

const std::vector<ScoreSet> &Session::scoreSets() const { return m_d->sets; }

void Session::openScores(const QString &path)
{
    m_d->post([path](Engine &engine) { engine.openScores(path); });
}

void Session::removeScoreSet(int index)
{
    if (index < 0 || index >= static_cast<int>(m_d->sets.size()))
        return;
    m_d->sets.erase(m_d->sets.begin() + index);
    Q_EMIT scoreSetRemoved(index);
}

QString Session::saveScores(int index, const QString &path) const
{
    if (index < 0 || index >= static_cast<int>(m_d->sets.size()))
        return QStringLiteral("there is no such score set; choose one on the Heads page");
    const ScoreSet &set = m_d->sets[static_cast<std::size_t>(index)];
    try {
        const auto meta = nlohmann::json::parse(set.metaJson.toStdString(), nullptr, false);
        writeHeadScores(path.toStdString(), *set.scores,
                        meta.is_object() ? meta : nlohmann::json{{"origin", set.origin.toStdString()}});
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace headkv
