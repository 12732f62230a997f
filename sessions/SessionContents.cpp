// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionContents.h"

#include "core/base/Error.h"
#include "core/base/Installation.h"
#include "sessions/EvaluationSession.h"
#include "sessions/LaneSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "sessions/SessionReports.h"

#include <algorithm>

namespace headkv {

namespace {

/// "default" on each machine, whatever its place there.
QString pathOf(const ModelInfo &info)
{
    try {
        if (info.path == defaultModelPath().string())
            return QStringLiteral("default");
    } catch (const Error &) { // set-up has not run
    }
    return QString::fromStdString(info.path);
}

SessionModel modelOf(const ModelInfo &info)
{
    return {pathOf(info),
            QString::fromStdString(info.name),
            QString::fromStdString(info.sha256),
            QString::fromStdString(info.dtype),
            QString::fromStdString(info.weights),
            info.layers,
            info.queryHeads,
            info.kvHeads};
}

/// Lanes that have begun to answer; their texts and ids may be ahead of their reports while they run.
std::vector<ReportPtr> reportsOf(const std::vector<Lane> &lanes)
{
    std::vector<ReportPtr> reports;
    for (const Lane &lane : lanes) {
        if (lane.report.generation.promptIds.empty())
            continue;
        auto report = std::make_shared<GenerationReport>(lane.report);
        report->generation.text = lane.text.toStdString();
        reports.push_back(std::move(report));
    }
    return reports;
}

SessionProbe probeOf(const ProbeSession &probe)
{
    SessionProbe captured;
    captured.kept = probe.kept();
    if (captured.kept || !probe.model())
        return captured;
    if (!probe.file().isEmpty()) { // its report is a file already, which may be large
        captured.kept = KeptProbe{QString::fromStdString(probe.model()->sha256), probe.file(), nullptr};
        return captured;
    }
    return takenUp(probe);
}

} // namespace

SessionDocument captureSession(const Session &session)
{
    SessionDocument document;
    if (const InfoPtr &info = session.modelInfo())
        document.model = modelOf(*info);
    document.scores = session.scores().sets();
    document.lanes = reportsOf(session.lanes().all());
    if (const StoredEvaluation &evaluation = session.evaluation().evaluation(); !evaluation.run.tasks.empty())
        document.evaluation = std::make_shared<const StoredEvaluation>(evaluation);
    document.probe = probeOf(session.probe());
    return document;
}

void clearSession(Session &session)
{
    session.probe().clear();
    session.lanes().clear();
    session.evaluation().clear();
    while (!session.scores().sets().empty())
        session.scores().remove(static_cast<int>(session.scores().sets().size()) - 1);
}

void restoreSession(Session &session, const SessionDocument &document, const QString &source)
{
    clearSession(session);
    for (const ScoreSet &set : document.scores)
        session.scores().add(set);
    for (const ReportPtr &lane : document.lanes)
        session.lanes().take(lane);
    if (document.evaluation)
        session.evaluation().take(document.evaluation, source);
    if (document.probe.kept) {
        const auto &sets = document.scores;
        const auto own = std::find_if(sets.rbegin(), sets.rend(),
                                      [](const ScoreSet &set) { return set.origin == QLatin1String("probe"); });
        session.probe().keep(*document.probe.kept, own != sets.rend() ? *own : ScoreSet());
    }
}

} // namespace headkv
