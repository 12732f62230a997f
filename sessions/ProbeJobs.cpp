// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/ProbeJobs.h"

#include "core/base/MappedFile.h"
#include "core/base/Stopwatch.h"
#include "core/probe/ProbeReopen.h"
#include "core/probe/ProbeReport.h"
#include "core/probe/ProbeResume.h"
#include "core/probe/ProbeWork.h"
#include "sessions/Engine.h"

#include <nlohmann/json.hpp>

namespace headkv {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds scoresInterval{250};

// Without a measurement: what two cores do with a model of 135 million parameters in 4 bits.
constexpr double ruleSecondsPerToken = 1 / 600.0;
constexpr double ruleParameters = 135e6;

QString scoreSetName(ProbeKind kind)
{
    switch (kind) {
    case ProbeKind::Retrieval:
        return QStringLiteral("R");
    case ProbeKind::Enhanced:
        return QStringLiteral("ER");
    case ProbeKind::Reasoning:
        return QStringLiteral("R2");
    }
    return {};
}

/// The scores of a probe as far as it came.
ScoreSet probeScoreSet(const ModelInfo &info, const ProbeRun &run, const QString &metaJson)
{
    return makeScoreSet(
        QStringLiteral("%1 · %2").arg(scoreSetName(run.settings.kind), QString::fromStdString(info.name)),
        QStringLiteral("probe"), run.scores(info.layers, info.queryHeads), metaJson);
}

} // namespace

ProbeJobs::ProbeJobs(Engine &engine)
    : QObject(&engine)
    , m_engine(engine)
{
    connect(&engine, &Engine::modelLoaded, this, [this] {
        m_run = {};
        m_report.end();
        announceWatch();
        m_secondsPerToken = 0;
    });
}

void ProbeJobs::estimate(const ProbeSettings &settings)
{
    if (!m_engine.model())
        return;
    m_engine.guarded([&] {
        const ProbeRun run = planProbe(*m_engine.model(), settings);
        ProbeEstimate estimate;
        estimate.cases = run.cases.size();
        estimate.prefillTokens = prefillCost(run).computed;
        for (const ProbeCase &item : run.cases)
            estimate.decodeTokens += settings.scoring == ProbeScoring::Forced
                                         ? item.answerIds.size()
                                         : static_cast<std::size_t>(settings.maxNewTokens);
        estimate.measured = m_secondsPerToken > 0;
        const double perToken =
            estimate.measured
                ? m_secondsPerToken
                : ruleSecondsPerToken * static_cast<double>(m_engine.model()->info().parameters) / ruleParameters;
        estimate.seconds = perToken * (static_cast<double>(estimate.prefillTokens) +
                                       answerCost(settings.scoring, estimate.decodeTokens));
        Q_EMIT estimated(estimate);
    });
}

void ProbeJobs::run(const ProbeSettings &settings, const CancellationToken &token)
{
    bool isPlanned = false;
    if (m_engine.model()) {
        m_engine.guarded([&] {
            m_run = planProbe(*m_engine.model(), settings);
            announcePlan();
            isPlanned = true;
        });
    }
    if (isPlanned) {
        runCasesLeft(token);
    } else {
        Q_EMIT finished(true);
        Q_EMIT m_engine.jobEnded();
    }
}

void ProbeJobs::announcePlan()
{
    Q_EMIT planned(std::make_shared<const ProbeSettings>(m_run.settings),
                   std::make_shared<const std::vector<ProbeCase>>(m_run.cases));
}

void ProbeJobs::open(const QString &path)
{
    m_engine.guarded([&] {
        if (!m_engine.model())
            throw Error(ErrorKind::Usage,
                        path.toStdString() + ": a probe's report needs the model that was probed; load it first");
        take(readTextFile(path.toStdString()), path.toStdString());
        finish(m_run);
        Q_EMIT opened(path);
        Q_EMIT finished(m_run.cancelled);
        m_report.begin(m_run.cancelled ? path : QString());
        announceWatch();
    });
}

void ProbeJobs::restore(const KeptProbe &kept)
{
    m_engine.guarded([&] {
        const std::string source = kept.source.toStdString();
        take(kept.report ? *kept.report : readTextFile(source), source);
        measure(m_run);
        Q_EMIT restored();
        Q_EMIT finished(m_run.cancelled);
    });
}

void ProbeJobs::take(std::string_view report, const std::string &source)
{
    m_report.end();
    ProbeRun run = planProbe(*m_engine.model(), parseProbeSettings(report, source));
    resumeProbe(run, m_engine.model()->info(), report, source);
    m_run = std::move(run);
    m_run.cancelled = m_run.results.size() < m_run.cases.size();
    announcePlan();
    for (const ProbeCaseResult &result : m_run.results)
        Q_EMIT caseDone(std::make_shared<const ProbeCaseResult>(result));
    Q_EMIT totalsChanged(m_run.totals);
}

void ProbeJobs::forget()
{
    m_run = {};
    m_report.end();
}

void ProbeJobs::announceWatch() { Q_EMIT watched(m_report.path(), m_report.grown()); }

