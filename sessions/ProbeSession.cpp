// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/ProbeSession.h"

#include "sessions/LoadedModel.h"
#include "sessions/ProbeJobs.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Worker.h"

#include <algorithm>
#include <utility>

namespace headkv {

ProbeSession::ProbeSession(Worker &worker, const LoadedModel &model, ScoreLibrary &library)
    : m_worker(worker)
    , m_model(model)
    , m_library(library)
    , m_watch(worker, [](Engine &engine) { engine.probe().follow(); })
{
    connectEngine();
}

void ProbeSession::connectEngine()
{
    const ProbeJobs *jobs = &m_worker.engine().probe();
    connect(jobs, &ProbeJobs::estimated, this, &ProbeSession::estimated);
    connect(jobs, &ProbeJobs::planned, this, &ProbeSession::begin);
    connect(jobs, &ProbeJobs::caseDone, this, [this](const ResultPtr &result) {
        m_results.push_back(result);
        Q_EMIT caseDone(static_cast<int>(m_results.size()) - 1);
    });
    connect(jobs, &ProbeJobs::totalsChanged, this, [this](const ProbeTotals &totals) {
        m_totals = totals;
        m_file.clear();
    });
    connect(jobs, &ProbeJobs::scoresChanged, this, [this](const ScoreSet &soFar) {
        m_scores = soFar;
        Q_EMIT scoresChanged();
    });
    connect(jobs, &ProbeJobs::scored, this,
            [this](const ScoreSet &set) { m_library.add(set, std::exchange(m_partial, nullptr)); });
    connect(jobs, &ProbeJobs::finished, this, [this](bool cancelled) {
        m_partial.reset();
        Q_EMIT finished(cancelled);
    });
    connect(jobs, &ProbeJobs::opened, this, [this](const QString &path) { m_file = path; });
    connect(jobs, &ProbeJobs::restored, this, [this] {
        if (m_kept && !m_kept->report)
            m_file = m_kept->source;
        m_kept.reset();
        m_scores = std::exchange(m_keptScores, {}); // the library's own, so that a resumed probe's take their place
        Q_EMIT scoresChanged();
    });
    connect(&m_worker.engine(), &Engine::modelLoaded, this, &ProbeSession::restoreKept);
    connect(jobs, &ProbeJobs::saved, this, [this](const QString &path) {
        m_file = path;
        Q_EMIT saved(path);
    });
    connect(jobs, &ProbeJobs::watched, this, [this](const QString &report, const QDateTime &grown) {
        if (!report.isEmpty() && !m_partial)
            m_partial = m_scores.scores; // the library's, until the probe is whole
        m_watch.answer(report, grown);
    });
    connect(jobs, &ProbeJobs::caseInspected, this, &ProbeSession::caseInspected);
    connect(jobs, &ProbeJobs::maskingAdvanced, this, &ProbeSession::maskingAdvanced);
    connect(jobs, &ProbeJobs::maskingFinished, this, [this](bool cancelled) {
        m_worker.end();
        Q_EMIT maskingFinished(cancelled);
    });
}

void ProbeSession::begin(const SettingsPtr &settings, const CasesPtr &cases)
{
    m_settings = settings;
    m_cases = cases;
    m_probed = m_model.info;
    m_results.clear();
    m_partial.reset();
    m_scores = {};
    m_totals = {};
    m_file.clear();
    Q_EMIT started();
}

void ProbeSession::keep(const KeptProbe &kept, const ScoreSet &scores)
{
    m_kept = kept;
    m_keptScores = scores;
    if (m_model.info)
        restoreKept(m_model.info);
}

void ProbeSession::restoreKept(const InfoPtr &model)
{
    if (m_kept && QString::fromStdString(model->sha256) == m_kept->sha256)
        m_worker.post([kept = *m_kept](Engine &engine) { engine.probe().restore(kept); });
}

void ProbeSession::clear()
{
    m_settings.reset();
    m_cases.reset();
    m_probed.reset();
    m_results.clear();
    m_partial.reset();
    m_scores = {};
    m_totals = {};
    m_file.clear();
    m_kept.reset();
    m_keptScores = {};
    m_worker.post([](Engine &engine) { engine.probe().forget(); });
    Q_EMIT cleared();
}

ProbeSettings ProbeSession::complete(ProbeSettings settings) const
{
    settings.chatFormat = m_model.chatFormat;
    return settings;
}

void ProbeSession::estimate(const ProbeSettings &settings)
{
    if (m_model.info && m_worker.isIdle())
        m_worker.post([settings = complete(settings)](Engine &engine) { engine.probe().estimate(settings); });
}

void ProbeSession::start(const ProbeSettings &settings)
{
    if (!m_worker.isIdle() || !m_model.info)
        return;
    m_kept.reset(); // this one takes its place
    m_worker.post([settings = complete(settings), token = m_worker.begin(Activity::Probing)](Engine &engine) {
        engine.probe().run(settings, token);
    });
}

void ProbeSession::resume()
{
    if (!m_worker.isIdle() || !canResume())
        return;
    const CancellationToken token = m_worker.begin(Activity::Probing);
    if (!m_partial)
        m_partial = m_scores.scores;
    Q_EMIT resumed();
    m_worker.post([token](Engine &engine) { engine.probe().resume(token); });
}

void ProbeSession::open(const QString &path)
{
    if (m_worker.isIdle())
        m_worker.post([path](Engine &engine) { engine.probe().open(path); });
}

void ProbeSession::save(const QString &path)
{
    if (m_worker.isIdle() && isOfModel())
        m_worker.post([path](Engine &engine) { engine.probe().save(path); });
}

void ProbeSession::inspect(std::size_t caseIndex)
{
    const auto result =
        std::ranges::find_if(m_results, [caseIndex](const ResultPtr &one) { return one->index == caseIndex; });
    if (!m_worker.isIdle() || !isOfModel() || result == m_results.end())
        return;
    const CancellationToken token = m_worker.begin(Activity::Inspecting);
    const ProbeCase &probeCase = (*m_cases)[caseIndex];
    const bool forced = m_settings->scoring == ProbeScoring::Forced;
    const CaseRequest request{caseIndex, probeCase, forced ? probeCase.answerIds : (*result)->emittedIds,
                              m_settings->maskedHeads};
    m_worker.post([request, token](Engine &engine) { engine.probe().inspectCase(request, token); });
}

void ProbeSession::startMaskingTest(int scoreSet, const MaskingSettings &settings)
{
    const std::vector<ScoreSet> &sets = m_library.sets();
    if (!m_worker.isIdle() || !m_model.info || scoreSet < 0 || scoreSet >= static_cast<int>(sets.size()))
        return;
    const CancellationToken token = m_worker.begin(Activity::Testing);
    MaskingSettings whole = settings;
    whole.probe = complete(settings.probe);
    m_worker.post([scores = sets[static_cast<std::size_t>(scoreSet)].scores, whole, token](Engine &engine) {
        engine.probe().testMasking(scores, whole, token);
    });
}

bool ProbeSession::canResume() const { return isOfModel() && m_results.size() < m_cases->size(); }

bool ProbeSession::isOfModel() const { return m_model.info && m_cases && m_probed == m_model.info; }

} // namespace headkv
