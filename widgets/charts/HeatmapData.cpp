// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/HeatmapData.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

struct Extent
{
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();
    double leastPositive = std::numeric_limits<double>::infinity();
    [[nodiscard]] bool isEmpty() const { return least > greatest; }
};

Extent extentOf(const std::vector<double> &values)
{
    Extent extent;
    for (const double value : values) {
        if (!std::isfinite(value)) {
            continue;
        }
        extent.least = std::min(extent.least, value);
        extent.greatest = std::max(extent.greatest, value);
        if (value > 0) {
            extent.leastPositive = std::min(extent.leastPositive, value);
        }
    }
    return extent;
}

/// Opens an empty range; a constant's colour is then the lowest for 0 and the middle else.
ValueRange opened(double low, double high)
{
    if (low < high) {
        return {low, high};
    }
    return low == 0 ? ValueRange{0, 1} : ValueRange{low - std::abs(low) / 2, low + std::abs(low) / 2};
}

ValueRange logRange(double leastPositive, double greatest)
{
    if (!(greatest > 0)) {
        return {0.1, 1};
    }
    // Nine decades are more than a map can show; scores of 1e-17 are rounding noise, not signal.
    const double low = std::max(leastPositive, greatest * 1e-9);
    return low < greatest ? ValueRange{low, greatest} : ValueRange{greatest / 10, greatest};
}

} // namespace

bool HeatmapData::isConsistent() const
{
    const auto cells = static_cast<std::size_t>(std::max(layers, 0)) * static_cast<std::size_t>(std::max(heads, 0));
    const auto fits = [cells](std::size_t size) { return size == 0 || size == cells; };
    return values.size() == cells && fits(standardErrors.size()) && fits(shares.size()) && fits(ranks.size()) &&
           std::ranges::all_of(details, [cells](const HeatmapDetail &detail) { return detail.values.size() == cells; });
}

ValueRange scaleRange(const std::vector<double> &values, const HeatmapScale &scale)
{
    const bool isLog = scale.kind == HeatmapScale::Kind::Log;
    if (scale.fixed) {
        return isLog ? logRange(scale.fixed->low > 0 ? scale.fixed->low : 0, scale.fixed->high)
                     : opened(scale.fixed->low, scale.fixed->high);
    }
    const Extent extent = extentOf(values);
    if (isLog) {
        return logRange(extent.leastPositive, extent.greatest);
    }
    if (extent.isEmpty()) {
        return scale.kind == HeatmapScale::Kind::Symmetric ? ValueRange{-1, 1} : ValueRange{0, 1};
    }
    switch (scale.kind) {
    case HeatmapScale::Kind::Percentile:
        return opened(percentile(values, scale.lowPercentile), percentile(values, scale.highPercentile));
    case HeatmapScale::Kind::Symmetric: {
        const double most = std::max(std::abs(extent.least), std::abs(extent.greatest));
        return most > 0 ? ValueRange{-most, most} : ValueRange{-1, 1};
    }
    default:
        return opened(std::min(extent.least, extent.least >= 0 ? 0.0 : extent.least), extent.greatest);
    }
}

double scalePosition(double value, const ValueRange &range, HeatmapScale::Kind kind)
{
    if (std::isnan(value)) {
        return value;
    }
    if (kind == HeatmapScale::Kind::Log) {
        if (!(value > range.low)) {
            return 0;
        }
        return std::min(1.0, std::log(value / range.low) / std::log(range.high / range.low));
    }
    return std::clamp((value - range.low) / (range.high - range.low), 0.0, 1.0);
}

double percentile(std::vector<double> values, double p)
{
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    if (values.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    std::sort(values.begin(), values.end());
    const double position = std::clamp(p, 0.0, 100.0) / 100 * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], position - static_cast<double>(below));
}

} // namespace headkv
