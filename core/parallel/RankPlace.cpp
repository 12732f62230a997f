// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/RankPlace.h"

#include <algorithm>
#include <sched.h>
#include <unistd.h>

namespace headkv {

std::string toString(const RankPlace &place) { return "rank " + std::to_string(place.rank) + " on " + place.host; }

std::string RankPlace::deviceOf(const std::string &asked, int devices) const
{
    if (size == 1 || devices <= 0 || (asked != "auto" && asked != "cuda"))
        return asked;
    return "cuda:" + std::to_string(localRank % devices);
}

int coresAllowed()
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    const bool known = ::sched_getaffinity(0, sizeof cores, &cores) == 0; // fails with more than 1,024 cores
    return std::max(1, known ? CPU_COUNT(&cores) : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)));
}

int coresOfShare(const RankPlace &place)
{
    return std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)) / place.localSize);
}

} // namespace headkv
