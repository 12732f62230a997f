// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/evaluation/EvaluationRequest.h"
#include "sessions/SharedData.h"
#include "sessions/WatchedReport.h"

#include <QObject>
#include <QString>
#include <optional>

namespace headkv {

class Engine;

/// The engine's evaluation. On the worker thread.
class EvaluationJobs : public QObject
{
    Q_OBJECT

public:
    explicit EvaluationJobs(Engine &engine);

    void run(const EvaluationRequest &request, const CancellationToken &token);
    /// Goes on with what the last evaluation has not answered, or that of an opened report.
    void resume(const CancellationToken &token);
    /// Takes up a report of `headkv evaluate`; needs no model.
    void open(const QString &path);
    /// The same of one that was read before, from `source`.
    void take(const StoredEvaluationPtr &stored, const QString &source);
    void forget();
    /// Takes up what another process has added to the report that was opened; answers with watched().
    void follow();
    /// Writes the last evaluation's report.
    void save(const QString &path);

Q_SIGNALS:
    void planned(const headkv::StoredEvaluationPtr &plan); ///< without answers
    void answered(const headkv::AnswerPtr &result);
    void followed(const headkv::AnswerPtr &result); ///< that another process gave
    /// The report lacks answers, and may grow; empty: no more.
    void watched(const QString &report, const QDateTime &grown);
    void finished(bool cancelled);
    void opened(const headkv::StoredEvaluationPtr &evaluation);
    void saved(const QString &path);

private:
    void answerRest(const CancellationToken &token);
    void announceWatch();
    void takeAdded();
    /// Plans the tasks of an opened report again, for the model that is loaded.
    void replan(const CancellationToken &token);
    void write(const QString &path) const;

    Engine &m_engine;
    std::optional<EvaluationRequest> m_request; ///< of the run
    InfoPtr m_model;                            ///< that it asks
    WatchedReport m_report;                     ///< that the run was opened from
    EvaluationRun m_run;                        ///< the last one, as far as it came
    StoredEvaluationPtr m_opened;               ///< what was read; its cases have no prompts yet. Null: a run of ours
    QString m_source;                           ///< where that lies
};

} // namespace headkv