void ProbeJobs::follow()
{
    m_engine.guarded([&] {
        if (!m_report.readChanged([this] { takeAdded(); }))
            return;
        m_run.cancelled = m_run.results.size() < m_run.cases.size();
        if (m_run.cancelled) {
            Q_EMIT scoresChanged(probeScoreSet(m_engine.model()->info(), m_run, {}));
            return;
        }
        m_report.end();
        finish(m_run);
        Q_EMIT finished(false);
    });
    announceWatch();
}

void ProbeJobs::takeAdded()
{
    ProbeRun now;
    now.settings = m_run.settings;
    now.cases = m_run.cases;
    headkv::resumeProbe(now, m_engine.model()->info(), m_report.path().toStdString());
    requireSame(now.results.size() >= m_run.results.size());
    std::vector<bool> known(m_run.cases.size());
    for (const ProbeCaseResult &result : m_run.results)
        known[result.index] = true;
    for (const ProbeCaseResult &result : now.results) {
        if (!known[result.index])
            Q_EMIT caseDone(std::make_shared<const ProbeCaseResult>(result));
    }
    m_run = std::move(now);
    Q_EMIT totalsChanged(m_run.totals);
}

void ProbeJobs::save(const QString &path)
{
    if (m_engine.model() && !m_run.cases.empty())
        m_engine.guarded([&] {
            ProbeReport(path.toStdString(), m_engine.model()->info()).finish(m_run);
            Q_EMIT m_engine.logged(
                QStringLiteral("Wrote %1: %2 of %3 cases").arg(path).arg(m_run.results.size()).arg(m_run.cases.size()));
            Q_EMIT saved(path);
        });
}

void ProbeJobs::resume(const CancellationToken &token) { runCasesLeft(token); }

void ProbeJobs::runCasesLeft(const CancellationToken &token)
{
    bool cancelled = true;
    m_report.end(); // the probe goes its own way
    announceWatch();
    m_engine.guarded([&] {
        m_lastScores = {};
        runCases(m_engine.model(), m_run, m_engine.makeControl(token),
                 [this](const ProbeRun &soFar) { publish(soFar); });
        cancelled = m_run.cancelled;
        finish(m_run);
    });
    Q_EMIT finished(cancelled);
    Q_EMIT m_engine.jobEnded();
}

/// Hands out the newest case, and now and then the scores so far.
void ProbeJobs::publish(const ProbeRun &run)
{
    Q_EMIT caseDone(std::make_shared<const ProbeCaseResult>(run.results.back()));
    Q_EMIT totalsChanged(run.totals);
    const Clock::time_point now = Clock::now();
    if (run.totals.passed == 0 || now - m_lastScores < scoresInterval)
        return;
    m_lastScores = now;
    Q_EMIT scoresChanged(probeScoreSet(m_engine.model()->info(), run, {}));
}

void ProbeJobs::finish(const ProbeRun &run)
{
    measure(run);
    const ModelInfo &info = m_engine.model()->info();
    Q_EMIT m_engine.logged(QStringLiteral("Probe %1 after %2 of %3 cases, %4 passed, %5 s")
                               .arg(run.cancelled ? QStringLiteral("cancelled") : QStringLiteral("finished"))
                               .arg(run.results.size())
                               .arg(run.cases.size())
                               .arg(run.totals.passed)
                               .arg(run.totals.seconds, 0, 'f', 1));
    if (run.totals.passed == 0) {
        Q_EMIT m_engine.notice(QString::fromStdString(explainNoPass(run)));
        return;
    }
    const ScoreSet set = probeScoreSet(info, run, QString::fromStdString(probeProvenance(info, run).dump()));
    Q_EMIT scoresChanged(set);
    Q_EMIT scored(set);
}

void ProbeJobs::measure(const ProbeRun &run)
{
    double tokens = static_cast<double>(run.totals.prefillTokens);
    for (const ProbeCaseResult &result : run.results)
        tokens += answerCost(run.settings.scoring, result.emittedIds.size());
    if (!run.results.empty() && tokens > 0)
        m_secondsPerToken = run.totals.seconds / tokens;
}

void ProbeJobs::inspectCase(const CaseRequest &request, const CancellationToken &token)
{
    if (m_engine.model())
        m_engine.guarded([&] {
            headkv::inspectCase(m_engine.model(), request, m_engine.makeControl(token),
                                [this](const InspectionPtr &inspection) { Q_EMIT caseInspected(inspection); });
        });
    Q_EMIT m_engine.jobEnded();
}

void ProbeJobs::testMasking(const ScoresPtr &scores, const MaskingSettings &settings, const CancellationToken &token)
{
    if (m_engine.model()) {
        m_engine.guarded([&] {
            const Stopwatch watch;
            const MaskingResult result =
                headkv::testMasking(m_engine.model(), *scores, settings, m_engine.makeControl(token),
                                    [this](const MaskingResult &soFar) { Q_EMIT maskingAdvanced(soFar); });
            Q_EMIT m_engine.logged(QStringLiteral("Masking test %1 after %2 numbers of heads over %3 cases, %4 s")
                                       .arg(result.cancelled ? QStringLiteral("cancelled") : QStringLiteral("finished"))
                                       .arg(result.points.size())
                                       .arg(result.cases)
                                       .arg(watch.seconds(), 0, 'f', 1));
        });
    }
    Q_EMIT maskingFinished(token.isCancelled());
}

} // namespace headkv
