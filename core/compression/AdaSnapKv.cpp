// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace headkv {

namespace {

/// A layer's lists share its budget by their scores: a list gets a place for each of its tokens among the layer's
/// highest, mixed with a floor that every list has (Feng et al. 2024). What is allocated before is the mean of that.
class AdaSnapKv : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;
    [[nodiscard]] bool isStatic() const override { return false; }
    [[nodiscard]] std::vector<std::int64_t> layerCapacities(const LayerCandidates &candidates,
                                                            std::span<const std::int64_t> allocated) const override
    {
        const std::vector<std::int64_t> places = highestByList(candidates, base() * lists());
        const auto alpha = settings().floorAlpha;
        const double floorCapacity = std::trunc(static_cast<double>(base()) * alpha);
        std::vector<std::int64_t> capacities(allocated.begin(), allocated.end());
        for (std::size_t list = 0; list < capacities.size(); ++list) // round half to even, as torch.round
            capacities[list] = std::llrint(static_cast<double>(places[list]) * (1 - alpha) + floorCapacity);
        return capacities;
    }

private:
    /// How many of the layer's highest scores are each list's. Of equal ones the earlier token's, then the first
    /// list's.
    static std::vector<std::int64_t> highestByList(const LayerCandidates &candidates, std::int64_t count)
    {
        struct Place
        {
            float score;
            std::int32_t token, list;
        };
        std::vector<Place> all;
        for (std::size_t list = 0; list < candidates.scores.size(); ++list) {
            for (std::size_t token = 0; token < candidates.scores[list].size(); ++token)
                all.push_back({candidates.scores[list][token], static_cast<std::int32_t>(token),
                               static_cast<std::int32_t>(list)});
        }
        const auto taken = std::min(static_cast<std::ptrdiff_t>(all.size()), static_cast<std::ptrdiff_t>(count));
        std::ranges::nth_element(all, all.begin() + taken, [](const Place &a, const Place &b) {
            return std::tuple(-a.score, a.token, a.list) < std::tuple(-b.score, b.token, b.list);
        });
        std::vector<std::int64_t> places(candidates.scores.size());
        for (const Place &place : std::span(all).first(static_cast<std::size_t>(taken)))
            ++places[static_cast<std::size_t>(place.list)];
        return places;
    }
};

} // namespace

MethodInfo adaSnapKv()
{
    return {.id = "ada-snapkv",
            .name = "Ada-SnapKV",
            .summary = "SnapKV whose heads share a layer's budget by the prompt's attention.",
            .make = makeMethod<AdaSnapKv>};
}

} // namespace headkv
