// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/LaneSession.h"

#include "core/base/Error.h"
#include "sessions/LaneFeed.h"
#include "sessions/LaneJobs.h"
#include "sessions/LoadedModel.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Worker.h"

#include <algorithm>

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

LaneSession::LaneSession(Worker &worker, const LoadedModel &model, const ScoreLibrary &library)
    : m_worker(worker)
    , m_model(model)
    , m_library(library)
    , m_feed(worker.engine().lanes().feed())
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(updateMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &LaneSession::takeUpdates);
    connectEngine();
}

void LaneSession::connectEngine()
{
    connect(&m_worker.engine(), &Engine::modelLoaded, this, [this] { m_live = false; });
    const LaneJobs *jobs = &m_worker.engine().lanes();
    connect(jobs, &LaneJobs::advanced, this, [this] {
        if (!m_timer.isActive())
            takeUpdates();
    });
    connect(jobs, &LaneJobs::finished, this, [this](bool stopped) {
        takeUpdates();
        m_live = true;
        m_worker.end(); // so that whoever hears of the end can go on
        Q_EMIT finished(stopped);
    });
    connect(jobs, &LaneJobs::opened, this, &LaneSession::addOpened);
    connect(jobs, &LaneJobs::needleHidden, this, &LaneSession::needleHidden);
}

void LaneSession::takeUpdates()
{
    std::vector<LaneUpdate> updates = m_feed->take();
    if (updates.empty())
        return;
    m_timer.start();
    std::vector<bool> isChanged(m_lanes.size()), isPrompted(m_lanes.size());
    for (LaneUpdate &update : updates) {
        const auto lane = static_cast<std::size_t>(update.lane);
        if (lane >= m_lanes.size())
            continue;
        isChanged[lane] = true;
        isPrompted[lane] = isPrompted[lane] || update.prompt;
        apply(update, m_lanes[lane]);
    }
    for (std::size_t lane = 0; lane < isChanged.size(); ++lane) {
        if (isPrompted[lane])
            Q_EMIT promptReady(static_cast<int>(lane));
        if (isChanged[lane])
            Q_EMIT changed(static_cast<int>(lane));
    }
}

void LaneSession::start(const GenerationRequest &request)
{
    if (!m_worker.isIdle() || !m_model.info)
        return;
    m_lanes.clear();
    for (const LaneSettings &settings : request.lanes) {
        Lane lane;
        lane.settings = settings;
        lane.report.compression = settings.compression;
        m_lanes.push_back(std::move(lane));
    }
    m_live = false;
    const CancellationToken token = m_worker.begin(Activity::Generating);
    Q_EMIT started();
    m_worker.post([request, format = m_model.chatFormat, token](Engine &engine) {
        engine.lanes().start(request, format, token);
    });
}

void LaneSession::proceed(int tokens)
{
    if (!m_worker.isIdle() || !canProceed())
        return;
    m_worker.post([tokens, token = m_worker.begin(Activity::Generating)](Engine &engine) {
        engine.lanes().proceed(tokens, token);
    });
}

void LaneSession::say(const QString &words, const GenerationSettings &settings)
{
    if (!m_worker.isIdle() || !canSay())
        return;
    for (Lane &lane : m_lanes) {
        if (lane.state == LaneState::Failed || lane.report.generation.emittedIds.empty())
            continue;
        lane.state = LaneState::Waiting;
        lane.text.clear();
        ++lane.turn;
        lane.report.generation = {};
        lane.report.agreement.reset();
    }
    const CancellationToken token = m_worker.begin(Activity::Generating);
    Q_EMIT started();
    m_worker.post([=](Engine &engine) { engine.lanes().say(words, settings, token); });
}

void LaneSession::replay()
{
    if (!m_worker.isIdle() || !m_model.info)
        return;
    std::vector<GenerationReport> reports;
    std::vector<Lane> lanes;
    for (const Lane &lane : m_lanes) {
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
    m_lanes = std::move(lanes);
    m_live = false;
    const CancellationToken token = m_worker.begin(Activity::Generating);
    Q_EMIT started();
    m_worker.post([reports, token](Engine &engine) { engine.lanes().replay(reports, token); });
}

std::vector<double> LaneSession::importanceOf(const GenerationReport &report) const
{
    const ScoreSet *set = m_library.find(QString::fromStdString(report.scores));
    return set ? set->summary->shares : std::vector<double>();
}

bool LaneSession::canProceed() const
{
    return m_live && std::ranges::any_of(m_lanes, [](const Lane &lane) {
               return lane.state == LaneState::Stopped || lane.state == LaneState::Waiting ||
                      (lane.state == LaneState::Finished &&
                       lane.report.generation.stopReason == StopReason::TokenLimit);
           });
}

bool LaneSession::canSay() const
{
    return m_live && std::ranges::any_of(m_lanes, [](const Lane &lane) {
               return (lane.state == LaneState::Stopped || lane.state == LaneState::Finished) &&
                      !lane.report.generation.emittedIds.empty();
           });
}

void LaneSession::open(const QString &path)
{
    m_worker.post([path](Engine &engine) { engine.lanes().open(path); });
}

void LaneSession::take(const ReportPtr &report)
{
    m_worker.post([report](Engine &engine) { engine.guarded([&] { engine.lanes().take(report); }); });
}

void LaneSession::addOpened(const ReportPtr &report, const PromptPtr &prompt)
{
    if (m_lanes.size() >= mostLanes) {
        Q_EMIT failed(QStringLiteral("there are %1 lanes already; clear them before you open a report").arg(mostLanes));
        return;
    }
    Lane lane;
    lane.settings = {report->compression, QString::fromStdString(report->scores)};
    lane.state = LaneState::Opened;
    lane.text = QString::fromStdString(report->generation.text);
    lane.report = *report;
    lane.prompt = prompt;
    m_lanes.push_back(std::move(lane));
    Q_EMIT added(static_cast<int>(m_lanes.size()) - 1);
}

void LaneSession::clear()
{
    if (m_worker.activity() == Activity::Generating)
        return;
    m_lanes.clear();
    m_live = false;
    Q_EMIT cleared();
}

QString LaneSession::save(int lane, const QString &path) const
{
    if (lane < 0 || lane >= static_cast<int>(m_lanes.size()))
        return QStringLiteral("there is no such lane");
    try {
        writeGenerationReport(path.toStdString(), m_lanes[static_cast<std::size_t>(lane)].report);
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

void LaneSession::hideNeedle(const NeedleRequest &request)
{
    m_worker.post([request](Engine &engine) { engine.lanes().hideNeedle(request); });
}

} // namespace headkv
