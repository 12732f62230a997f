// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/ScoreShelf.h"

#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace headkv {

ScoreShelf::ScoreShelf(Session &session, QObject *parent)
    : QObject(parent)
    , m_session(session)
{
    connect(&session.scores(), &ScoreLibrary::analysed, this,
            [this](const std::shared_ptr<const HeadScores> &scores,
                   const std::shared_ptr<const HeadStatistics> &statistics) {
                if (const auto found = m_statistics.find(scores); found != m_statistics.end()) {
                    found->second = statistics;
                    Q_EMIT statisticsArrived();
                }
            });
    connect(&session.scores(), &ScoreLibrary::removed, this, &ScoreShelf::forget);
}

ShownSet ScoreShelf::take(int index, int kvHeads)
{
    const ScoreSet &set = m_session.scores().sets()[static_cast<std::size_t>(index)];
    ShownSet shown{index, set.name, 1, set.scores, set.summary, nullptr};
    if (kvHeads > 0 && kvHeads < set.scores->heads && set.scores->heads % kvHeads == 0) {
        ShownSet &grouped = m_groups[{set.scores, kvHeads}];
        if (!grouped.scores) {
            grouped.scores = std::make_shared<const HeadScores>(groupHeads(*set.scores, kvHeads));
            grouped.summary = std::make_shared<const HeadScoreSummary>(summarize(*grouped.scores));
        }
        shown.groupSize = set.scores->heads / kvHeads;
        shown.scores = grouped.scores;
        shown.summary = grouped.summary;
    }
    if (const auto found = m_statistics.find(shown.scores); found != m_statistics.end())
        shown.statistics = found->second;
    return shown;
}

ShownSet ScoreShelf::takeWithStatistics(int index, int kvHeads)
{
    ShownSet shown = take(index, kvHeads);
    if (m_statistics.try_emplace(shown.scores, nullptr).second)
        m_session.scores().analyse(shown.scores);
    return shown;
}

std::optional<int> ScoreShelf::kvHeads(int index) const
{
    const ScoreSet &set = m_session.scores().sets()[static_cast<std::size_t>(index)];
    const auto meta = nlohmann::json::parse(set.metaJson.toStdString(), nullptr, false);
    const auto path = nlohmann::json::json_pointer("/model/kv_heads");
    if (meta.is_object() && meta.contains(path) && meta.at(path).is_number_integer()) {
        if (const int heads = meta.at(path).get<int>(); heads > 0 && set.scores->heads % heads == 0)
            return heads;
    }
    const auto info = m_session.modelInfo();
    if (info && info->layers == set.scores->layers && info->queryHeads == set.scores->heads)
        return info->kvHeads;
    return {};
}

/// What belongs to sets that the session no longer has.
void ScoreShelf::forget()
{
    std::set<std::shared_ptr<const HeadScores>> kept;
    for (const ScoreSet &set : m_session.scores().sets())
        kept.insert(set.scores);
    std::erase_if(m_groups, [&kept](const auto &entry) { return !kept.contains(entry.first.first); });
    for (const auto &[key, grouped] : m_groups)
        kept.insert(grouped.scores);
    std::erase_if(m_statistics, [&kept](const auto &entry) { return !kept.contains(entry.first); });
}

} // namespace headkv
