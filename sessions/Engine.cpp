// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Engine.h"

#include "core/base/Installation.h"
#include "core/base/Stopwatch.h"
#include "core/probe/CasePlanner.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/ProbeReopen.h"
#include "core/probe/ProbeReport.h"
#include "core/probe/ProbeResume.h"
#include "core/text/Tokenizer.h"

#include <QFile>
#include <QFileInfo>
#include <nlohmann/json.hpp>

namespace headkv {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds progressInterval{34}; // 30 a second
constexpr std::chrono::milliseconds scoresInterval{250};

// Without a measurement: what two cores do with a model of 135 million parameters in 4 bits. Decoding a token costs as
// much as prefilling some eight.
constexpr double ruleSecondsPerToken = 1 / 600.0;
constexpr double ruleParameters = 135e6;
constexpr double decodeWeight = 8;

/// Runs a job; whatever goes wrong becomes one line.
template <typename Job>
void guarded(Engine &engine, Job job)
{
    try {
        job();
    } catch (...) {
        if (const QString problem = describeFailure(); !problem.isEmpty())
            Q_EMIT engine.failed(problem);
    }
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

/// The scores of a probe as far as it came.
ScoreSet probeScoreSet(const ModelInfo &info, const ProbeRun &run, const QString &metaJson)
{
    return makeScoreSet(
        QStringLiteral("%1 · %2").arg(scoreSetName(run.settings.kind), QString::fromStdString(info.name)),
        QStringLiteral("probe"), run.scores(info.layers, info.queryHeads), metaJson);
}

} // namespace

Engine::Engine()
    : m_lanes([this](LaneUpdate update) {
        if (m_feed->push(std::move(update)))
            Q_EMIT lanesAdvanced();
    })
{}

Engine::~Engine() = default;

JobControl Engine::makeControl(const CancellationToken &token)
{
    JobControl control;
    control.cancellation = token;
    control.progress = [this, sinceStageBegin = Stopwatch(), last = Clock::time_point(), stage = std::string(),
                        base = 0.0](const Progress &progress) mutable {
        const Clock::time_point now = Clock::now();
        if (progress.stage != stage) {
            stage = progress.stage;
            base = progress.done; // of what goes on, not all was done in this time
            sinceStageBegin.restart();
        } else if (now - last < progressInterval) {
            return;
        }
        last = now;
        const double elapsed = sinceStageBegin.seconds();
        JobProgress sent{QString::fromStdString(progress.stage), progress.done, progress.total,
                         QString::fromStdString(progress.unit),  elapsed,       std::nullopt};
        if (progress.total > 0 && progress.done > base && elapsed > 1)
            sent.remainingSeconds = elapsed * (progress.total - progress.done) / (progress.done - base);
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
        m_lanes.clear(); // their conversations are the other model's
        m_run = {};
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
        const LanePrompt spelled = spell(tokenizer, tokenizer.encode(text.toStdString()));
        Q_EMIT tokenized(text, {spelled.ids.begin(), spelled.ids.end()}, spelled.pieces);
    });
}

void Engine::countTokens(const QStringList &texts)
{
    if (!m_model || !m_model->hasTokenizer())
        return;
    guarded(*this, [&] {
        TokenCounts counts;
        for (const QString &text : texts)
            counts[text] =
                static_cast<int>(m_model->tokenizer().encode(text.toStdString(), SpecialTokens::Plain).size());
        Q_EMIT tokensCounted(counts);
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
        for (const ProbeCase &item : run.cases)
            estimate.decodeTokens += settings.scoring == ProbeScoring::Forced
                                         ? item.answerIds.size()
                                         : static_cast<std::size_t>(settings.maxNewTokens);
        estimate.measured = m_secondsPerToken > 0;
        const double perToken =
            estimate.measured ? m_secondsPerToken
                              : ruleSecondsPerToken * static_cast<double>(m_model->info().parameters) / ruleParameters;
        // Forced answers go through in one pass, as a prompt does.
        const double weight = settings.scoring == ProbeScoring::Forced ? 1 : decodeWeight;
        estimate.seconds = perToken * (static_cast<double>(estimate.prefillTokens) +
                                       weight * static_cast<double>(estimate.decodeTokens));
        Q_EMIT probeEstimated(estimate);
    });
}

