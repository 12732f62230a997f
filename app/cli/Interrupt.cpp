// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Interrupt.h"

#include <csignal>

namespace headkv {

namespace {

/// Made by install(), before a handler can ask for it.
const CancellationToken *installedToken = nullptr;

void onSignal(int) { installedToken->cancel(); } // one atomic store: safe in a handler

} // namespace

void Interrupt::install()
{
    installedToken = &token();
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = static_cast<int>(SA_RESETHAND); // the next one has its usual effect
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM})
        sigaction(signal, &action, nullptr);
    std::signal(SIGXFSZ, SIG_IGN); // a file-size limit: the write fails and says so
}

const CancellationToken &Interrupt::token()
{
    static const CancellationToken token;
    return token;
}

} // namespace headkv
