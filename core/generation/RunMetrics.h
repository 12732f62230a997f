// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headkv {

/// Memory at one moment of a run.
struct MemorySample
{
    double seconds = 0;              ///< since the run began
    std::uint64_t kvBytes = 0;       ///< of entries held, a layer that is whole during prefill among them
    std::uint64_t residentBytes = 0; ///< the whole process
    std::uint64_t deviceBytes = 0;   ///< of the accelerator; 0 on the CPU

    bool operator==(const MemorySample &) const = default;
};

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
    std::uint64_t devicePeakBytes = 0; ///< of the accelerator; 0 on the CPU

    std::size_t contextTokens = 0;            ///< used at the end, of the model's context
    std::vector<std::int64_t> entriesByLayer; ///< [layers] held right after prefill, in all lists
    std::vector<MemorySample> memory;         ///< in order of time: after each layer of prefill, after each token

    bool operator==(const RunMetrics &) const = default;

    /// Tokens after the first, a second; 0 where there are none.
    [[nodiscard]] double decodeTokensPerSecond() const;
    /// Of the tokens after the first, in milliseconds: the share (0…1) of them that took no longer; 0 where there are
    /// none.
    [[nodiscard]] double latencyPercentile(double share) const;
    /// What was held after prefill against FullKV, 0…1; 0 before.
    [[nodiscard]] double realShare() const;
    /// What of the accelerator's peak is neither weights nor keys and values.
    [[nodiscard]] std::uint64_t deviceWorkspaceBytes(std::uint64_t weightBytes) const;
    /// Adds what a run measured that went on where this one stopped.
    void append(const RunMetrics &next);
};

} // namespace headkv
