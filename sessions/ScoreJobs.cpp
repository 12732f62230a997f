// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/ScoreJobs.h"

#include "core/probe/HeadScoreFile.h"
#include "sessions/Engine.h"

#include <QFile>
#include <QFileInfo>

namespace headkv {

ScoreJobs::ScoreJobs(Engine &engine)
    : QObject(&engine)
    , m_engine(engine)
{}

void ScoreJobs::open(const QString &path)
{
    m_engine.guarded([&] {
        HeadScores scores = readHeadScores(path.toStdString());
        const QString meta = QString::fromStdString(headScoreMetaPath(path.toStdString()).string());
        QFile metaFile(meta);
        const QString provenance =
            metaFile.open(QIODevice::ReadOnly) ? QString::fromUtf8(metaFile.read(1 << 24)) : QString();
        Q_EMIT m_engine.logged(QStringLiteral("Read %1: %2 × %3 heads, %4 examples")
                                   .arg(path)
                                   .arg(scores.layers)
                                   .arg(scores.heads)
                                   .arg(scores.examples()));
        Q_EMIT read(makeScoreSet(QFileInfo(path).completeBaseName(), path, std::move(scores), provenance));
    });
}

void ScoreJobs::analyse(const ScoresPtr &scores, const CancellationToken &token)
{
    m_engine.guarded(
        [&] { Q_EMIT analysed(scores, std::make_shared<const HeadStatistics>(headkv::analyse(*scores, token))); });
}

} // namespace headkv
