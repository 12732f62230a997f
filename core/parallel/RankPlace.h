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

    /// The device of a rank of several, of as many CUDA devices as it sees: one each, in turn where there are more
    /// ranks, if no number is asked for ("auto", "cuda"); what is asked for otherwise.
    [[nodiscard]] std::string deviceOf(const std::string &asked, int devices) const;
};

/// "rank 2 on node7".
[[nodiscard]] std::string toString(const RankPlace &place);

/// Cores that this process may run on: launchers bind ranks to some.
[[nodiscard]] int coresAllowed();
/// A rank's share of its machine's cores; at least 1.
[[nodiscard]] int coresOfShare(const RankPlace &place);

} // namespace headkv
