// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "sessions/ScoreSet.h"
#include "sessions/SharedData.h"

#include <QObject>

namespace headkv {

class Engine;

/// Reads and analyses head scores. On the worker thread.
class ScoreJobs : public QObject
{
    Q_OBJECT

public:
    explicit ScoreJobs(Engine &engine);

    void open(const QString &path);
    void analyse(const ScoresPtr &scores, const CancellationToken &token);

Q_SIGNALS:
    void read(const headkv::ScoreSet &set);
    void analysed(const headkv::ScoresPtr &scores, const headkv::StatisticsPtr &statistics);

private:
    Engine &m_engine;
};

} // namespace headkv
