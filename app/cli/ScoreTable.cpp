// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ScoreTable.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array targets{0.9, 0.95, 0.97, 0.99};

Json describe(const ValueInterval &interval) { return Json::array({interval.low, interval.high}); }

std::string shortNumber(double number)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%g", number);
    return text.data();
}

} // namespace

Json describeScores(const HeadScores &scores, std::size_t top, const HeadIntervals &intervals)
{
    const HeadScoreSummary summary = summarize(scores);
    Json document{{"layers", scores.layers},
                  {"heads", scores.heads},
                  {"examples", scores.examples()},
                  {"zero_share", summary.zeroShare},
                  {"nonzero_heads", summary.nonzeroHeads},
                  {"gini", summary.gini},
                  {"top", Json::array()},
                  {"layer_share", summary.layerShares},
                  {"lorenz", summary.lorenz}};
    for (const RankedHead &head : topHeads(scores, summary, top)) {
        const std::size_t i = scores.index(head.layer, head.head);
        Json entry{{"layer", head.layer},
                   {"head", head.head},
                   {"mean", head.mean},
                   {"share", head.share},
                   {"standard_error", summary.standardErrors[i]}};
        if (!intervals.means.empty()) {
            entry["interval"] = describe(intervals.means[i]);
            entry["rank_interval"] = describe(intervals.ranks[i]);
        }
        document["top"].push_back(std::move(entry));
    }
    return document;
}

Json describeStability(const RankStability &stability)
{
    Json document{{"correlation", nullptr}, {"cases", nullptr}, {"splits", stability.splits}};
    if (!stability.curve.empty()) {
        document["correlation"] = stability.splitHalf();
        document["cases"] = stability.curve.back().cases;
    }
    document["cases_for"] = Json::object();
    for (const double target : targets) {
        const std::optional<double> cases = stability.casesFor(target);
        document["cases_for"][shortNumber(target)] = cases ? Json(*cases) : Json();
    }
    document["curve"] = Json::array();
    for (const StabilityPoint &point : stability.curve)
        document["curve"].push_back(
            {{"cases", point.cases}, {"correlation", point.correlation}, {"deviation", point.deviation}});
    return document;
}

void printScoreTable(const HeadScores &scores, std::size_t top, const HeadIntervals &intervals)
{
    const HeadScoreSummary summary = summarize(scores);
    std::printf("%d layers × %d heads, %zu examples, %.1f%% of the heads score zero, Gini %.3f\n\n", scores.layers,
                scores.heads, scores.examples(), 100 * summary.zeroShare, summary.gini);
    const bool withIntervals = !intervals.means.empty();
    std::printf("rank  head      score    ± s.e.   share%s\n", withIntervals ? "   95% of resamples   ranks" : "");
    int rank = 0;
    for (const RankedHead &head : topHeads(scores, summary, top)) {
        const std::size_t i = scores.index(head.layer, head.head);
        const std::string name = std::to_string(head.layer) + "-" + std::to_string(head.head);
        std::printf("%4d  %-8s %7.4f  %7.4f  %5.1f%%", ++rank, name.c_str(), head.mean, summary.standardErrors[i],
                    100 * head.share);
        if (withIntervals)
            std::printf("   %7.4f …%7.4f   %.0f…%.0f", intervals.means[i].low, intervals.means[i].high,
                        std::floor(intervals.ranks[i].low), std::ceil(intervals.ranks[i].high));
        std::printf("\n");
    }
}

void printStability(const RankStability &stability)
{
    if (stability.curve.empty()) {
        std::printf("one example: nothing can be said of how stable the ranking is\n");
        return;
    }
    const StabilityPoint &half = stability.curve.back();
    std::printf("two halves of %zu cases rank the heads alike with Spearman %.3f ± %.3f (%d random splits)", half.cases,
                half.correlation, half.deviation, stability.splits);
    if (const std::optional<double> cases = stability.casesFor(0.97))
        std::printf("; about %.0f cases would do for 0.97", std::ceil(*cases));
    std::printf("\n");
}

} // namespace headkv
