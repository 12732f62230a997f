// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadStatistics.h"

#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace headkv {

class Session;

/// A score set as the page shows it: by query head, or by KV group.
struct ShownSet
{
    int index = -1; ///< into ScoreLibrary::sets()
    QString name;
    int groupSize = 1; ///< query heads that a row stands for
    std::shared_ptr<const HeadScores> scores;
    std::shared_ptr<const HeadScoreSummary> summary;
    std::shared_ptr<const HeadStatistics> statistics; ///< null: not computed yet

    [[nodiscard]] bool hasShapeOf(const ShownSet &other) const
    {
        return scores->layers == other.scores->layers && scores->heads == other.scores->heads;
    }
};

/// What the page keeps of the session's score sets: those of KV groups, and statistics as they arrive.
class ScoreShelf : public QObject
{
    Q_OBJECT

public:
    explicit ScoreShelf(Session &session, QObject *parent = nullptr);

    /// By KV group, `kvHeads` a layer, where that divides the set's heads; 0: by query head.
    [[nodiscard]] ShownSet take(int index, int kvHeads);
    /// The same, and asks for its statistics.
    [[nodiscard]] ShownSet takeWithStatistics(int index, int kvHeads);
    /// KV heads a layer as the set's provenance or the loaded model of its shape says; nothing where it is not known.
    [[nodiscard]] std::optional<int> kvHeads(int index) const;

Q_SIGNALS:
    void statisticsArrived();

private:
    void forget();

    Session &m_session;
    std::map<std::pair<std::shared_ptr<const HeadScores>, int>, ShownSet> m_groups; ///< by the set's own and KV heads
    std::map<std::shared_ptr<const HeadScores>, std::shared_ptr<const HeadStatistics>>
        m_statistics; ///< null: asked for
};

} // namespace headkv
