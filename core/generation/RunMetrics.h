// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace headkv {

/// Time and memory of one generation, as `headkv generate --report` and the Generate page show them.
struct RunMetrics
{
    double prefillSeconds = 0;
    double compressSeconds = 0;
    double firstTokenSeconds = 0; ///< from the start of prefill to the first token
    double decodeSeconds = 0;     ///< all tokens after the first
    std::vector<double> perTokenMilliseconds;

    std::uint64_t fullKvBytes = 0; ///< what FullKV would hold at the end
    std::uint64_t kvBytesAfterPrefill = 0;
    std::uint64_t kvBytesPeak = 0;
    std::uint64_t kvBytesEnd = 0;
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