void Engine::runProbe(const ProbeSettings &settings, const CancellationToken &token)
{
    bool planned = false;
    if (m_model) {
        guarded(*this, [&] {
            m_run = planProbe(*m_model, settings);
            announcePlan();
            planned = true;
        });
    }
    if (planned) {
        runCasesLeft(token);
    } else {
        Q_EMIT probeFinished(true);
        Q_EMIT jobEnded();
    }
}

void Engine::announcePlan()
{
    Q_EMIT probePlanned(std::make_shared<const ProbeSettings>(m_run.settings),
                        std::make_shared<const std::vector<ProbeCase>>(m_run.cases));
}

void Engine::openProbe(const QString &path)
{
    guarded(*this, [&] {
        if (!m_model)
            throw Error(ErrorKind::Usage,
                        path.toStdString() + ": a probe's report needs the model that was probed; load it first");
        ProbeRun run = planProbe(*m_model, readProbeSettings(path.toStdString()));
        headkv::resumeProbe(run, m_model->info(), path.toStdString());
        m_run = std::move(run);
        m_run.cancelled = m_run.results.size() < m_run.cases.size();
        announcePlan();
        for (const ProbeCaseResult &result : m_run.results)
            Q_EMIT caseDone(std::make_shared<const ProbeCaseResult>(result));
        finish(m_run);
        Q_EMIT probeFinished(m_run.cancelled);
    });
}

void Engine::saveProbe(const QString &path)
{
    if (m_model && !m_run.cases.empty())
        guarded(*this, [&] {
            ProbeReport(path.toStdString(), m_model->info()).finish(m_run);
            Q_EMIT logged(
                QStringLiteral("Wrote %1: %2 of %3 cases").arg(path).arg(m_run.results.size()).arg(m_run.cases.size()));
            Q_EMIT probeSaved(path);
        });
}

void Engine::resumeProbe(const CancellationToken &token) { runCasesLeft(token); }

void Engine::runCasesLeft(const CancellationToken &token)
{
    bool cancelled = true;
    guarded(*this, [&] {
        m_lastScores = {};
        runCases(m_model, m_run, makeControl(token), [this](const ProbeRun &soFar) { publish(soFar); });
        cancelled = m_run.cancelled;
        finish(m_run);
    });
    Q_EMIT probeFinished(cancelled);
    Q_EMIT jobEnded();
}

void Engine::inspectCase(const CaseRequest &request, const CancellationToken &token)
{
    if (m_model)
        guarded(*this, [&] {
            headkv::inspectCase(m_model, request, makeControl(token),
                                [this](const InspectionPtr &inspection) { Q_EMIT caseInspected(inspection); });
        });
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
    Q_EMIT probeScored(set);
}

void Engine::measure(const ProbeRun &run)
{
    double tokens = static_cast<double>(run.totals.prefillTokens);
    const double weight = run.settings.scoring == ProbeScoring::Forced ? 1 : decodeWeight;
    for (const ProbeCaseResult &result : run.results)
        tokens += weight * static_cast<double>(result.emittedIds.size());
    if (!run.results.empty() && tokens > 0)
        m_secondsPerToken = run.totals.seconds / tokens;
}

