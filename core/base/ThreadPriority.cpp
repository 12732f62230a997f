// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ThreadPriority.h"

#ifdef __linux__
#include <sys/resource.h>
#endif

namespace headkv {

void standBack()
{
#ifdef __linux__
    // Niceness is the thread's own on Linux (not the process's, as POSIX has it); 5 is a third of a core's share beside
    // a thread of niceness 0, which also wakes at once. QThread::setPriority does nothing for ordinary threads.
    constexpr int niceness = 5;
    constexpr id_t callingThread = 0;
    const int now = getpriority(PRIO_PROCESS, callingThread);
    setpriority(PRIO_PROCESS, callingThread, now + niceness); // on failure all goes on as it was
#endif
}

} // namespace headkv
