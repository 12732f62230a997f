// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/Model.h"
#include "core/probe/HeadScores.h"
#include "core/probe/HeadStatistics.h"
#include "core/probe/MaskingTest.h"
#include "core/probe/ProbeCase.h"
#include "core/probe/ProbeRunner.h"
#include "sessions/CaseInspection.h"
#include "sessions/Lane.h"
#include "sessions/NeedleTableModel.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QVector>
#include <memory>
#include <optional>
#include <vector>

namespace headkv {

/// What the worker is at, for the status bar. Sent at most 30 times a second.
struct JobProgress
{
    QString stage;
    double done = 0;
    double total = 0; ///< 0: not known
    QString unit;
    double elapsedSeconds = 0;              ///< in this stage
    std::optional<double> remainingSeconds; ///< in this stage; nothing until it can be estimated
};

/// A named set of head scores: from a probe or a file.
struct ScoreSet
{
    QString name;   ///< e.g. "R (SmolLM2 135M)"
    QString origin; ///< the file, or "probe"
    std::shared_ptr<const HeadScores> scores;
    std::shared_ptr<const HeadScoreSummary> summary;
    QString metaJson; ///< provenance for SCORES.meta.json; empty: unknown
};

/// What a probe will cost, before it starts.
struct ProbeEstimate
{
    std::size_t cases = 0;
    std::size_t prefillTokens = 0; ///< with prefix reuse
    std::size_t decodeTokens = 0;  ///< at most
    double seconds = 0;
    bool measured = false; ///< from a rate that was measured in this session; else a rule of thumb
};

/// What a user has open: a model, a probe, score sets, pins. Lives on the GUI thread and owns the worker thread; no
/// call waits for it. Every answer comes as a signal. Destruction cancels what runs and joins the thread.
class Session : public QObject
{
    Q_OBJECT

public:
    enum class Activity { Idle, Loading, Probing, Inspecting, Generating, Testing };
    Q_ENUM(Activity)

    explicit Session(QObject *parent = nullptr);
    ~Session() override;

    [[nodiscard]] Activity activity() const;
    [[nodiscard]] const JobProgress &progress() const;
    /// Cancels what runs; a cancelled probe keeps its finished cases, a stopped lane its tokens.
    void cancel();

    /// MODEL as on the command line: a path or "default". Ignored while busy.
    void loadModel(const QString &model, const ModelOptions &options = {});
    /// Null: none is loaded.
    [[nodiscard]] std::shared_ptr<const ModelInfo> modelInfo() const;
    /// What stands around a prompt: the model's own format until it is replaced. Loading a model takes the replacement
    /// back.
    [[nodiscard]] ChatFormat chatFormat() const;
    void setChatFormat(const ChatFormat &format);
    /// Answers with tokenized().
    void tokenize(const QString &text);

    /// Counts the tokens of texts, special tokens taken as plain characters; answers with tokensCounted() where the
    /// model has a tokenizer.
    void countTokens(const QStringList &texts);

    /// Answers with probeEstimated() (planning tokenises the haystack, so it runs on the worker). Needs a model.
    void estimateProbe(const ProbeSettings &settings);
    /// Ignored while busy or without a model.
    void startProbe(const ProbeSettings &settings);
    /// Goes on with the cases that cancel() left. Ignored while busy or where canResumeProbe() says no.
    void resumeProbe();
    /// Takes up the probe of a report of `headkv probe`, as far as it came; answers with probeStarted() and
    /// probeFinished(), or failed(). Needs the model that was probed. Ignored while busy.
    void openProbe(const QString &path);
    /// Writes the probe's report, which can be opened and resumed; answers with probeSaved() or failed(). Ignored while
    /// busy.
    void saveProbe(const QString &path);
    /// There is a probe of the model that is loaded, and cases of it are not done.
    [[nodiscard]] bool canResumeProbe() const;
    /// Reads a finished case again to see where its heads look: answers with caseInspected(), first without the
    /// attention, then with it. Ignored while busy, for a case that is not finished, or of another model.
    void inspectCase(std::size_t caseIndex);
    /// The probe's cases are those of the model that is loaded.
    [[nodiscard]] bool probeIsOfModel() const;
    /// The current or last probe, as far as it came. Null settings: there was none.
    [[nodiscard]] std::shared_ptr<const ProbeSettings> probeSettings() const;
    [[nodiscard]] std::shared_ptr<const std::vector<ProbeCase>> probeCases() const;
    [[nodiscard]] const std::vector<std::shared_ptr<const ProbeCaseResult>> &
    probeResults() const; ///< in order of completion
    /// Of the passed cases so far; null scores: none passed yet.
    [[nodiscard]] const ScoreSet &probeScores() const;

