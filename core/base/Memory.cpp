// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Memory.h"

#include "core/base/Error.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <optional>
#include <unistd.h>

namespace headkv {

namespace {

std::atomic<std::uint64_t> sharers{1};

/// The figure of "KEY:  123 kB" in a /proc file, in bytes.
std::uint64_t procBytes(const char *path, const std::string &key)
{
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key + ":"))
            return std::stoull(line.substr(key.size() + 1)) * 1024;
    }
    return 0;
}

std::optional<std::uint64_t> numberIn(const char *path)
{
    std::ifstream file(path);
    std::uint64_t value = 0;
    return file >> value ? std::optional(value) : std::nullopt;
}

/// What a container's limit leaves, where there is one.
std::optional<std::uint64_t> controlGroupBytes()
{
    const auto limit = numberIn("/sys/fs/cgroup/memory.max"); // "max" where there is none
    const auto used = numberIn("/sys/fs/cgroup/memory.current");
    if (!limit || !used)
        return std::nullopt;
    return *limit > *used ? *limit - *used : 0;
}

std::uint64_t systemBytes()
{
    const std::uint64_t system = procBytes("/proc/meminfo", "MemAvailable");
    return std::min(system, controlGroupBytes().value_or(system));
}

} // namespace

std::string gibibytes(std::uint64_t bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / (1ull << 30));
    return text;
}

std::uint64_t availableMemoryBytes() { return systemBytes() / sharers; }

void shareMemoryAmong(int processes) { sharers = static_cast<std::uint64_t>(std::max(1, processes)); }

std::uint64_t residentBytes()
{
    // Asked for at every token: of the files that say it, the one with the least to read.
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0, resident = 0;
    return file >> size >> resident ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::uint64_t peakResidentBytes() { return procBytes("/proc/self/status", "VmHWM"); }

void resetPeakResidentBytes() { std::ofstream("/proc/self/clear_refs") << "5"; }

void requireMemory(std::uint64_t bytes, const std::string &what, const std::string &advice)
{
    const std::uint64_t available = systemBytes(); // what others have taken is gone; what they will take is not known
    if (available > 0 && bytes > available)
        throw Error(ErrorKind::Memory, what + " needs " + gibibytes(bytes) + " of memory, " + gibibytes(available) +
                                           " are available; " + advice);
}

} // namespace headkv
