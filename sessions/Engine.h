// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Session.h"

#include <QObject>
#include <chrono>

namespace headkv {

using CasesPtr = std::shared_ptr<const std::vector<ProbeCase>>;
using SettingsPtr = std::shared_ptr<const ProbeSettings>;
using ResultPtr = std::shared_ptr<const ProbeCaseResult>;
using InfoPtr = std::shared_ptr<const ModelInfo>;

/// Does the session's work on the worker thread. Its functions are called there, one after another, by queued
/// invocation; answers leave as signals that carry values or shared constants. Holds the model; nothing else keeps it
/// alive.
class Engine : public QObject
{
    Q_OBJECT

public:
    Engine();
    ~Engine() override;

    void loadModel(const QString &model, const ModelOptions &options, const CancellationToken &token);
    void tokenize(const QString &text);
    void estimateProbe(const ProbeSettings &settings);
    void runProbe(const ProbeSettings &settings, const CancellationToken &token);
    void openScores(const QString &path);

Q_SIGNALS:
    void progressed(const headkv::JobProgress &progress);
    void modelLoaded(const headkv::InfoPtr &info);
    void tokenized(const QString &text, const QVector<int> &ids, const QStringList &pieces);
    void probeEstimated(const headkv::ProbeEstimate &estimate);
    void probePlanned(const headkv::SettingsPtr &settings, const headkv::CasesPtr &cases);
    void caseDone(const headkv::ResultPtr &result);
    void scoresChanged(const headkv::ScoreSet &soFar);
    void scoreSetReady(const headkv::ScoreSet &set);
    void probeFinished(bool cancelled);
    void jobEnded(); ///< of loadModel and runProbe, however they ended
    void notice(const QString &message);
    void failed(const QString &message);
    void logged(const QString &line);

private:
    [[nodiscard]] JobControl makeControl(const CancellationToken &token);
    void publish(const ProbeRun &run);
    void finish(const ProbeRun &run);
    void measure(const ProbeRun &run);

    std::shared_ptr<const Model> m_model;
    std::chrono::steady_clock::time_point m_lastScores; ///< when partial scores were last sent
    double m_secondsPerToken = 0;                       ///< measured by the last probe; 0: none yet
};

} // namespace headkv
