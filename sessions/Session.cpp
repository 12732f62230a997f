// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Session.h"

#include "core/base/ThreadPriority.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/Engine.h"

#include <QThread>
#include <QTimer>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

constexpr int updateMilliseconds = 16;

void apply(LaneUpdate &update, Lane &lane)
{
    if (update.state)
        lane.state = *update.state;
    if (!update.problem.isEmpty())
        lane.problem = update.problem;
    if (update.prompt)
        lane.prompt = update.prompt;
    Generation &generation = lane.report.generation;
    if (update.report) {
        lane.report = std::move(*update.report);
        lane.text = QString::fromStdString(generation.text);
    }
    lane.text += update.text;
    generation.emittedIds.insert(generation.emittedIds.end(), update.ids.begin(), update.ids.end());
    std::vector<double> &times = generation.metrics.perTokenMilliseconds;
    times.insert(times.end(), update.milliseconds.begin(), update.milliseconds.end());
    std::vector<MemorySample> &memory = generation.metrics.memory;
    memory.insert(memory.end(), update.memory.begin(), update.memory.end());
}

} // namespace

struct Session::Private
{
    QThread thread;
    std::shared_ptr<LaneFeed> feed = std::make_shared<LaneFeed>();
    Engine *engine = new Engine(feed); ///< lives on the thread, which deletes it
    CancellationToken token;           ///< of the job that runs
    Activity activity = Activity::Idle;
    JobProgress progress;

    InfoPtr model;
    std::optional<ChatFormat> chatFormat; ///< of the user
    SettingsPtr settings;
    CasesPtr cases;
    std::vector<ResultPtr> results;
    std::shared_ptr<const HeadScores> partial; ///< of a cancelled probe that goes on: its set gives way to the next
    InfoPtr probed;                            ///< the model that the probe asks
    ScoreSet scores;
    std::vector<ScoreSet> sets;
    std::vector<ScoresPtr> analyses; ///< asked for and not there yet
    CancellationToken analysisToken; ///< of these
    std::vector<Lane> lanes;
    bool lanesLive = false; ///< the engine has their conversations
    QTimer laneTimer;       ///< runs while the last news of lanes are fresh

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
    qRegisterMetaType<MaskingResult>();
    qRegisterMetaType<ScoresPtr>("headkv::ScoresPtr");
    qRegisterMetaType<StatisticsPtr>("headkv::StatisticsPtr");
    qRegisterMetaType<InfoPtr>("headkv::InfoPtr");
    qRegisterMetaType<SettingsPtr>("headkv::SettingsPtr");
    qRegisterMetaType<CasesPtr>("headkv::CasesPtr");
    qRegisterMetaType<ResultPtr>("headkv::ResultPtr");
    qRegisterMetaType<ReportPtr>("headkv::ReportPtr");
    qRegisterMetaType<PromptPtr>("headkv::PromptPtr");
    qRegisterMetaType<HiddenNeedle>();
    qRegisterMetaType<InspectionPtr>("headkv::InspectionPtr");
    qRegisterMetaType<TokenCounts>("headkv::TokenCounts");

    m_d->laneTimer.setSingleShot(true);
    m_d->laneTimer.setInterval(updateMilliseconds);
    connect(&m_d->laneTimer, &QTimer::timeout, this, &Session::takeLaneUpdates);

    m_d->engine->moveToThread(&m_d->thread);
    connect(&m_d->thread, &QThread::finished, m_d->engine, &QObject::deleteLater);
    connectEngine();
    m_d->thread.setObjectName(QStringLiteral("engine"));
    m_d->thread.start();
    m_d->post([](Engine &) { standBack(); }); // a window that computes on all cores still answers at once
}

