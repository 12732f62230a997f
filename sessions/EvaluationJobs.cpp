// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/EvaluationJobs.h"

#include "core/evaluation/EvaluationPlanner.h"
#include "core/evaluation/EvaluationReport.h"
#include "core/evaluation/EvaluationRunner.h"
#include "core/evaluation/StoredEvaluation.h"
#include "core/probe/Haystack.h"
#include "sessions/Engine.h"

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace headkv {

namespace {

/// What the window needs of a run: all but the prompts.
StoredEvaluationPtr withoutPrompts(const ModelInfo &model, const EvaluationRequest &request, const EvaluationRun &run)
{
    auto plan = std::make_shared<StoredEvaluation>(StoredEvaluation{model, request, {}, run});
    for (EvaluationTask &task : plan->run.tasks) {
        plan->fingerprints.push_back(fingerprint(task));
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
        m_opened.reset();
        for (const std::string &line : m_run.skipped)
            Q_EMIT m_engine.logged(QStringLiteral("Skipped: %1").arg(QString::fromStdString(line)));
        Q_EMIT planned(withoutPrompts(*m_model, whole, m_run));
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
    m_report.end(); // the run goes its own way
    announceWatch();
    m_engine.guarded([&] {
        if (m_opened)
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
    resumeEvaluation(run, m_engine.model()->info(), request, *m_opened, m_source.toStdString());
    m_run = std::move(run);
    m_request = std::move(request);
    m_model = std::make_shared<const ModelInfo>(m_engine.model()->info());
    m_opened.reset();
}

void EvaluationJobs::open(const QString &path)
{
    m_engine.guarded([&] {
        take(std::make_shared<StoredEvaluation>(readEvaluation(path.toStdString())), path);
        m_report.begin(m_run.results.size() < m_run.answers() ? path : QString());
        announceWatch();
    });
}

void EvaluationJobs::take(const StoredEvaluationPtr &stored, const QString &source)
{
    m_run = stored->run;
    m_request = stored->request;
    m_opened = stored;
    m_source = source;
    m_report.end();
    Q_EMIT opened(stored);
}

void EvaluationJobs::forget()
{
    m_run = {};
    m_request.reset();
    m_opened.reset();
    m_report.end();
}

void EvaluationJobs::announceWatch() { Q_EMIT watched(m_report.path(), m_report.grown()); }

void EvaluationJobs::follow()
{
    m_engine.guarded([&] {
        if (!m_report.readChanged([this] { takeAdded(); }) || m_run.results.size() < m_run.answers())
            return;
        m_report.end();
        Q_EMIT finished(false);
    });
    announceWatch();
}

void EvaluationJobs::takeAdded()
{
    auto read = std::make_shared<StoredEvaluation>(readEvaluation(m_report.path().toStdString()));
    const StoredEvaluation &now = *read;
    requireSame(now.fingerprints == m_opened->fingerprints && describe(now.request) == describe(*m_request) &&
                now.run.results.size() >= m_run.results.size());
    const auto keyOf = [](const EvaluationResult &result) {
        return std::tuple(result.task, result.item, result.variant);
    };
    std::set<std::tuple<std::size_t, std::size_t, std::size_t>> known;
    for (const EvaluationResult &result : m_run.results)
        known.insert(keyOf(result));
    for (const EvaluationResult &result : now.run.results) {
        if (!known.insert(keyOf(result)).second)
            continue;
        m_run.results.push_back(result);
        Q_EMIT followed(std::make_shared<const EvaluationResult>(result));
    }
    m_run.seconds = now.run.seconds;
    m_opened = std::move(read);
}

void EvaluationJobs::save(const QString &path)
{
    if (!m_request)
        return;
    m_engine.guarded([&] {
        write(path);
        Q_EMIT m_engine.logged(
            QStringLiteral("Wrote %1: %2 of %3 answers").arg(path).arg(m_run.results.size()).arg(m_run.answers()));
        Q_EMIT saved(path);
    });
}

void EvaluationJobs::write(const QString &path) const
{
    if (!m_opened)
        return EvaluationReport(path.toStdString(), *m_model, *m_request).finish(m_run);
    writeEvaluation(path.toStdString(), *m_opened); // of a session
}

} // namespace headkv
