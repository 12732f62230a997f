// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/EvaluationJobs.h"

#include "core/evaluation/EvaluationPlanner.h"
#include "core/evaluation/EvaluationReport.h"
#include "core/evaluation/EvaluationRunner.h"
#include "core/evaluation/StoredEvaluation.h"
#include "core/probe/Haystack.h"
#include "sessions/Engine.h"

namespace headkv {

namespace {

/// What the window needs of a run: all but the prompts.
EvaluationPtr withoutPrompts(const EvaluationRun &run)
{
    auto plan = std::make_shared<EvaluationRun>(run);
    for (EvaluationTask &task : plan->tasks) {
        for (EvaluationCase &item : task.cases) {
            item.contextIds = {};
            item.questionIds = {};
        }
    }
    return plan;
}

} // namespace

EvaluationJobs::EvaluationJobs(Engine &engine)
    : QObject(&engine)
    , m_engine(engine)
{}

void EvaluationJobs::run(const EvaluationRequest &request, const CancellationToken &token)
{
    bool isPlanned = false;
    m_engine.guarded([&] {
        EvaluationRequest whole = request; // its report says what stood around the prompts
        whole.chatFormat = request.chatFormat.value_or(m_engine.model()->chatFormat());
        m_run = planEvaluation(*m_engine.model(), whole, m_engine.makeControl(token));
        m_request = whole;
        m_model = std::make_shared<const ModelInfo>(m_engine.model()->info());
        m_opened.clear();
        for (const std::string &line : m_run.skipped)
            Q_EMIT m_engine.logged(QStringLiteral("Skipped: %1").arg(QString::fromStdString(line)));
        Q_EMIT planned(std::make_shared<const EvaluationRequest>(whole), withoutPrompts(m_run), m_model);
        isPlanned = true;
    });
    if (isPlanned) {
        answerRest(token);
    } else {
        Q_EMIT finished(true);
        Q_EMIT m_engine.jobEnded();
    }
}

void EvaluationJobs::answerRest(const CancellationToken &token)
{
    bool cancelled = true;
    m_engine.guarded([&] {
        if (!m_opened.isEmpty())
            replan(token);
        runEvaluation(m_engine.model(), m_run, m_engine.makeControl(token), [this](const EvaluationRun &soFar) {
            Q_EMIT answered(std::make_shared<const EvaluationResult>(soFar.results.back()));
        });
        cancelled = m_run.cancelled;
        Q_EMIT m_engine.logged(QStringLiteral("Evaluation %1 after %2 of %3 answers, %4 s")
                                   .arg(cancelled ? QStringLiteral("cancelled") : QStringLiteral("finished"))
                                   .arg(m_run.results.size())
                                   .arg(m_run.answers())
                                   .arg(m_run.seconds, 0, 'f', 1));
    });
    Q_EMIT finished(cancelled);
    Q_EMIT m_engine.jobEnded();
}

void EvaluationJobs::resume(const CancellationToken &token) { answerRest(token); }

void EvaluationJobs::replan(const CancellationToken &token)
{
    EvaluationRequest request = *m_request;
    request.needles.haystack = haystackNamed(request.needles.haystackName).text;
    EvaluationRun run = planEvaluation(*m_engine.model(), request, m_engine.makeControl(token));
    resumeEvaluation(run, m_engine.model()->info(), request, m_opened.toStdString());
    m_run = std::move(run);
    m_request = std::move(request);
    m_model = std::make_shared<const ModelInfo>(m_engine.model()->info());
    m_opened.clear();
}

void EvaluationJobs::open(const QString &path)
{
    m_engine.guarded([&] {
        auto stored = std::make_shared<StoredEvaluation>(readEvaluation(path.toStdString()));
        m_run = stored->run;
        m_request = stored->request;
        m_opened = path;
        Q_EMIT opened(stored);
    });
}

void EvaluationJobs::save(const QString &path)
{
    if (!m_request || !m_opened.isEmpty())
        return;
    m_engine.guarded([&] {
        EvaluationReport(path.toStdString(), *m_model, *m_request).finish(m_run);
        Q_EMIT m_engine.logged(
            QStringLiteral("Wrote %1: %2 of %3 answers").arg(path).arg(m_run.results.size()).arg(m_run.answers()));
        Q_EMIT saved(path);
    });
}

} // namespace headkv
