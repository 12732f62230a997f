// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Error.h"
#include "core/parallel/RankTeam.h"

#include <string>

namespace headkv {

/// The ranks that mpirun or srun started with this process. The first alone speaks and writes files.
class Ranks
{
public:
    /// Connects them, at the first call; without a launcher this process is alone. Commands that share their work call
    /// it before anything else. Errors: Failed.
    static RankTeam &open();

    /// This process is the first, or alone.
    [[nodiscard]] static bool isFirst();
    /// One device a rank where no number is asked for ("auto", "cuda"), in turn; what is asked for otherwise.
    [[nodiscard]] static std::string device(const std::string &asked);
    /// Threads of the arithmetic where no number is asked for; 0: as many as there are cores.
    [[nodiscard]] static int threads();

    /// The good end.
    static void leave();
    /// The bad end: the first rank says why, in a line, and ends all others. Returns the exit status where this process
    /// is alone.
    [[nodiscard]] static int fail(const Error &error);
};

} // namespace headkv
