// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Bootstrap.h"

#include "core/base/Error.h"
#include "core/base/Random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace headkv {

namespace {

/// The quantile at 0…1 of values in any order, which it reorders; linear between neighbours.
double quantile(std::span<double> values, double at)
{
    const double position = at * static_cast<double>(values.size() - 1);
    const auto below = values.begin() + static_cast<std::ptrdiff_t>(position);
    std::nth_element(values.begin(), below, values.end());
    const double fraction = position - std::floor(position);
    if (fraction == 0 || below + 1 == values.end())
        return *below;
    return std::lerp(*below, *std::min_element(below + 1, values.end()), fraction);
}

double meanOf(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Means of resamples of the values.
std::vector<double> resampledMeans(std::span<const double> values, const BootstrapSettings &settings)
{
    Random random(settings.seed);
    std::vector<double> means(static_cast<std::size_t>(settings.resamples));
    for (double &mean : means) {
        for (std::size_t i = 0; i < values.size(); ++i)
            mean += values[drawBelow(random, values.size())];
        mean /= static_cast<double>(values.size());
    }
    return means;
}

} // namespace

void checkBootstrap(const BootstrapSettings &settings)
{
    if (settings.resamples < 1 || !(settings.coverage > 0 && settings.coverage < 1))
        throw Error(ErrorKind::Usage, "a bootstrap needs at least one resample and a coverage between 0 and 1");
}

ValueInterval centralInterval(std::span<double> values, double coverage)
{
    return {quantile(values, (1 - coverage) / 2), quantile(values, (1 + coverage) / 2)};
}

ValueInterval bootstrapMean(std::span<const double> values, const BootstrapSettings &settings)
{
    checkBootstrap(settings);
    if (values.empty())
        return {};
    std::vector<double> means = resampledMeans(values, settings);
    return centralInterval(means, settings.coverage);
}

PairedComparison comparePairs(std::span<const double> a, std::span<const double> b, const BootstrapSettings &settings)
{
    checkBootstrap(settings);
    if (a.size() != b.size())
        throw Error(ErrorKind::Usage, "only the same cases can be compared in pairs");
    if (a.empty())
        return {};
    std::vector<double> differences(a.size());
    std::ranges::transform(a, b, differences.begin(), std::minus());
    PairedComparison comparison{meanOf(differences), {}, 1};
    std::vector<double> means = resampledMeans(differences, settings);
    // Moved by the mean, resamples show what chance alone does. One more on both sides: p is never 0.
    const double mean = comparison.difference, margin = 1e-12 * std::abs(mean);
    const auto far =
        std::ranges::count_if(means, [&](double value) { return std::abs(value - mean) >= std::abs(mean) - margin; });
    comparison.p = static_cast<double>(far + 1) / static_cast<double>(means.size() + 1);
    comparison.interval = centralInterval(means, settings.coverage);
    return comparison;
}

} // namespace headkv
