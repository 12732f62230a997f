// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/MaskingTest.h"
#include "sessions/CaseInspection.h"
#include "sessions/KeptProbe.h"
#include "sessions/ProbeEstimate.h"
#include "sessions/ReportWatch.h"
#include "sessions/ScoreSet.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <optional>
#include <vector>

namespace headkv {

struct LoadedModel;
class ScoreLibrary;
class Worker;

/// A session's probe, as far as it came; and what is asked with the same cases: a look into one of them, a test with
/// masked heads. The scores of a finished probe become a set of the library.
class ProbeSession : public QObject
{
    Q_OBJECT

public:
    ProbeSession(Worker &worker, const LoadedModel &model, ScoreLibrary &library);

    /// Answers with estimated() (planning tokenises the haystack, so it runs on the worker). Needs a model.
    void estimate(const ProbeSettings &settings);
    /// Ignored while busy or without a model.
    void start(const ProbeSettings &settings);
    /// Goes on with the cases that Session::cancel() left. Ignored while busy or where canResume() says no.
    void resume();
    /// Takes up the probe of a report of `headkv probe`, as far as it came; answers with started() and finished(), or
    /// Session::failed(). Needs the model that was probed. Ignored while busy.
    void open(const QString &path);
    /// Keeps a session's probe until its model is loaded, which it then takes up as open() does; `scores` are its own,
    /// one of the library's sets.
    void keep(const KeptProbe &kept, const ScoreSet &scores);
    /// Takes the probe away; answers with cleared(). Not while it runs.
    void clear();
    /// Writes the probe's report, which can be opened and resumed; answers with saved() or Session::failed(). Ignored
    /// while busy.
    void save(const QString &path);
    /// Reads a finished case again to see where its heads look: answers with caseInspected(), first without the
    /// attention, then with it. Ignored while busy, for a case that is not finished, or of another model.
    void inspect(std::size_t caseIndex);
    /// Masks heads of a set of the library and sees what recall is left; answers with maskingAdvanced() and
    /// maskingFinished(). Ignored while busy or without a model.
    void startMaskingTest(int scoreSet, const MaskingSettings &settings);

    /// There is a probe of the model that is loaded, and cases of it are not done.
    [[nodiscard]] bool canResume() const;
    /// The probe's cases are those of the model that is loaded.
    [[nodiscard]] bool isOfModel() const;
    /// The current or last probe's. Null: there was none.
    [[nodiscard]] const SettingsPtr &settings() const { return m_settings; }
    [[nodiscard]] const CasesPtr &cases() const { return m_cases; }
    /// What the cases so far took.
    [[nodiscard]] const ProbeTotals &totals() const { return m_totals; }
    /// The model that was probed. Null: there was no probe.
    [[nodiscard]] const InfoPtr &model() const { return m_probed; }
    /// The report that has all of it; empty: none does.
    [[nodiscard]] const QString &file() const { return m_file; }
    /// A session's, until its model is loaded.
    [[nodiscard]] const std::optional<KeptProbe> &kept() const { return m_kept; }
    /// An opened report that another process is adding to.
    [[nodiscard]] ReportWatch &watch() { return m_watch; }
    /// In order of completion.
    [[nodiscard]] const std::vector<ResultPtr> &results() const { return m_results; }
    /// Of the passed cases so far; null scores: none passed yet.
    [[nodiscard]] const ScoreSet &scores() const { return m_scores; }

Q_SIGNALS:
    void estimated(const headkv::ProbeEstimate &estimate);
    void started();                ///< cases are planned: settings and cases are there
    void resumed();                ///< goes on with the cases left
    void caseDone(int result);     ///< an index into results()
    void scoresChanged();          ///< at most a few times a second
    void finished(bool cancelled); ///< scores of a probe with a passed case were added to the library just before
    void saved(const QString &path);
    void cleared();
    void caseInspected(const headkv::InspectionPtr &inspection);
    void maskingAdvanced(const headkv::MaskingResult &result); ///< after the baseline and each number of heads
    void maskingFinished(bool cancelled);

private:
    void connectEngine();
    void begin(const SettingsPtr &settings, const CasesPtr &cases);
    /// A session's probe, where its model is there.
    void restoreKept(const InfoPtr &model);
    /// With the session's chat format.
    [[nodiscard]] ProbeSettings complete(ProbeSettings settings) const;

    Worker &m_worker;
    const LoadedModel &m_model;
    ScoreLibrary &m_library;
    SettingsPtr m_settings;
    CasesPtr m_cases;
    std::vector<ResultPtr> m_results;
    ScoreSet m_scores;
    ScoresPtr m_partial; ///< of a cancelled probe that goes on: its set gives way to the next
    ReportWatch m_watch;
    InfoPtr m_probed; ///< the model that the probe asks
    ProbeTotals m_totals;
    QString m_file;
    std::optional<KeptProbe> m_kept;
    ScoreSet m_keptScores;
};

} // namespace headkv
