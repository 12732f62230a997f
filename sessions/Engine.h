// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"
#include "core/probe/MaskingTest.h"
#include "core/probe/ProbeRunner.h"
#include "sessions/Activity.h"
#include "sessions/CaseInspection.h"
#include "sessions/LaneRunner.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/ProbeEstimate.h"
#include "sessions/ScoreSet.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <QVector>
#include <chrono>

namespace headkv {

/// Does the session's work on the worker thread. Its functions are called there, one after another, by queued
/// invocation; answers leave as signals that carry values or shared constants. Holds the model; nothing else keeps it
/// alive.
class Engine : public QObject
{
    Q_OBJECT

public:
    Engine();
    ~Engine() override;

    /// Lanes tell of themselves through it; lanesAdvanced() says that there is something in it.
    [[nodiscard]] const std::shared_ptr<LaneFeed> &laneFeed() const { return m_feed; }

    void loadModel(const QString &model, const ModelOptions &options, const CancellationToken &token);
    void tokenize(const QString &text);
    void countTokens(const QStringList &texts);
    void estimateProbe(const ProbeSettings &settings);
    void runProbe(const ProbeSettings &settings, const CancellationToken &token);
    /// Goes on with the cases that the last probe has not done.
    void resumeProbe(const CancellationToken &token);
    /// Takes up the probe of a report, as far as it came.
    void openProbe(const QString &path);
    /// Writes the last probe's report.
    void saveProbe(const QString &path);
    void inspectCase(const CaseRequest &request, const CancellationToken &token);
    void testMasking(const ScoresPtr &scores, const MaskingSettings &settings, const CancellationToken &token);
    void openScores(const QString &path);
    void analyseScores(const ScoresPtr &scores, const CancellationToken &token);
    void startLanes(const GenerationRequest &request, const std::optional<ChatFormat> &format,
                    const CancellationToken &token);
    void replayLanes(const std::vector<GenerationReport> &reports, const CancellationToken &token);
    void continueLanes(int tokens, const CancellationToken &token);
    void sayToLanes(const QString &words, const GenerationSettings &settings, const CancellationToken &token);
    void openReport(const QString &path);
    void hideNeedle(const NeedleRequest &request);

Q_SIGNALS:
    void progressed(const headkv::JobProgress &progress);
    void modelLoaded(const headkv::InfoPtr &info);
    void tokensCounted(const headkv::TokenCounts &counts);
    void tokenized(const QString &text, const QVector<int> &ids, const QStringList &pieces);
    void probeEstimated(const headkv::ProbeEstimate &estimate);
    void probeSaved(const QString &path);
    void probePlanned(const headkv::SettingsPtr &settings, const headkv::CasesPtr &cases);
    void caseDone(const headkv::ResultPtr &result);
    void scoresChanged(const headkv::ScoreSet &soFar);
    void probeScored(const headkv::ScoreSet &set); ///< before probeFinished(), if a case passed
    void scoresRead(const headkv::ScoreSet &set);  ///< from a file
    void scoresAnalysed(const headkv::ScoresPtr &scores, const headkv::StatisticsPtr &statistics);
    void probeFinished(bool cancelled);
    void caseInspected(const headkv::InspectionPtr &inspection);
    void maskingAdvanced(const headkv::MaskingResult &result);
    void maskingFinished(bool cancelled); ///< however it ended
    void lanesAdvanced();
    void lanesFinished(bool stopped); ///< a job of the lanes ended, however it did
    void reportOpened(const headkv::ReportPtr &report, const headkv::PromptPtr &prompt);
    void needleHidden(const headkv::HiddenNeedle &hidden);
    void jobEnded(); ///< of loading, probing and inspecting, however they ended
    void notice(const QString &message);
    void failed(const QString &message);
    void logged(const QString &line);

private:
    [[nodiscard]] JobControl makeControl(const CancellationToken &token);
    void announcePlan();
    void runCasesLeft(const CancellationToken &token);
    void publish(const ProbeRun &run);
    void finish(const ProbeRun &run);
    void measure(const ProbeRun &run);
    /// A job of the lanes, between its beginning and its end.
    void runLanes(const std::function<void(const JobControl &)> &job, const CancellationToken &token);

    std::shared_ptr<LaneFeed> m_feed = std::make_shared<LaneFeed>();
    LaneRunner m_lanes;
    std::shared_ptr<const Model> m_model;
    ProbeRun m_run;                                     ///< the last probe of this model, as far as it came
    std::chrono::steady_clock::time_point m_lastScores; ///< when partial scores were last sent
    double m_secondsPerToken = 0;                       ///< measured by the last probe; 0: none yet
};

} // namespace headkv
