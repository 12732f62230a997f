// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <optional>

namespace headkv {

Q_NAMESPACE

/// What the worker is at. One job at a time.
enum class Activity { Idle, Loading, Probing, Inspecting, Generating, Testing, Evaluating };
Q_ENUM_NS(Activity)

/// How far it is, for the status bar. Sent at most 30 times a second.
struct JobProgress
{
    QString stage;
    double done = 0;
    double total = 0; ///< 0: not known
    QString unit;
    double elapsedSeconds = 0;              ///< in this stage
    std::optional<double> remainingSeconds; ///< in this stage; nothing until it can be estimated
};

} // namespace headkv
