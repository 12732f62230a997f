// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace headkv {

/// Where a process stands among those that were started together (ranks), and on its machine.
struct RankPlace
{
    int rank = 0, size = 1;
    int localRank = 0, localSize = 1; ///< among the ranks of this machine
    std::string host;

    /// One rank a device, in turn where there are more ranks: 0 … devices − 1.
    [[nodiscard]] int deviceOf(int devices) const { return devices > 0 ? localRank % devices : 0; }
};

/// "rank 2 on node7".
[[nodiscard]] std::string toString(const RankPlace &place);

/// Cores that this process may run on: launchers bind ranks to some.
[[nodiscard]] int coresAllowed();
/// A rank's share of its machine's cores; at least 1.
[[nodiscard]] int coresOfShare(const RankPlace &place);

} // namespace headkv
