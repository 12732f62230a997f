// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/StoredEvaluation.h"
#include "sessions/ReportWatch.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <QString>

namespace headkv {

struct LoadedModel;
class Worker;

/// A session's evaluation, as far as it came: methods and budgets side by side on the same cases.
class EvaluationSession : public QObject
{
    Q_OBJECT

public:
    EvaluationSession(Worker &worker, const LoadedModel &model);

    /// Answers with started(), or Session::failed(). Ignored while busy or without a model.
    void start(EvaluationRequest request);
    /// Goes on with what Session::cancel() left, or with an opened report. Ignored while busy or where canResume() says
    /// no.
    void resume();
    /// Reads a report of `headkv evaluate`; answers with started() and finished(), or Session::failed(). Needs no
    /// model. Ignored while busy.
    void open(const QString &path);
    /// Takes up what was read from `source` before, as open() does, while nothing runs.
    void take(const StoredEvaluationPtr &stored, const QString &source);
    /// Takes it away; answers with started() and finished() of an empty one. Not while it runs.
    void clear();
    /// Writes the report, which can be opened and resumed; answers with saved() or Session::failed(). Ignored while
    /// busy, and for one that was opened and not gone on with.
    void save(const QString &path);

    /// Answers are missing, and the model that gave the others is loaded.
    [[nodiscard]] bool canResume() const;
    /// There is a run that was not merely opened.
    [[nodiscard]] bool canSave() const { return m_isOwn; }
    /// An opened report that another process is adding to.
    [[nodiscard]] ReportWatch &watch() { return m_watch; }
    /// The run without prompts, its settings and model; no tasks: there was none.
    [[nodiscard]] const StoredEvaluation &evaluation() const { return m_evaluation; }
    [[nodiscard]] const EvaluationRun &run() const { return m_evaluation.run; }

Q_SIGNALS:
    void started();            ///< the run is planned or opened
    void resumed();            ///< goes on with the answers left
    void answered(int result); ///< an index into run().results
    void finished(bool cancelled);
    void saved(const QString &path);

private:
    void connectEngine();
    void addAnswer(const AnswerPtr &result);

    Worker &m_worker;
    const LoadedModel &m_model;
    StoredEvaluation m_evaluation;
    bool m_isOwn = false;
    StoredEvaluationPtr m_taken; ///< on its way through the engine
    ReportWatch m_watch;
};

} // namespace headkv
