// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ScoreTable.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headkv {

nlohmann::ordered_json describeScores(const HeadScores &scores, std::size_t top)
{
    const HeadScoreSummary summary = summarize(scores);
    nlohmann::ordered_json document{{"layers", scores.layers},
                                    {"heads", scores.heads},
                                    {"examples", scores.examples()},
                                    {"zero_share", summary.zeroShare},
                                    {"top", nlohmann::ordered_json::array()},
                                    {"layer_share", summary.layerShares},
                                    {"lorenz", summary.lorenz}};
    for (const RankedHead &head : topHeads(scores, summary, top))
        document["top"].push_back(
            {{"layer", head.layer}, {"head", head.head}, {"mean", head.mean}, {"share", head.share}});
    return document;
}

void printScoreTable(const HeadScores &scores, std::size_t top)
{
    const HeadScoreSummary summary = summarize(scores);
    std::printf("%d layers × %d heads, %zu examples, %.1f%% of the heads score zero\n\n", scores.layers, scores.heads,
                scores.examples(), 100 * summary.zeroShare);
    std::printf("rank  head      score    ± s.e.   share\n");
    int rank = 0;
    for (const RankedHead &head : topHeads(scores, summary, top)) {
        const std::string name = std::to_string(head.layer) + "-" + std::to_string(head.head);
        std::printf("%4d  %-8s %7.4f  %7.4f  %5.1f%%\n", ++rank, name.c_str(), head.mean,
                    summary.standardErrors[scores.index(head.layer, head.head)], 100 * head.share);
    }
}

} // namespace headkv
