// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Ranks.h"

#include "app/cli/Interrupt.h"
#include "core/base/Memory.h"
#include "core/cuda/CudaRuntime.h"
#include "core/parallel/RankLaunch.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

namespace headkv {

namespace {

std::unique_ptr<RankTeam> &team()
{
    static std::unique_ptr<RankTeam> team;
    return team;
}

void say(const std::string &message)
{
    std::cout.flush();
    std::fflush(stdout);
    std::cerr << "headkv: " << oneLine(sanitizeUtf8(message)) << std::endl;
}

/// What goes wrong before ranks are connected mostly goes wrong on all of them. The first says it; were another one to
/// end before, mpirun would end the first. It ends the others as soon as the first has spoken. Where it does not speak,
/// the trouble is another machine's: its first rank does.
void sayUnconnected(const Error &error)
{
    constexpr std::chrono::seconds patience(5);
    const RankPlace place = launchedPlace();
    if (place.rank > 0)
        std::this_thread::sleep_for(patience);
    if (place.rank == 0)
        say(error.what());
    else if (place.localRank == 0)
        say(toString(place) + ": " + error.what());
}

} // namespace

RankTeam &Ranks::open()
{
    if (!team()) {
        team() = std::make_unique<RankTeam>(connectRanks(), Interrupt::token());
        shareMemoryAmong(team()->place().localSize);
    }
    return *team();
}

bool Ranks::isFirst() { return team() ? team()->leads() : launchedPlace().rank == 0; }

std::string Ranks::device(const std::string &asked)
{
    if (!team() || team()->isAlone())
        return asked;
    return team()->place().deviceOf(asked, cuda::isBuilt() ? cuda::deviceCount() : 0);
}

int Ranks::threads()
{
    if (!team() || team()->isAlone())
        return 0;
    return std::min(coresAllowed(), coresOfShare(team()->place()));
}

void Ranks::leave()
{
    if (team())
        team()->leave();
}

int Ranks::fail(const Error &error)
{
    const int status = static_cast<int>(error.kind());
    if (!team() || team()->isAlone()) {
        sayUnconnected(error);
        return status;
    }
    if (!team()->leads()) {
        team()->fail(error);
        return 0;
    }
    // Another's failure cancels this rank, which then says so.
    const std::optional<Error> other = team()->failure();
    const bool cancelled = error.kind() == ErrorKind::Cancelled;
    if (cancelled && other && other->kind() != ErrorKind::Cancelled) {
        say(other->what());
        team()->abort(static_cast<int>(other->kind()));
    }
    say(cancelled ? error.what() : toString(team()->place()) + ": " + error.what());
    team()->abort(status);
}

} // namespace headkv
