// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CacheContents.h"

#include <QString>
#include <QStringList>
#include <optional>

namespace headkv {

/// Which lists of a cache to look at: all, those of a layer, or one.
struct KeptChoice
{
    std::optional<int> layer;
    std::optional<int> list; ///< of that layer
};

/// How many lists hold each token of a prompt.
struct KeptCounts
{
    int lists = 0;          ///< looked at
    std::vector<int> held;  ///< [tokens] by how many of them
    int compensating = 0;   ///< lists with one more entry that stands for what they dropped
    std::int64_t total = 0; ///< entries of the prompt in all of them

    [[nodiscard]] bool keepsEverything() const;
    [[nodiscard]] std::vector<float> shares() const; ///< [tokens] 0…1
};

/// Of so many tokens. A choice beyond the cache counts nothing.
[[nodiscard]] KeptCounts countKept(const CacheContents &contents, std::size_t tokens, const KeptChoice &choice);
/// Of a cache that keeps all.
[[nodiscard]] KeptCounts allKept(std::size_t tokens, int lists);

/// Tokens whose pieces overlap the first occurrence of a text in the joined pieces: begin, end; empty: there is none.
struct TokenRange
{
    int begin = 0, end = 0;
};
[[nodiscard]] TokenRange tokensOfText(const QStringList &pieces, const QString &text);

} // namespace headkv
