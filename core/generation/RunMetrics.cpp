// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/RunMetrics.h"

#include <algorithm>
#include <cmath>

namespace headkv {

double RunMetrics::decodeTokensPerSecond() const
{
    if (decodeSeconds <= 0 || perTokenMilliseconds.size() < 2)
        return 0;
    return static_cast<double>(perTokenMilliseconds.size() - 1) / decodeSeconds;
}

double RunMetrics::latencyPercentile(double share) const
{
    if (perTokenMilliseconds.size() < 2)
        return 0;
    std::vector<double> values(perTokenMilliseconds.begin() + 1, perTokenMilliseconds.end());
    // The nearest rank: a value that was measured.
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size()))) - 1;
    const auto chosen = values.begin() + std::clamp<std::ptrdiff_t>(rank, 0, std::ssize(values) - 1);
    std::ranges::nth_element(values, chosen);
    return *chosen;
}

double RunMetrics::realShare() const
{
    return fullKvBytesAfterPrefill > 0
               ? static_cast<double>(kvBytesAfterPrefill) / static_cast<double>(fullKvBytesAfterPrefill)
               : 0;
}

std::uint64_t RunMetrics::deviceWorkspaceBytes(std::uint64_t weightBytes) const
{
    const std::uint64_t known = weightBytes + kvAllocatedPeak;
    return devicePeakBytes > known ? devicePeakBytes - known : 0;
}

void RunMetrics::append(const RunMetrics &next)
{
    const double elapsed = memory.empty() ? 0 : memory.back().seconds;
    if (perTokenMilliseconds.empty()) { // stopped in prefill, which was then done again as a whole
        const std::vector<MemorySample> before = std::move(memory);
        *this = next;
        memory = before;
    } else {
        decodeSeconds += next.decodeSeconds;
        perTokenMilliseconds.insert(perTokenMilliseconds.end(), next.perTokenMilliseconds.begin(),
                                    next.perTokenMilliseconds.end());
        fullKvBytes = next.fullKvBytes;
        kvBytesPeak = std::max(kvBytesPeak, next.kvBytesPeak);
        kvAllocatedPeak = std::max(kvAllocatedPeak, next.kvAllocatedPeak);
        kvBytesEnd = next.kvBytesEnd;
        kvAllocatedEnd = next.kvAllocatedEnd;
        rssPeakBytes = std::max(rssPeakBytes, next.rssPeakBytes);
        devicePeakBytes = std::max(devicePeakBytes, next.devicePeakBytes);
        contextTokens = next.contextTokens;
    }
    for (MemorySample sample : next.memory) {
        sample.seconds += elapsed;
        memory.push_back(sample);
    }
}

} // namespace headkv
