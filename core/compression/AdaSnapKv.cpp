// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"

#include <cmath>

namespace headkv {

namespace {

/// A layer's lists share its budget by their scores: a list gets a place for each of its tokens among the layer's
/// highest, mixed with a floor that every list has (Feng et al. 2024). What is allocated before is the mean of that.
class AdaSnapKv : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;
    [[nodiscard]] std::optional<std::int64_t> sharedPlaces() const override { return base() * lists(); }
    [[nodiscard]] std::vector<std::int64_t> capacitiesOf(std::span<const std::int64_t> places) const override
    {
        const auto alpha = settings().floorAlpha;
        const double floorCapacity = std::trunc(static_cast<double>(base()) * alpha);
        std::vector<std::int64_t> capacities;
        for (const std::int64_t count : places) // round half to even, as torch.round
            capacities.push_back(std::llrint(static_cast<double>(count) * (1 - alpha) + floorCapacity));
        return capacities;
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
