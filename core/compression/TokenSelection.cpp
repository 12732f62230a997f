// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/TokenSelection.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>

namespace headkv {

namespace {

/// Water-filling: cuts targets to the cap and hands what was cut to those below it, until nothing is cut.
void cutToCap(std::vector<double> &targets, std::span<const double> shares, double cap)
{
    std::vector<bool> full(targets.size());
    for (;;) {
        double excess = 0;
        double openShares = 0;
        std::size_t open = 0;
        for (std::size_t i = 0; i < targets.size(); ++i) {
            if (!full[i] && targets[i] >= cap) {
                excess += targets[i] - cap;
                targets[i] = cap;
                full[i] = true;
            }
            if (!full[i]) {
                openShares += shares[i];
                ++open;
            }
        }
        if (excess <= 0 || open == 0)
            return;
        for (std::size_t i = 0; i < targets.size(); ++i) {
            if (!full[i])
                targets[i] += excess * (openShares > 0 ? shares[i] / openShares : 1 / static_cast<double>(open));
        }
    }
}

} // namespace

KeptTokens highestScores(std::span<const float> scores, std::int64_t count)
{
    KeptTokens order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    if (count < static_cast<std::int64_t>(order.size())) {
        std::ranges::nth_element(order, order.begin() + count, [&](std::int32_t a, std::int32_t b) {
            return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
        });
        order.resize(static_cast<std::size_t>(count));
        std::ranges::sort(order);
    }
    return order;
}

std::vector<std::int64_t> highestByList(std::span<const std::vector<float>> scores, std::int64_t count)
{
    struct Place
    {
        float score;
        std::int32_t token, list;
    };
    std::vector<Place> all;
    for (std::size_t list = 0; list < scores.size(); ++list) {
        for (std::size_t token = 0; token < scores[list].size(); ++token)
            all.push_back({scores[list][token], static_cast<std::int32_t>(token), static_cast<std::int32_t>(list)});
    }
    const auto taken = std::min(std::ssize(all), static_cast<std::ptrdiff_t>(count));
    std::ranges::nth_element(all, all.begin() + taken, [](const Place &a, const Place &b) {
        return std::tuple(-a.score, a.token, a.list) < std::tuple(-b.score, b.token, b.list);
    });
    std::vector<std::int64_t> places(scores.size());
    for (const Place &place : std::span(all).first(static_cast<std::size_t>(taken)))
        ++places[static_cast<std::size_t>(place.list)];
    return places;
}

double floorDivide(double a, double b)
{
    const double rest = std::fmod(a, b);
    const double quotient = (a - rest) / b - (rest < 0 ? 1 : 0); // whole, but for rounding
    const double whole = std::floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

std::vector<std::int64_t> shareOut(std::vector<double> targets, std::span<const double> shares,
                                   std::optional<std::int64_t> cap, std::int64_t total)
{
    if (cap)
        cutToCap(targets, shares, static_cast<double>(*cap));
    std::vector<std::int64_t> counts(targets.size());
    for (std::size_t i = 0; i < targets.size(); ++i)
        counts[i] = static_cast<std::int64_t>(std::floor(targets[i]));
    std::vector<std::size_t> order(targets.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>(),
                             [&](std::size_t i) { return targets[i] - std::floor(targets[i]); });
    std::int64_t rest = total - std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    while (rest > 0) {
        const std::int64_t before = rest;
        for (const std::size_t i : order) {
            if (rest > 0 && (!cap || counts[i] < *cap)) {
                ++counts[i];
                --rest;
            }
        }
        if (rest == before)
            break; // every list is full
    }
    return counts;
}

} // namespace headkv