Session::~Session()
{
    m_d->token.cancel();
    m_d->analysisToken.cancel();
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
        m_d->lanesLive = false;
        Q_EMIT modelChanged();
    });
    connect(engine, &Engine::probePlanned, this, [this](const SettingsPtr &settings, const CasesPtr &cases) {
        m_d->settings = settings;
        m_d->cases = cases;
        m_d->probed = m_d->model;
        m_d->results.clear();
        m_d->partial.reset();
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
        dropPartialSet();
        m_d->sets.push_back(set);
        Q_EMIT scoreSetAdded(static_cast<int>(m_d->sets.size()) - 1);
    });
    connect(engine, &Engine::scoresAnalysed, this, [this](const ScoresPtr &scores, const StatisticsPtr &statistics) {
        std::erase(m_d->analyses, scores);
        Q_EMIT scoresAnalysed(scores, statistics);
    });
    connect(engine, &Engine::lanesAdvanced, this, [this] {
        if (!m_d->laneTimer.isActive())
            takeLaneUpdates();
    });
    connect(engine, &Engine::lanesFinished, this, [this](bool stopped) {
        takeLaneUpdates();
        m_d->lanesLive = true;
        setActivity(Activity::Idle); // so that whoever hears of the end can go on
        Q_EMIT lanesFinished(stopped);
    });
    connect(engine, &Engine::reportOpened, this, &Session::addOpenedLane);
    connect(engine, &Engine::needleHidden, this, &Session::needleHidden);
    connect(engine, &Engine::probeFinished, this, [this](bool cancelled) {
        m_d->partial.reset();
        Q_EMIT probeFinished(cancelled);
    });
    connect(engine, &Engine::probeSaved, this, &Session::probeSaved);
    connect(engine, &Engine::caseInspected, this, &Session::caseInspected);
    connect(engine, &Engine::maskingAdvanced, this, &Session::maskingAdvanced);
    connect(engine, &Engine::maskingFinished, this, [this](bool cancelled) {
        setActivity(Activity::Idle);
        Q_EMIT maskingFinished(cancelled);
    });
    connect(engine, &Engine::tokenized, this, &Session::tokenized);
    connect(engine, &Engine::tokensCounted, this, &Session::tokensCounted);
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
    // Statistics stand back for a job, and begin anew after it.
    m_d->analysisToken.cancel();
    m_d->analysisToken = CancellationToken();
    if (activity == Activity::Idle)
        std::ranges::for_each(m_d->analyses, [this](const ScoresPtr &scores) { postAnalysis(scores); });
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