    /// Masks heads of a score set and sees what recall is left; answers with maskingAdvanced() and maskingFinished().
    /// Ignored while busy or without a model.
    void startMaskingTest(int scoreSet, const MaskingSettings &settings);

    /// Runs the lanes one after another on the same prompt, FullKV first; the lanes of before go. Ignored while busy or
    /// without a model.
    void startLanes(const GenerationRequest &request);
    /// Goes on where cancel() stopped, or a lane reached its limit of tokens: with as many tokens more as it has left,
    /// or `tokens` more. Lanes that had not begun begin.
    void continueLanes(int tokens);
    /// The next turn of the conversation, in each lane that finished or stopped; in lanes it has the lane's own
    /// history.
    void sayToLanes(const QString &words, const GenerationSettings &settings);
    /// Runs opened or finished lanes again: same ids, same settings.
    void replayLanes();
    [[nodiscard]] const std::vector<Lane> &lanes() const;
    [[nodiscard]] bool canContinue() const; ///< a lane stopped, waits or reached its limit
    [[nodiscard]] bool canSay() const;      ///< a lane has a conversation to go on with
    /// Reads a report of `headkv generate` on the worker; answers with laneAdded() or failed().
    void openReport(const QString &path);
    void clearLanes();
    /// Writes a lane's report. Returns the error, empty: done.
    [[nodiscard]] QString saveLane(int lane, const QString &path) const;
    /// Answers with needleHidden() or failed(). Needs a model.
    void hideNeedle(const NeedleRequest &request);

    [[nodiscard]] const std::vector<ScoreSet> &scoreSets() const;
    /// Reads a score file on the worker; answers with scoreSetAdded() or failed().
    void openScores(const QString &path);
    void removeScoreSet(int index);
    /// Answers with scoresAnalysed(). Waits for what runs, and starts anew after a job that came in between.
    void analyseScores(const std::shared_ptr<const HeadScores> &scores);
    /// Writes a set in the published layout, and its meta file. Returns the error, empty: done.
    [[nodiscard]] QString saveScores(int index, const QString &path) const;

Q_SIGNALS:
    void activityChanged();
    void progressChanged(const headkv::JobProgress &progress);
    void modelChanged(); ///< loaded, or none any more
    void tokenized(const QString &text, const QVector<int> &ids, const QStringList &pieces);
    void tokensCounted(const headkv::TokenCounts &counts);
    void probeEstimated(const headkv::ProbeEstimate &estimate);
    void probeStarted();                 ///< cases are planned: settings and cases are there
    void probeCaseDone(int resultIndex); ///< into probeResults()
    void probeScoresChanged();           ///< at most a few times a second
    void probeSaved(const QString &path);
    void probeResumed(); ///< goes on with the cases left
    void caseInspected(const headkv::InspectionPtr &inspection);
    void probeFinished(bool cancelled); ///< scores of a probe with a passed case were added as a set just before
    void maskingAdvanced(const headkv::MaskingResult &result); ///< after the baseline and each number of heads
    void maskingFinished(bool cancelled);
    void lanesStarted();            ///< lanes() are new, all waiting; or a new turn of them
    void lanePromptReady(int lane); ///< ids and pieces of the prompt are there
    void laneChanged(int lane);     ///< its state, text or metrics; at most some 60 times a second
    void lanesFinished(bool stopped);
    void laneAdded(int lane); ///< from a report file
    void lanesCleared();
    void needleHidden(const headkv::HiddenNeedle &hidden);
    void scoreSetAdded(int index);
    void scoreSetRemoved(int index);
    void scoresAnalysed(const std::shared_ptr<const headkv::HeadScores> &scores,
                        const std::shared_ptr<const headkv::HeadStatistics> &statistics);
    void notice(const QString &message); ///< worth knowing, not an error: e.g. no case passed and what to try
    void failed(const QString &message); ///< one line: what, where, what to do
    void logged(const QString &line);    ///< for the log dock

private:
    void connectEngine();
    void setActivity(Activity activity);
    void postAnalysis(const std::shared_ptr<const HeadScores> &scores);
    /// Hands lanes their news: now, or once the last are 16 ms old.
    void takeLaneUpdates();
    void startLaneJob();
    void dropPartialSet();
    void addOpenedLane(const std::shared_ptr<const GenerationReport> &report,
                       const std::shared_ptr<const LanePrompt> &prompt);
    [[nodiscard]] std::vector<double> importanceOf(const GenerationReport &report) const;

    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace headkv
