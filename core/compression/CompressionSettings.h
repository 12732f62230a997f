// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// What keeps a list of tokens of its own: each query head, as the paper's code does, or each KV head, which under
/// grouped-query attention stores a key once for the whole group.
enum class Granularity { QueryHead, KvHead };
[[nodiscard]] std::string toString(Granularity granularity); ///< "query-head", "kv-head"

/// How token scores are smoothed over neighbours, so that whole words survive.
enum class Pooling { Max, Average };
[[nodiscard]] std::string toString(Pooling pooling); ///< "max", "avg"

/// The heads of a model.
struct HeadShape
{
    int layers = 0;
    int queryHeads = 0; ///< H, a layer
    int kvHeads = 0;    ///< G, a layer; divides H

    [[nodiscard]] int lists(Granularity granularity) const ///< a layer
    {
        return granularity == Granularity::KvHead ? kvHeads : queryHeads;
    }
};

/// The observation window where nothing better is known, and the published one.
constexpr int publishedWindow = 8;
/// `auto` where no prompt says more: the last tokens of the user's turn, up to this many.
constexpr int longestAutomaticWindow = 64;
/// `auto`: all tokens behind the context, at least 8. Where the prompt is not built from parts, the last user turn's,
/// up to 64.
[[nodiscard]] int automaticWindow(std::size_t tokensAfterContext);

/// A method and all that can be set of it. Each method reads what concerns it.
struct CompressionSettings
{
    std::string method = "full";
    int budget = 128;           ///< B: tokens a list keeps on average, window included
    std::optional<int> window;  ///< w: last tokens that are kept and whose queries score the rest; nothing: auto
    std::optional<double> beta; ///< of headkv (> 1) and pyramidkv (≥ 1); nothing: the method's own
    int kernel = 7;             ///< of the pooling, odd
    Pooling pooling = Pooling::Max;
    int sinks = 4;                ///< first tokens that streaming and razor keep
    double floorAlpha = 0.2;      ///< ada-snapkv: the share of the budget that every list has for certain
    double retrievalShare = 0.15; ///< razor: the share of lists that keep everything
    bool redistribute = false;    ///< headkv: what a list cannot use of the first turn's prompt goes to the others
    std::optional<Granularity> granularity; ///< nothing: as granularityOf() says
    std::vector<double> importance;         ///< [layers·H] by query head, not negative; of headkv and razor
};

} // namespace headkv
