// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Engine.h"

#include "core/base/Installation.h"
#include "core/base/Stopwatch.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/ProbeReport.h"
#include "core/text/Tokenizer.h"

#include <QFile>
#include <QFileInfo>
#include <nlohmann/json.hpp>

namespace headkv {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds progressInterval{34}; // 30 a second
constexpr std::chrono::milliseconds scoresInterval{250};

// Without a measurement: what two cores do with a model of 135 million parameters in float32. Decoding a token costs as
// much as prefilling some thirty.
constexpr double ruleSecondsPerToken = 1 / 350.0;
constexpr double ruleParameters = 135e6;
constexpr double decodeWeight = 30;

/// Runs a job; whatever goes wrong becomes one line. Returns whether it came to its end.
template <typename Job>
bool guarded(Engine &engine, Job job)
{
    try {
        job();
        return true;
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled)
            Q_EMIT engine.failed(QString::fromUtf8(error.what()));
    } catch (const std::bad_alloc &) {
        Q_EMIT engine.failed(QStringLiteral("the memory ran out; close other programs or ask for less"));
    } catch (const std::exception &error) {
        Q_EMIT engine.failed(QStringLiteral("internal error: ") + QString::fromUtf8(error.what()).section('\n', 0, 0));
    }
    return false;
}

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

ScoreSet makeScoreSet(const QString &name, const QString &origin, HeadScores scores, const QString &metaJson)
{
    auto summary = std::make_shared<const HeadScoreSummary>(summarize(scores));
    return {name, origin, std::make_shared<const HeadScores>(std::move(scores)), std::move(summary), metaJson};
}

/// The scores of a probe as far as it came.
ScoreSet probeScoreSet(const ModelInfo &info, const ProbeRun &run, const QString &metaJson)
{
    return makeScoreSet(
        QStringLiteral("%1 · %2").arg(scoreSetName(run.settings.kind), QString::fromStdString(info.name)),
        QStringLiteral("probe"), run.scores(info.layers, info.queryHeads), metaJson);
}

} // namespace

Engine::Engine() = default;
Engine::~Engine() = default;

JobControl Engine::makeControl(const CancellationToken &token)
{
    JobControl control;
    control.cancellation = token;
    control.progress = [this, sinceStageBegin = Stopwatch(), last = Clock::time_point(),
                        stage = std::string()](const Progress &progress) mutable {
        const Clock::time_point now = Clock::now();
        if (progress.stage != stage) {
            stage = progress.stage;
            sinceStageBegin.restart();
        } else if (now - last < progressInterval) {
            return;
        }
        last = now;
        const double elapsed = sinceStageBegin.seconds();
        JobProgress sent{QString::fromStdString(progress.stage), progress.done, progress.total,
                         QString::fromStdString(progress.unit),  elapsed,       std::nullopt};
        if (progress.total > 0 && progress.done > 0 && elapsed > 1)
            sent.remainingSeconds = elapsed * (progress.total - progress.done) / progress.done;
        Q_EMIT progressed(sent);
    };
    return control;
}

void Engine::loadModel(const QString &model, const ModelOptions &options, const CancellationToken &token)
{
    guarded(*this, [&] {
        const Stopwatch watch;
        auto loaded = Model::load(resolveModelPath(model.toStdString()), options, makeControl(token));
        m_model = std::move(loaded);
        m_secondsPerToken = 0;
        Q_EMIT logged(QStringLiteral("Loaded %1 in %2 s")
                          .arg(QString::fromStdString(m_model->info().path))
                          .arg(watch.seconds(), 0, 'f', 2));
        Q_EMIT modelLoaded(std::make_shared<const ModelInfo>(m_model->info()));
    });
    Q_EMIT jobEnded();
}

void Engine::tokenize(const QString &text)
{
    if (!m_model)
        return;
    guarded(*this, [&] {
        const Tokenizer &tokenizer = m_model->tokenizer();
        QVector<int> ids;
        QStringList pieces;
        for (const TokenId id : tokenizer.encode(text.toStdString())) {
            ids << id;
            pieces << QString::fromStdString(tokenizer.piece(id));
        }
        Q_EMIT tokenized(text, ids, pieces);
    });
}

