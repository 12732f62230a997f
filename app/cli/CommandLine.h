// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace headkv {

/// Runs the command line and returns the exit status: 0 done, or an ErrorKind. Errors are one line on standard error.
int runCommandLine(int argc, char **argv);

} // namespace headkv