void Session::countTokens(const QStringList &texts)
{
    if (m_d->model && !texts.isEmpty())
        m_d->post([texts](Engine &engine) { engine.countTokens(texts); });
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

void Session::resumeProbe()
{
    if (m_d->activity != Activity::Idle || !canResumeProbe())
        return;
    m_d->token = CancellationToken();
    setActivity(Activity::Probing);
    m_d->partial = m_d->scores.scores;
    Q_EMIT probeResumed();
    m_d->post([token = m_d->token](Engine &engine) { engine.resumeProbe(token); });
}

void Session::openProbe(const QString &path)
{
    if (m_d->activity == Activity::Idle)
        m_d->post([path](Engine &engine) { engine.openProbe(path); });
}

void Session::saveProbe(const QString &path)
{
    if (m_d->activity == Activity::Idle && probeIsOfModel())
        m_d->post([path](Engine &engine) { engine.saveProbe(path); });
}

/// The set of a probe that has gone on since.
void Session::dropPartialSet()
{
    const auto old = std::ranges::find_if(
        m_d->sets, [this](const ScoreSet &set) { return m_d->partial && set.scores == m_d->partial; });
    m_d->partial.reset();
    if (old != m_d->sets.end())
        removeScoreSet(static_cast<int>(old - m_d->sets.begin()));
}

bool Session::canResumeProbe() const { return probeIsOfModel() && m_d->results.size() < m_d->cases->size(); }

bool Session::probeIsOfModel() const { return m_d->model && m_d->cases && m_d->probed == m_d->model; }

void Session::inspectCase(std::size_t caseIndex)
{
    const auto result =
        std::ranges::find_if(m_d->results, [caseIndex](const ResultPtr &one) { return one->index == caseIndex; });
    if (m_d->activity != Activity::Idle || !probeIsOfModel() || result == m_d->results.end())
        return;
    m_d->token = CancellationToken();
    setActivity(Activity::Inspecting);
    const ProbeCase &probeCase = (*m_d->cases)[caseIndex];
    const bool forced = m_d->settings->scoring == ProbeScoring::Forced;
    const CaseRequest request{caseIndex, probeCase, forced ? probeCase.answerIds : (*result)->emittedIds,
                              m_d->settings->maskedHeads};
    m_d->post([request, token = m_d->token](Engine &engine) { engine.inspectCase(request, token); });
}

void Session::startMaskingTest(int scoreSet, const MaskingSettings &settings)
{
    if (m_d->activity != Activity::Idle || !m_d->model || scoreSet < 0 ||
        scoreSet >= static_cast<int>(m_d->sets.size()))
        return;
    m_d->token = CancellationToken();
    setActivity(Activity::Testing);
    MaskingSettings complete = settings;
    complete.probe = m_d->complete(settings.probe);
    m_d->post([scores = m_d->sets[static_cast<std::size_t>(scoreSet)].scores, complete,
               token = m_d->token](Engine &engine) { engine.testMasking(scores, complete, token); });
}

std::shared_ptr<const ProbeSettings> Session::probeSettings() const { return m_d->settings; }

std::shared_ptr<const std::vector<ProbeCase>> Session::probeCases() const { return m_d->cases; }

const std::vector<std::shared_ptr<const ProbeCaseResult>> &Session::probeResults() const { return m_d->results; }

const ScoreSet &Session::probeScores() const { return m_d->scores; }

void Session::takeLaneUpdates()
{
    std::vector<LaneUpdate> updates = m_d->feed->take();
    if (updates.empty())
        return;
    m_d->laneTimer.start();
    std::vector<bool> changed(m_d->lanes.size()), prompted(m_d->lanes.size());
    for (LaneUpdate &update : updates) {
        const auto lane = static_cast<std::size_t>(update.lane);
        if (lane >= m_d->lanes.size())
            continue;
        changed[lane] = true;
        prompted[lane] = prompted[lane] || update.prompt;
        apply(update, m_d->lanes[lane]);
    }
    for (std::size_t lane = 0; lane < changed.size(); ++lane) {
        if (prompted[lane])
            Q_EMIT lanePromptReady(static_cast<int>(lane));
        if (changed[lane])
            Q_EMIT laneChanged(static_cast<int>(lane));
    }
}

/// What all runs of lanes begin with.
void Session::startLaneJob()
{
    m_d->token = CancellationToken();
    setActivity(Activity::Generating);
}

void Session::startLanes(const GenerationRequest &request)
{
    if (m_d->activity != Activity::Idle || !m_d->model)
        return;
    m_d->lanes.clear();
    for (const LaneSettings &settings : request.lanes) {
        Lane lane;
        lane.settings = settings;
        lane.report.compression = settings.compression;
        m_d->lanes.push_back(std::move(lane));
    }
    m_d->lanesLive = false;
    startLaneJob();
    Q_EMIT lanesStarted();
    m_d->post([request, format = m_d->chatFormat, token = m_d->token](Engine &engine) {
        engine.startLanes(request, format, token);
    });
}

void Session::continueLanes(int tokens)
{
    if (m_d->activity != Activity::Idle || !canContinue())
        return;
    startLaneJob();
    m_d->post([=, token = m_d->token](Engine &engine) { engine.continueLanes(tokens, token); });
}

void Session::sayToLanes(const QString &words, const GenerationSettings &settings)
{
    if (m_d->activity != Activity::Idle || !canSay())
        return;
    for (Lane &lane : m_d->lanes) {
        if (lane.state == LaneState::Failed || lane.report.generation.emittedIds.empty())
            continue;
        lane.state = LaneState::Waiting;
        lane.text.clear();
        ++lane.turn;
        lane.report.generation = {};
        lane.report.agreement.reset();
    }
    startLaneJob();
    Q_EMIT lanesStarted();
    m_d->post([=, token = m_d->token](Engine &engine) { engine.sayToLanes(words, settings, token); });
}

void Session::replayLanes()
{
    if (m_d->activity != Activity::Idle || !m_d->model)
        return;
    std::vector<GenerationReport> reports;
    std::vector<Lane> lanes;
    for (const Lane &lane : m_d->lanes) {
        if (lane.report.generation.promptIds.empty() || !lane.report.generation.historyIds.empty())
            continue; // never begun, or a later turn, which stands on what came before
        reports.push_back(lane.report);
        reports.back().compression.importance = importanceOf(lane.report);
        lanes.emplace_back();
        lanes.back().settings = {reports.back().compression, QString::fromStdString(lane.report.scores)};
        lanes.back().report.compression = reports.back().compression;
    }
    if (reports.empty()) {
        Q_EMIT failed(QStringLiteral("there is nothing to run again; a first turn with its prompt is needed"));
        return;
    }
    m_d->lanes = std::move(lanes);
    m_d->lanesLive = false;
    startLaneJob();
    Q_EMIT lanesStarted();
    m_d->post([=, token = m_d->token](Engine &engine) { engine.replayLanes(reports, token); });
}

/// Of the session's score set of that name or file; empty: the engine reads the file.
std::vector<double> Session::importanceOf(const GenerationReport &report) const
{
    const QString wanted = QString::fromStdString(report.scores);
    const auto set = std::ranges::find_if(
        m_d->sets, [&wanted](const ScoreSet &one) { return one.name == wanted || one.origin == wanted; });
    return set != m_d->sets.end() ? set->summary->shares : std::vector<double>();
}

const std::vector<Lane> &Session::lanes() const { return m_d->lanes; }

bool Session::canContinue() const
{
    return m_d->lanesLive && std::ranges::any_of(m_d->lanes, [](const Lane &lane) {
               return lane.state == LaneState::Stopped || lane.state == LaneState::Waiting ||
                      (lane.state == LaneState::Finished &&
                       lane.report.generation.stopReason == StopReason::TokenLimit);
           });
}

bool Session::canSay() const
{
    return m_d->lanesLive && std::ranges::any_of(m_d->lanes, [](const Lane &lane) {
               return (lane.state == LaneState::Stopped || lane.state == LaneState::Finished) &&
                      !lane.report.generation.emittedIds.empty();
           });
}

void Session::openReport(const QString &path)
{
    m_d->post([path](Engine &engine) { engine.openReport(path); });
}

void Session::addOpenedLane(const std::shared_ptr<const GenerationReport> &report,
                            const std::shared_ptr<const LanePrompt> &prompt)
{
    if (m_d->lanes.size() >= mostLanes) {
        Q_EMIT failed(QStringLiteral("there are %1 lanes already; clear them before you open a report").arg(mostLanes));
        return;
    }
    Lane lane;
    lane.settings = {report->compression, QString::fromStdString(report->scores)};
    lane.state = LaneState::Opened;
    lane.text = QString::fromStdString(report->generation.text);
    lane.report = *report;
    lane.prompt = prompt;
    m_d->lanes.push_back(std::move(lane));
    Q_EMIT laneAdded(static_cast<int>(m_d->lanes.size()) - 1);
}

void Session::clearLanes()
{
    if (m_d->activity == Activity::Generating)
        return;
    m_d->lanes.clear();
    m_d->lanesLive = false;
    Q_EMIT lanesCleared();
}

QString Session::saveLane(int lane, const QString &path) const
{
    if (lane < 0 || lane >= static_cast<int>(m_d->lanes.size()))
        return QStringLiteral("there is no such lane");
    try {
        writeGenerationReport(path.toStdString(), m_d->lanes[static_cast<std::size_t>(lane)].report);
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

void Session::hideNeedle(const NeedleRequest &request)
{
    m_d->post([request](Engine &engine) { engine.hideNeedle(request); });
}

const std::vector<ScoreSet> &Session::scoreSets() const { return m_d->sets; }

void Session::openScores(const QString &path)
{
    // A file is not kept waiting by statistics: they stand back, and begin anew behind it.
    m_d->analysisToken.cancel();
    m_d->analysisToken = CancellationToken();
    m_d->post([path](Engine &engine) { engine.openScores(path); });
    if (m_d->activity == Activity::Idle)
        std::ranges::for_each(m_d->analyses, [this](const ScoresPtr &scores) { postAnalysis(scores); });
}

void Session::removeScoreSet(int index)
{
    if (index < 0 || index >= static_cast<int>(m_d->sets.size()))
        return;
    m_d->sets.erase(m_d->sets.begin() + index);
    Q_EMIT scoreSetRemoved(index);
}

void Session::analyseScores(const std::shared_ptr<const HeadScores> &scores)
{
    if (std::ranges::find(m_d->analyses, scores) != m_d->analyses.end())
        return;
    m_d->analyses.push_back(scores);
    if (m_d->activity == Activity::Idle)
        postAnalysis(scores);
}

void Session::postAnalysis(const std::shared_ptr<const HeadScores> &scores)
{
    m_d->post([scores, token = m_d->analysisToken](Engine &engine) { engine.analyseScores(scores, token); });
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
