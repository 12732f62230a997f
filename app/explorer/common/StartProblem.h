// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace headkv {

class Session;

/// Why the session can take no other job now; empty: it can.
[[nodiscard]] QString busyProblem(const Session &session);
/// Why its model cannot run; empty: it can.
[[nodiscard]] QString modelProblem(const Session &session);

} // namespace headkv
