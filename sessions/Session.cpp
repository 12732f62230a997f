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
    SettingsPtr settings;
    CasesPtr cases;
    std::vector<ResultPtr> results;
    ScoreSet scores;
    std::vector<ScoreSet> sets;

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
    , d(std::make_unique<Private>())
{
    qRegisterMetaType<JobProgress>();
    qRegisterMetaType<ProbeEstimate>();
    qRegisterMetaType<ScoreSet>();
    qRegisterMetaType<InfoPtr>("headkv::InfoPtr");
    qRegisterMetaType<SettingsPtr>("headkv::SettingsPtr");
    qRegisterMetaType<CasesPtr>("headkv::CasesPtr");
    qRegisterMetaType<ResultPtr>("headkv::ResultPtr");

    d->engine->moveToThread(&d->thread);
    connect(&d->thread, &QThread::finished, d->engine, &QObject::deleteLater);
    connectEngine();
    d->thread.setObjectName(QStringLiteral("engine"));
    d->thread.start();
}

Session::~Session()
{
    d->token.cancel();
    d->thread.quit();
    d->thread.wait();
}

void Session::connectEngine()
{
    const Engine *engine = d->engine;
    connect(engine, &Engine::progressed, this, [this](const JobProgress &progress) {
        d->progress = progress;
        Q_EMIT progressChanged(progress);
    });
    connect(engine, &Engine::jobEnded, this, [this] { setActivity(Activity::Idle); });
    connect(engine, &Engine::modelLoaded, this, [this](const InfoPtr &info) {
        d->model = info;
        Q_EMIT modelChanged();
    });
    connect(engine, &Engine::probePlanned, this, [this](const SettingsPtr &settings, const CasesPtr &cases) {
        d->settings = settings;
        d->cases = cases;
        d->results.clear();
        d->scores = {};
        Q_EMIT probeStarted();
    });
    connect(engine, &Engine::caseDone, this, [this](const ResultPtr &result) {
        d->results.push_back(result);
        Q_EMIT probeCaseDone(static_cast<int>(d->results.size()) - 1);
    });
    connect(engine, &Engine::scoresChanged, this, [this](const ScoreSet &soFar) {
        d->scores = soFar;
        Q_EMIT probeScoresChanged();
    });
    connect(engine, &Engine::scoreSetReady, this, [this](const ScoreSet &set) {
        d->sets.push_back(set);
        Q_EMIT scoreSetAdded(static_cast<int>(d->sets.size()) - 1);
    });
    connect(engine, &Engine::probeFinished, this, &Session::probeFinished);
    connect(engine, &Engine::tokenized, this, &Session::tokenized);
    connect(engine, &Engine::probeEstimated, this, &Session::probeEstimated);
    connect(engine, &Engine::notice, this, &Session::notice);
    connect(engine, &Engine::failed, this, &Session::failed);
    connect(engine, &Engine::logged, this, &Session::logged);
}

Session::Activity Session::activity() const { return d->activity; }

const JobProgress &Session::progress() const { return d->progress; }

void Session::setActivity(Activity activity)
{
    if (d->activity == activity)
        return;
    d->activity = activity;
    d->progress = {};
    Q_EMIT activityChanged();
}

void Session::cancel() { d->token.cancel(); }

void Session::loadModel(const QString &model, const ModelOptions &options)
{
    if (d->activity != Activity::Idle)
        return;
    d->token = CancellationToken();
    setActivity(Activity::Loading);
    d->post([=, token = d->token](Engine &engine) { engine.loadModel(model, options, token); });
}

std::shared_ptr<const ModelInfo> Session::modelInfo() const { return d->model; }

void Session::tokenize(const QString &text)
{
    d->post([text](Engine &engine) { engine.tokenize(text); });
}

void Session::estimateProbe(const ProbeSettings &settings)
{
    if (d->model && d->activity == Activity::Idle)
        d->post([settings](Engine &engine) { engine.estimateProbe(settings); });
}

void Session::startProbe(const ProbeSettings &settings)
{
    if (d->activity != Activity::Idle || !d->model)
        return;
    d->token = CancellationToken();
    setActivity(Activity::Probing);
    d->post([settings, token = d->token](Engine &engine) { engine.runProbe(settings, token); });
}

std::shared_ptr<const ProbeSettings> Session::probeSettings() const { return d->settings; }

std::shared_ptr<const std::vector<ProbeCase>> Session::probeCases() const { return d->cases; }

const std::vector<std::shared_ptr<const ProbeCaseResult>> &Session::probeResults() const { return d->results; }

const ScoreSet &Session::probeScores() const { return d->scores; }

const std::vector<ScoreSet> &Session::scoreSets() const { return d->sets; }

void Session::openScores(const QString &path)
{
    d->post([path](Engine &engine) { engine.openScores(path); });
}

void Session::removeScoreSet(int index)
{
    if (index < 0 || index >= static_cast<int>(d->sets.size()))
        return;
    d->sets.erase(d->sets.begin() + index);
    Q_EMIT scoreSetRemoved(index);
}

QString Session::saveScores(int index, const QString &path) const
{
    if (index < 0 || index >= static_cast<int>(d->sets.size()))
        return QStringLiteral("there is no such score set; choose one on the Heads page");
    const ScoreSet &set = d->sets[static_cast<std::size_t>(index)];
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
