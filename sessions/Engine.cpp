// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Engine.h"

#include "core/base/Installation.h"
#include "core/base/Stopwatch.h"
#include "core/text/Tokenizer.h"
#include "sessions/EvaluationJobs.h"
#include "sessions/LaneJobs.h"
#include "sessions/LaneRunner.h"
#include "sessions/ProbeJobs.h"
#include "sessions/ScoreJobs.h"
#include "sessions/SessionFile.h"

#include <chrono>

namespace headkv {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds progressInterval{34}; // 30 a second

} // namespace

Engine::Engine()
    : m_probe(new ProbeJobs(*this))
    , m_lanes(new LaneJobs(*this))
    , m_evaluation(new EvaluationJobs(*this))
    , m_scores(new ScoreJobs(*this))
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

void Engine::guarded(const std::function<void()> &job)
{
    try {
        job();
    } catch (...) {
        if (const QString problem = describeFailure(); !problem.isEmpty())
            Q_EMIT failed(problem);
    }
}

void Engine::loadModel(const QString &model, const ModelOptions &options, const CancellationToken &token)
{
    guarded([&] {
        const Stopwatch watch;
        auto loaded = Model::load(resolveModelPath(model.toStdString()), options, makeControl(token));
        m_model = std::move(loaded);
        Q_EMIT logged(QStringLiteral("Loaded %1 in %2 s")
                          .arg(QString::fromStdString(m_model->info().path))
                          .arg(watch.seconds(), 0, 'f', 2));
        Q_EMIT modelLoaded(std::make_shared<const ModelInfo>(m_model->info()));
    });
    Q_EMIT jobEnded();
}

void Engine::readSession(const QString &path)
{
    guarded([&] {
        const auto document = std::make_shared<const SessionDocument>(headkv::readSession(path));
        Q_EMIT logged(QStringLiteral("Read %1: %2 score sets").arg(path).arg(document->scores.size()));
        Q_EMIT sessionRead(document, path);
    });
}

void Engine::tokenize(const QString &text)
{
    if (!m_model)
        return;
    guarded([&] {
        const Tokenizer &tokenizer = m_model->tokenizer();
        const LanePrompt spelled = spell(tokenizer, tokenizer.encode(text.toStdString()));
        Q_EMIT tokenized(text, {spelled.ids.begin(), spelled.ids.end()}, spelled.pieces);
    });
}

void Engine::countTokens(const QStringList &texts)
{
    if (!m_model || !m_model->hasTokenizer())
        return;
    guarded([&] {
        TokenCounts counts;
        for (const QString &text : texts)
            counts[text] =
                static_cast<int>(m_model->tokenizer().encode(text.toStdString(), SpecialTokens::Plain).size());
        Q_EMIT tokensCounted(counts);
    });
}

} // namespace headkv