void Engine::testMasking(const ScoresPtr &scores, const MaskingSettings &settings, const CancellationToken &token)
{
    if (m_model) {
        guarded(*this, [&] {
            const Stopwatch watch;
            const MaskingResult result =
                headkv::testMasking(m_model, *scores, settings, makeControl(token),
                                    [this](const MaskingResult &soFar) { Q_EMIT maskingAdvanced(soFar); });
            Q_EMIT logged(QStringLiteral("Masking test %1 after %2 numbers of heads over %3 cases, %4 s")
                              .arg(result.cancelled ? QStringLiteral("cancelled") : QStringLiteral("finished"))
                              .arg(result.points.size())
                              .arg(result.cases)
                              .arg(watch.seconds(), 0, 'f', 1));
        });
    }
    Q_EMIT maskingFinished(token.isCancelled());
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
        Q_EMIT scoresRead(makeScoreSet(QFileInfo(path).completeBaseName(), path, std::move(scores), provenance));
    });
}

void Engine::analyseScores(const ScoresPtr &scores, const CancellationToken &token)
{
    guarded(*this,
            [&] { Q_EMIT scoresAnalysed(scores, std::make_shared<const HeadStatistics>(analyse(*scores, token))); });
}

void Engine::runLanes(const std::function<void(const JobControl &)> &job, const CancellationToken &token)
{
    if (m_model)
        guarded(*this, [&] { job(makeControl(token)); });
    Q_EMIT lanesFinished(token.isCancelled());
}

void Engine::startLanes(const GenerationRequest &request, const std::optional<ChatFormat> &format,
                        const CancellationToken &token)
{
    runLanes([&](const JobControl &control) { m_lanes.start(m_model, request, format, control); }, token);
}

void Engine::replayLanes(const std::vector<GenerationReport> &reports, const CancellationToken &token)
{
    runLanes([&](const JobControl &control) { m_lanes.replay(m_model, reports, control); }, token);
}

void Engine::continueLanes(int tokens, const CancellationToken &token)
{
    runLanes([&](const JobControl &control) { m_lanes.proceed(tokens, control); }, token);
}

void Engine::sayToLanes(const QString &words, const GenerationSettings &settings, const CancellationToken &token)
{
    runLanes([&](const JobControl &control) { m_lanes.say(words, settings, control); }, token);
}

void Engine::openReport(const QString &path)
{
    guarded(*this, [&] {
        auto report = std::make_shared<const GenerationReport>(readGenerationReport(path.toStdString()));
        PromptPtr prompt;
        if (m_model && m_model->hasTokenizer()) {
            std::vector<TokenId> ids = report->generation.historyIds;
            ids.insert(ids.end(), report->generation.promptIds.begin(), report->generation.promptIds.end());
            prompt = std::make_shared<const LanePrompt>(spell(m_model->tokenizer(), std::move(ids)));
        }
        Q_EMIT logged(QStringLiteral("Read %1: %2, %3 tokens of prompt, %4 of answer")
                          .arg(path, QString::fromStdString(report->compression.method))
                          .arg(report->generation.promptIds.size())
                          .arg(report->generation.emittedIds.size()));
        Q_EMIT reportOpened(report, prompt);
    });
}

void Engine::hideNeedle(const NeedleRequest &request)
{
    if (!m_model)
        return;
    guarded(*this, [&] {
        const Tokenizer &tokenizer = m_model->tokenizer();
        ProbeSettings settings;
        settings.lengths = {request.length};
        settings.depths = {request.depth};
        settings.needles = {request.needle};
        settings.haystack = request.haystack.toStdString();
        ChatFormat bare; // the words alone
        bare.name = "custom";
        const std::vector<ProbeCase> cases = planCases(settings, tokenizer, bare, m_model->info().contextLength);
        HiddenNeedle hidden;
        hidden.words = QString::fromStdString(tokenizer.decode(cases.front().promptIds));
        const QString needle = QString::fromStdString(request.needle.needle);
        if (const qsizetype at = hidden.words.indexOf(needle); at >= 0) {
            hidden.begin = at;
            hidden.end = at + needle.size();
        }
        hidden.question = QString::fromStdString(questionText(request.needle));
        hidden.answer = QString::fromStdString(request.needle.answer);
        Q_EMIT needleHidden(hidden);
    });
}

} // namespace headkv