void Engine::estimateProbe(const ProbeSettings &settings)
{
    if (!m_model)
        return;
    guarded(*this, [&] {
        const ProbeRun run = planProbe(*m_model, settings);
        ProbeEstimate estimate;
        estimate.cases = run.cases.size();
        estimate.prefillTokens = prefillCost(run).computed;
        estimate.decodeTokens = run.cases.size() * static_cast<std::size_t>(settings.maxNewTokens);
        estimate.measured = m_secondsPerToken > 0;
        const double perToken =
            estimate.measured ? m_secondsPerToken
                              : ruleSecondsPerToken * static_cast<double>(m_model->info().parameters) / ruleParameters;
        estimate.seconds = perToken * (static_cast<double>(estimate.prefillTokens) +
                                       decodeWeight * static_cast<double>(estimate.decodeTokens));
        Q_EMIT probeEstimated(estimate);
    });
}

void Engine::runProbe(const ProbeSettings &settings, const CancellationToken &token)
{
    bool cancelled = true;
    if (m_model) {
        guarded(*this, [&] {
            ProbeRun run = planProbe(*m_model, settings);
            Q_EMIT probePlanned(std::make_shared<const ProbeSettings>(run.settings),
                                std::make_shared<const std::vector<ProbeCase>>(run.cases));
            m_lastScores = {};
            runCases(m_model, run, makeControl(token), [this](const ProbeRun &soFar) { publish(soFar); });
            cancelled = run.cancelled;
            finish(run);
        });
    }
    Q_EMIT probeFinished(cancelled);
    Q_EMIT jobEnded();
}

/// Hands out the newest case, and now and then the scores so far.
void Engine::publish(const ProbeRun &run)
{
    Q_EMIT caseDone(std::make_shared<const ProbeCaseResult>(run.results.back()));
    const Clock::time_point now = Clock::now();
    if (run.totals.passed == 0 || now - m_lastScores < scoresInterval)
        return;
    m_lastScores = now;
    Q_EMIT scoresChanged(probeScoreSet(m_model->info(), run, {}));
}

void Engine::finish(const ProbeRun &run)
{
    measure(run);
    const ModelInfo &info = m_model->info();
    Q_EMIT logged(QStringLiteral("Probe %1 after %2 of %3 cases, %4 passed, %5 s")
                      .arg(run.cancelled ? QStringLiteral("cancelled") : QStringLiteral("finished"))
                      .arg(run.results.size())
                      .arg(run.cases.size())
                      .arg(run.totals.passed)
                      .arg(run.totals.seconds, 0, 'f', 1));
    if (run.totals.passed == 0) {
        Q_EMIT notice(QString::fromStdString(explainNoPass(run)));
        return;
    }
    const ScoreSet set = probeScoreSet(info, run, QString::fromStdString(probeProvenance(info, run).dump()));
    Q_EMIT scoresChanged(set);
    Q_EMIT scoreSetReady(set);
}

void Engine::measure(const ProbeRun &run)
{
    double tokens = static_cast<double>(run.totals.prefillTokens);
    for (const ProbeCaseResult &result : run.results)
        tokens += decodeWeight * static_cast<double>(result.emittedIds.size());
    if (!run.results.empty() && tokens > 0)
        m_secondsPerToken = run.totals.seconds / tokens;
}

void Engine::openScores(const QString &path)
{
    guarded(*this, [&] {
        HeadScores scores = readHeadScores(path.toStdString());
        const QString meta = QString::fromStdString(headScoreMetaPath(path.toStdString()).string());
        QFile metaFile(meta);
        const QString provenance =
            metaFile.open(QIODevice::ReadOnly) ? QString::fromUtf8(metaFile.read(1 << 24)) : QString();
        Q_EMIT logged(QStringLiteral("Read %1: %2 × %3 heads, %4 examples")
                          .arg(path)
                          .arg(scores.layers)
                          .arg(scores.heads)
                          .arg(scores.examples()));
        Q_EMIT scoreSetReady(makeScoreSet(QFileInfo(path).completeBaseName(), path, std::move(scores), provenance));
    });
}

} // namespace headkv
