// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/probe/MaskingTest.h"
#include "core/probe/ProbeRunner.h"
#include "sessions/CaseInspection.h"
#include "sessions/KeptProbe.h"
#include "sessions/ProbeEstimate.h"
#include "sessions/ScoreSet.h"
#include "sessions/SharedData.h"
#include "sessions/WatchedReport.h"

#include <QObject>
#include <chrono>

namespace headkv {

class Engine;

/// The engine's probe, and what is asked with its cases. On the worker thread.
class ProbeJobs : public QObject
{
    Q_OBJECT

public:
    explicit ProbeJobs(Engine &engine);

    void estimate(const ProbeSettings &settings);
    void run(const ProbeSettings &settings, const CancellationToken &token);
    /// Goes on with the cases that the last probe has not done.
    void resume(const CancellationToken &token);
    /// Takes up the probe of a report, as far as it came.
    void open(const QString &path);
    /// Takes up the probe of a report that lies in a session, whose scores the session has already.
    void restore(const KeptProbe &kept);
    void forget();
    /// Takes up what another process has added to the report that was opened; answers with watched().
    void follow();
    /// Writes the last probe's report.
    void save(const QString &path);
    void inspectCase(const CaseRequest &request, const CancellationToken &token);
    void testMasking(const ScoresPtr &scores, const MaskingSettings &settings, const CancellationToken &token);

Q_SIGNALS:
    void estimated(const headkv::ProbeEstimate &estimate);
    void planned(const headkv::SettingsPtr &settings, const headkv::CasesPtr &cases);
    void caseDone(const headkv::ResultPtr &result);
    void totalsChanged(const headkv::ProbeTotals &totals); ///< after each case
    void scoresChanged(const headkv::ScoreSet &soFar);
    void scored(const headkv::ScoreSet &set); ///< before finished(), if a case passed
    void opened(const QString &path);         ///< all cases of a report are there
    void restored();                          ///< all cases of a session's probe are there
    void finished(bool cancelled);
    /// The report lacks cases, and may grow; empty: no more.
    void watched(const QString &report, const QDateTime &grown);
    void saved(const QString &path);
    void caseInspected(const headkv::InspectionPtr &inspection);
    void maskingAdvanced(const headkv::MaskingResult &result);
    void maskingFinished(bool cancelled); ///< however it ended

private:
    void announcePlan();
    /// A report's run in place of the one there was.
    void take(std::string_view report, const std::string &source);
    void announceWatch();
    void takeAdded();
    void runCasesLeft(const CancellationToken &token);
    void publish(const ProbeRun &run);
    void finish(const ProbeRun &run);
    void measure(const ProbeRun &run);

    Engine &m_engine;
    ProbeRun m_run;                                     ///< the last probe of this model, as far as it came
    std::chrono::steady_clock::time_point m_lastScores; ///< when partial scores were last sent
    WatchedReport m_report;                             ///< that the probe was opened from
    double m_secondsPerToken = 0;                       ///< measured by the last probe; 0: none yet
};

} // namespace headkv
