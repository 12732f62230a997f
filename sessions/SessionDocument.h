// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/HeadId.h"
#include "core/probe/ProbeSettings.h"
#include "sessions/KeptProbe.h"
#include "sessions/ScoreSet.h"
#include "sessions/SharedData.h"

#include <QString>
#include <QStringList>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace headkv {

/// The model that a session was made with.
struct SessionModel
{
    QString path; ///< its file, or "default"
    QString name, sha256, dtype, weights;
    int layers = 0, queryHeads = 0, kvHeads = 0;

    [[nodiscard]] bool isKnown() const { return !sha256.isEmpty(); }
};

/// What the Heads page shows. Numbers count the session's score sets.
struct SessionHeads
{
    std::vector<int> sets; ///< those that are chosen, the page's own first
    bool difference = false;
    int kvHeads = 0;                         ///< rows are groups of so many KV heads a layer; 0: query heads
    std::map<int, std::vector<HeadId>> pins; ///< by kind of row, numbered as kvHeads; in the order of pinning
};

/// The settings of the Budget page.
struct SessionBudgets
{
    QStringList methods;
    int budget = 128;
    std::optional<int> window;
    double beta = 1.2;
    bool byKvHead = false;
    bool redistribute = false;
    int scoreSet = -1;         ///< −1: none
    std::optional<int> tokens; ///< of the context
};

/// What is typed on the Probe page, whether it could run or not.
struct SessionProbeForm
{
    ProbeKind kind = ProbeKind::Retrieval;
    ProbeScoring scoring = ProbeScoring::Generated;
    QString lengths = QStringLiteral("512, 1024"), depths = QStringLiteral("5");
    QString haystack = QStringLiteral("essays"); ///< that, "built-in", or a file
    int newTokens = 24;
    ProbeFilter filter;
    std::optional<std::vector<Needle>> needles; ///< nothing: the program's own

    bool operator==(const SessionProbeForm &) const = default;
};

/// What is typed on the Compare page: what is asked …
struct SessionTasks
{
    bool niah = true, reasoning = false, documents = false;
    QStringList files;
    QString lengths = QStringLiteral("512, 1024"), depths = QStringLiteral("5");
    std::optional<int> needles;                  ///< the first of the program's own; nothing: all
    QString haystack = QStringLiteral("essays"); ///< that, "built-in", or a file
    int newTokens = 32;
    std::optional<int> questions; ///< the first of each dataset; nothing: all
    QString formats;              ///< a file of prompts; empty: the program's own
    bool skipMalformed = false;

    bool operator==(const SessionTasks &) const = default;
};

/// … and who answers.
struct SessionVariants
{
    QStringList methods{QStringLiteral("full"), QStringLiteral("streaming"), QStringLiteral("snapkv"),
                        QStringLiteral("ada-snapkv"), QStringLiteral("headkv")};
    std::vector<int> withoutSets; ///< score sets that are left out
    QString budgets = QStringLiteral("64, 128, 256, 512");
    bool byKvHead = true;
    std::optional<int> window;
    double beta = 1.2;
    bool beforeQuestion = false; ///< compressed once the context is read

    bool operator==(const SessionVariants &) const = default;
};

/// What is typed on the Generate page: the words …
struct SessionPrompt
{
    QString system, text;
};

/// … a lane …
struct SessionLane
{
    QString method;
    int budget = 128;
    std::optional<int> window;
    double beta = 0; ///< of methods that have one
    bool byKvHead = false;
    int scoreSet = -1; ///< −1: none

    bool operator==(const SessionLane &) const = default;
};

/// … and how all of them write.
struct SessionGenerateForm
{
    bool raw = false;
    int newTokens = 256;
    double temperature = 0, topP = 1;
    int seed = 0;
    bool ignoreEnd = false;
    std::optional<std::vector<SessionLane>> lanes; ///< nothing: those that suit what is open

    bool operator==(const SessionGenerateForm &) const = default;
};

/// A probe: what a session holds until its model is there, or as it runs.
struct SessionProbe
{
    std::optional<KeptProbe> kept;
    InfoPtr model; ///< the rest is of a probe that was taken up; null: there is none
    SettingsPtr settings;
    CasesPtr cases;
    std::vector<ResultPtr> results;
    ProbeTotals totals;
};

/// All that a session file holds. Plain data, most of it shared: a copy costs little.
struct SessionDocument
{
    QString recoveryOf; ///< of an automatic copy: the session's own file; empty: it had none yet
    SessionModel model;
    QString notes;
    QString page;      ///< that was looked at
    QStringList docks; ///< that were open
    SessionHeads heads;
    SessionBudgets budgets;
    SessionProbeForm probeForm;
    SessionTasks tasks;
    SessionVariants variants;
    SessionPrompt prompt;
    SessionGenerateForm generateForm;
    std::vector<ScoreSet> scores;
    std::vector<ReportPtr> lanes;
    StoredEvaluationPtr evaluation; ///< null: there is none
    SessionProbe probe;
};

using DocumentPtr = std::shared_ptr<const SessionDocument>;

} // namespace headkv
