// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace headkv {

/// Both ends included.
struct ValueInterval
{
    double low = 0;
    double high = 0;
    bool operator==(const ValueInterval &) const = default;
};

struct BootstrapSettings
{
    int resamples = 1000;
    double coverage = 0.95; ///< 0…1
    std::uint64_t seed = 0;
};

/// Errors: Usage, for no resample or a coverage outside 0…1.
void checkBootstrap(const BootstrapSettings &settings);

/// From the (1 − coverage)/2 quantile of values in any order, which it reorders, to the (1 + coverage)/2 quantile,
/// linear between neighbours (Efron's percentile method). At least one value.
[[nodiscard]] ValueInterval centralInterval(std::span<double> values, double coverage);

/// The percentile interval of the mean of values, over resamples drawn with replacement. The same seed gives the same
/// interval. Nothing to draw from: 0 to 0. Errors: as checkBootstrap.
[[nodiscard]] ValueInterval bootstrapMean(std::span<const double> values, const BootstrapSettings &settings = {});

/// How a mean of differences between pairs stands against none.
struct PairedComparison
{
    double difference = 0;  ///< mean of a − b
    ValueInterval interval; ///< of it
    double p = 1;           ///< two-sided: how often resamples of the centred differences are as far from 0
};

/// The paired bootstrap (Efron and Tibshirani 1993, ch. 16): a and b are of the same cases, in the same order. Errors:
/// Usage, where their sizes differ; as checkBootstrap.
[[nodiscard]] PairedComparison comparePairs(std::span<const double> a, std::span<const double> b,
                                            const BootstrapSettings &settings = {});

} // namespace headkv
