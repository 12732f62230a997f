// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

#include <functional>

namespace headkv {

class EvaluationSession;
class ProbeSession;
struct ProbeRun;

/// Writes a report as the command line does: what there was when it was made, on any thread. Errors: Failed, where the
/// file cannot be written; Input, where a probe's own report is gone meanwhile.
using ReportWriter = std::function<void(const QString &path)>;

/// Nothing: there is no probe, or nothing but a file that is gone.
[[nodiscard]] ReportWriter probeReport(const ProbeSession &probe);
/// Nothing: there are no answers.
[[nodiscard]] ReportWriter evaluationReport(const EvaluationSession &evaluation);

/// A probe that was taken up, as a session holds it, and as core has it.
[[nodiscard]] SessionProbe takenUp(const ProbeSession &probe);
[[nodiscard]] ProbeRun runOf(const SessionProbe &probe);

} // namespace headkv
