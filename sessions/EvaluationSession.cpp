// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/EvaluationSession.h"

#include "sessions/EvaluationJobs.h"
#include "sessions/LoadedModel.h"
#include "sessions/Worker.h"

#include <utility>

namespace headkv {

EvaluationSession::EvaluationSession(Worker &worker, const LoadedModel &model)
    : m_worker(worker)
    , m_model(model)
    , m_watch(worker, [](Engine &engine) { engine.evaluation().follow(); })
{
    connectEngine();
}

void EvaluationSession::connectEngine()
{
    const EvaluationJobs *jobs = &m_worker.engine().evaluation();
    connect(jobs, &EvaluationJobs::planned, this, [this](const StoredEvaluationPtr &plan) {
        m_evaluation = *plan;
        m_isOwn = true;
        Q_EMIT started();
    });
    connect(jobs, &EvaluationJobs::answered, this, [this](const AnswerPtr &result) {
        m_isOwn = true; // an opened one, once there is more than its file has
        addAnswer(result);
    });
    connect(jobs, &EvaluationJobs::followed, this, &EvaluationSession::addAnswer);
    connect(jobs, &EvaluationJobs::watched, &m_watch, &ReportWatch::answer);
    connect(jobs, &EvaluationJobs::finished, this, [this](bool cancelled) {
        m_evaluation.run.cancelled = cancelled;
        Q_EMIT finished(cancelled);
    });
    connect(jobs, &EvaluationJobs::opened, this, [this](const StoredEvaluationPtr &stored) {
        m_evaluation = *stored;
        m_isOwn = stored == std::exchange(m_taken, nullptr); // a session's is in no file of its own
        Q_EMIT started();
        Q_EMIT finished(m_evaluation.run.results.size() < m_evaluation.run.answers());
    });
    connect(jobs, &EvaluationJobs::saved, this, &EvaluationSession::saved);
}

void EvaluationSession::addAnswer(const AnswerPtr &result)
{
    m_evaluation.run.results.push_back(*result);
    Q_EMIT answered(static_cast<int>(m_evaluation.run.results.size()) - 1);
}

void EvaluationSession::start(EvaluationRequest request)
{
    if (!m_worker.isIdle() || !m_model.info)
        return;
    request.chatFormat = m_model.chatFormat;
    m_worker.post([request = std::move(request), token = m_worker.begin(Activity::Evaluating)](Engine &engine) {
        engine.evaluation().run(request, token);
    });
}

void EvaluationSession::resume()
{
    if (!m_worker.isIdle() || !canResume())
        return;
    Q_EMIT resumed();
    m_worker.post(
        [token = m_worker.begin(Activity::Evaluating)](Engine &engine) { engine.evaluation().resume(token); });
}

void EvaluationSession::open(const QString &path)
{
    if (m_worker.isIdle())
        m_worker.post([path](Engine &engine) { engine.evaluation().open(path); });
}

void EvaluationSession::take(const StoredEvaluationPtr &stored, const QString &source)
{
    m_taken = stored;
    m_worker.post([stored, source](Engine &engine) { engine.evaluation().take(stored, source); });
}

void EvaluationSession::clear()
{
    m_evaluation = {};
    m_isOwn = false;
    m_worker.post([](Engine &engine) { engine.evaluation().forget(); });
    Q_EMIT started();
    Q_EMIT finished(false);
}

void EvaluationSession::save(const QString &path)
{
    if (m_worker.isIdle() && canSave())
        m_worker.post([path](Engine &engine) { engine.evaluation().save(path); });
}

bool EvaluationSession::canResume() const
{
    const EvaluationRun &run = m_evaluation.run;
    if (!m_model.info || run.tasks.empty() || run.results.size() >= run.answers())
        return false;
    return *otherArithmetic(m_evaluation.model, *m_model.info) == '\0';
}

} // namespace headkv
