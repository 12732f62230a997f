// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/ScoreLibrary.h"

#include "core/base/Error.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/ScoreJobs.h"
#include "sessions/Worker.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace headkv {

ScoreLibrary::ScoreLibrary(Worker &worker)
    : m_worker(worker)
{
    const ScoreJobs *jobs = &worker.engine().scores();
    connect(jobs, &ScoreJobs::read, this, [this](const ScoreSet &set) { add(set); });
    connect(jobs, &ScoreJobs::analysed, this, [this](const ScoresPtr &scores, const StatisticsPtr &statistics) {
        std::erase(m_analyses, scores);
        Q_EMIT analysed(scores, statistics);
    });
    // Statistics stand back for a job, and begin anew after it.
    connect(&worker, &Worker::activityChanged, this, [this] {
        stopAnalyses();
        startAnalyses();
    });
}

ScoreLibrary::~ScoreLibrary() { m_token.cancel(); }

const ScoreSet *ScoreLibrary::find(const QString &nameOrFile) const
{
    const auto set = std::ranges::find_if(
        m_sets, [&nameOrFile](const ScoreSet &one) { return one.name == nameOrFile || one.origin == nameOrFile; });
    return set != m_sets.end() ? &*set : nullptr;
}

void ScoreLibrary::open(const QString &path)
{
    goAhead([this, path] { m_worker.post([path](Engine &engine) { engine.scores().open(path); }); });
}

void ScoreLibrary::goAhead(const std::function<void()> &post)
{
    stopAnalyses();
    post();
    startAnalyses();
}

void ScoreLibrary::add(const ScoreSet &set, const ScoresPtr &insteadOf)
{
    const auto old = std::ranges::find(m_sets, insteadOf, &ScoreSet::scores);
    if (insteadOf && old != m_sets.end())
        remove(static_cast<int>(old - m_sets.begin()));
    m_sets.push_back(set);
    Q_EMIT added(static_cast<int>(m_sets.size()) - 1);
}

void ScoreLibrary::remove(int index)
{
    if (index < 0 || index >= static_cast<int>(m_sets.size()))
        return;
    std::erase(m_analyses, m_sets[static_cast<std::size_t>(index)].scores);
    m_sets.erase(m_sets.begin() + index);
    Q_EMIT removed(index);
}

void ScoreLibrary::analyse(const ScoresPtr &scores)
{
    if (std::ranges::find(m_analyses, scores) != m_analyses.end())
        return;
    m_analyses.push_back(scores);
    if (m_worker.isIdle())
        post(scores);
}

void ScoreLibrary::stopAnalyses()
{
    m_token.cancel();
    m_token = CancellationToken();
}

void ScoreLibrary::startAnalyses()
{
    if (m_worker.isIdle())
        std::ranges::for_each(m_analyses, [this](const ScoresPtr &scores) { post(scores); });
}

void ScoreLibrary::post(const ScoresPtr &scores)
{
    m_worker.post([scores, token = m_token](Engine &engine) { engine.scores().analyse(scores, token); });
}

QString ScoreLibrary::save(int index, const QString &path) const
{
    if (index < 0 || index >= static_cast<int>(m_sets.size()))
        return QStringLiteral("there is no such score set; choose one on the Heads page");
    const ScoreSet &set = m_sets[static_cast<std::size_t>(index)];
    try {
        const auto meta = nlohmann::json::parse(set.metaJson.toStdString(), nullptr, false);
        writeHeadScores(path.toStdString(), *set.scores,
                        meta.is_object() ? meta : nlohmann::json{{"origin", set.origin.toStdString()}});
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace headkv
