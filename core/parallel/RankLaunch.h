// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/parallel/RankTransport.h"

#include <memory>

namespace headkv {

/// What the environment of mpirun and srun says of this process, and the machine's name; alone without them. A local
/// size is not known then.
[[nodiscard]] RankPlace launchedPlace();

/// Connects the ranks that were started together, by the module headkv_mpi.so beside the program or in ../lib; null:
/// there is only this process. Errors: Failed, where the module is missing or the ranks do not find each other.
[[nodiscard]] std::unique_ptr<RankTransport> connectRanks();

} // namespace headkv
