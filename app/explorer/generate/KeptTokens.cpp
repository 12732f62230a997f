// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/KeptTokens.h"

#include <algorithm>

namespace headkv {

bool KeptCounts::keepsEverything() const
{
    return lists > 0 && std::ranges::all_of(held, [this](int count) { return count == lists; });
}

std::vector<float> KeptCounts::shares() const
{
    std::vector<float> shares(held.size(), 0);
    for (std::size_t i = 0; i < held.size() && lists > 0; ++i)
        shares[i] = static_cast<float>(held[i]) / static_cast<float>(lists);
    return shares;
}

KeptCounts countKept(const CacheContents &contents, std::size_t tokens, const KeptChoice &choice)
{
    KeptCounts counts;
    counts.held.assign(tokens, 0);
    for (std::size_t i = 0; i < contents.positions.size() && contents.lists > 0; ++i) {
        const auto layer = static_cast<int>(i) / contents.lists;
        const auto list = static_cast<int>(i) % contents.lists;
        if (layer != choice.layer.value_or(layer) || list != choice.list.value_or(list))
            continue;
        ++counts.lists;
        for (const std::int32_t position : contents.positions[i]) {
            const auto token = static_cast<std::size_t>(position);
            if (token < tokens) {
                ++counts.held[token];
                ++counts.total;
            }
        }
        counts.compensating += contents.lengths[i] > std::ssize(contents.positions[i]) ? 1 : 0;
    }
    return counts;
}

KeptCounts allKept(std::size_t tokens, int lists)
{
    KeptCounts counts;
    counts.held.assign(tokens, lists);
    counts.lists = lists;
    counts.total = static_cast<std::int64_t>(tokens) * lists;
    return counts;
}

TokenRange tokensOfText(const QStringList &pieces, const QString &text)
{
    const qsizetype begin = text.isEmpty() ? -1 : pieces.join(QString()).indexOf(text);
    if (begin < 0)
        return {};
    TokenRange range{-1, 0};
    qsizetype at = 0;
    for (int i = 0; i < pieces.size() && at < begin + text.size(); ++i) {
        at += pieces[i].size();
        if (at > begin && range.begin < 0)
            range.begin = i;
        range.end = i + 1;
    }
    return range;
}

} // namespace headkv
