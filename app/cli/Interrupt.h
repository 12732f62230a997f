// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"

namespace headkv {

/// SIGINT and SIGTERM cancel what runs, so that partial results are kept; a second one ends the program at once.
class Interrupt
{
public:
    static void install();
    /// The token that the signals cancel.
    [[nodiscard]] static const CancellationToken &token();
};

} // namespace headkv
