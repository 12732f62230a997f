// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/Model.h"
#include "sessions/Activity.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/SessionDocument.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <QVector>
#include <functional>

namespace headkv {

class EvaluationJobs;
class LaneJobs;
class ProbeJobs;
class ScoreJobs;

/// Does the session's work on the worker thread, with a class of jobs for each part of the session. Their functions
/// and the engine's are called there, one after another, by queued invocation; answers leave as signals that carry
/// values or shared constants. Holds the model; only lanes keep it alive besides.
class Engine : public QObject
{
    Q_OBJECT

public:
    Engine();
    ~Engine() override;

    [[nodiscard]] ProbeJobs &probe() { return *m_probe; }
    [[nodiscard]] const ProbeJobs &probe() const { return *m_probe; }
    [[nodiscard]] LaneJobs &lanes() { return *m_lanes; }
    [[nodiscard]] const LaneJobs &lanes() const { return *m_lanes; }
    [[nodiscard]] EvaluationJobs &evaluation() { return *m_evaluation; }
    [[nodiscard]] const EvaluationJobs &evaluation() const { return *m_evaluation; }
    [[nodiscard]] ScoreJobs &scores() { return *m_scores; }
    [[nodiscard]] const ScoreJobs &scores() const { return *m_scores; }

    void loadModel(const QString &model, const ModelOptions &options, const CancellationToken &token);
    /// Reads a session file.
    void readSession(const QString &path);
    void tokenize(const QString &text);
    void countTokens(const QStringList &texts);

    /// For jobs. Null: none is loaded.
    [[nodiscard]] const std::shared_ptr<const Model> &model() const { return m_model; }
    /// For jobs: what sends their progress.
    [[nodiscard]] JobControl makeControl(const CancellationToken &token);
    /// Runs a job; whatever goes wrong becomes one line of failed().
    void guarded(const std::function<void()> &job);

Q_SIGNALS:
    void progressed(const headkv::JobProgress &progress);
    void modelLoaded(const headkv::InfoPtr &info);
    void sessionRead(const headkv::DocumentPtr &document, const QString &path);
    void tokenized(const QString &text, const QVector<int> &ids, const QStringList &pieces);
    void tokensCounted(const headkv::TokenCounts &counts);
    void jobEnded(); ///< however it ended; jobs with an end of their own (lanes, masking tests) say that instead
    void notice(const QString &message);
    void failed(const QString &message);
    void logged(const QString &line);

private:
    std::shared_ptr<const Model> m_model;
    ProbeJobs *m_probe; ///< children: they move to the thread with the engine
    LaneJobs *m_lanes;
    EvaluationJobs *m_evaluation;
    ScoreJobs *m_scores;
};

} // namespace headkv
