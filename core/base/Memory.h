// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace headkv {

/// What the system could still hand out without swapping (MemAvailable, and the control group's limit), to each of the
/// processes that share it; 0: not known.
[[nodiscard]] std::uint64_t availableMemoryBytes();
/// So many processes of the program compute on this machine.
void shareMemoryAmong(int processes);
/// Resident set of this process, now and at its largest.
[[nodiscard]] std::uint64_t residentBytes();
[[nodiscard]] std::uint64_t peakResidentBytes();
/// Lets the peak begin anew from what is resident now, where the system can (Linux); else does nothing.
void resetPeakResidentBytes();
/// "1.38 GiB".
[[nodiscard]] std::string gibibytes(std::uint64_t bytes);
/// Errors: Memory, with both figures, where fewer than `bytes` are available. `what` begins the message, e.g. "loading
/// m.gguf".
void requireMemory(std::uint64_t bytes, const std::string &what, const std::string &advice);

} // namespace headkv
