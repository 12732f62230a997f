// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace headkv {

/// Time and memory of one generation, as `headkv generate --report` and the Generate page show them.
struct RunMetrics
{
    double prefillSeconds = 0; ///< without compression
    double compressSeconds = 0;
    double firstTokenSeconds = 0;             ///< from the start of prefill to the first token
    double decodeSeconds = 0;                 ///< all tokens after the first
    std::vector<double> perTokenMilliseconds; ///< the first token's is sampling alone: its logits are prefill's

    std::uint64_t fullKvBytes = 0; ///< what FullKV would hold at the end
    // Of entries held, a layer that is whole during prefill among them; and of the buffers.
    std::uint64_t kvBytesAfterPrefill = 0, kvAllocatedAfterPrefill = 0;
    std::uint64_t kvBytesPeak = 0, kvAllocatedPeak = 0;
    std::uint64_t kvBytesEnd = 0, kvAllocatedEnd = 0;
    std::uint64_t fullKvBytesAfterPrefill = 0; ///< what FullKV would hold after prefill
    std::uint64_t rssAfterPrefill = 0;         ///< the whole process
    std::uint64_t rssPeakBytes = 0;
    std::uint64_t devicePeakBytes = 0;

    /// Tokens after the first, a second; 0 where there are none.
    [[nodiscard]] double decodeTokensPerSecond() const
    {
        return decodeSeconds > 0 && perTokenMilliseconds.size() > 1 ? (perTokenMilliseconds.size() - 1) / decodeSeconds
                                                                    : 0;
    }
};

} // namespace headkv
