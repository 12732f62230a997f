// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionReports.h"

#include "core/base/AtomicFile.h"
#include "core/base/MappedFile.h"
#include "core/evaluation/EvaluationReport.h"
#include "core/probe/ProbeReport.h"
#include "core/probe/ProbeRunner.h"
#include "sessions/EvaluationSession.h"
#include "sessions/ProbeSession.h"

#include <QFileInfo>

namespace headkv {

namespace {

ReportWriter keptReport(const KeptProbe &kept)
{
    if (!kept.report && !QFileInfo::exists(kept.source))
        return {};
    return [kept](const QString &path) {
        writeFileAtomically(path.toStdString(),
                            kept.report ? *kept.report + "\n" : readTextFile(kept.source.toStdString()));
    };
}

} // namespace

SessionProbe takenUp(const ProbeSession &probe)
{
    return {std::nullopt, probe.model(), probe.settings(), probe.cases(), probe.results(), probe.totals()};
}

ProbeRun runOf(const SessionProbe &probe)
{
    ProbeRun run;
    run.settings = *probe.settings;
    run.cases = *probe.cases;
    for (const ResultPtr &result : probe.results)
        run.results.push_back(*result);
    run.totals = probe.totals;
    return run;
}

ReportWriter probeReport(const ProbeSession &probe)
{
    if (probe.kept())
        return keptReport(*probe.kept());
    if (!probe.model())
        return {};
    return
        [now = takenUp(probe)](const QString &path) { ProbeReport(path.toStdString(), *now.model).finish(runOf(now)); };
}

ReportWriter evaluationReport(const EvaluationSession &evaluation)
{
    if (evaluation.run().results.empty())
        return {};
    return [now = std::make_shared<const StoredEvaluation>(evaluation.evaluation())](const QString &path) {
        writeEvaluation(path.toStdString(), *now);
    };
}

} // namespace headkv
