// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/StartProblem.h"

#include "sessions/Session.h"

namespace headkv {

QString busyProblem(const Session &session)
{
    switch (session.activity()) {
    case Session::Activity::Loading:
        return Session::tr("The model is still loading");
    case Session::Activity::Probing:
        return Session::tr("A probe runs; wait for it or cancel it");
    case Session::Activity::Inspecting:
        return Session::tr("A case is being read again; wait for it or cancel it");
    case Session::Activity::Generating:
        return Session::tr("The lanes run; wait for them or stop them");
    case Session::Activity::Testing:
        return Session::tr("Heads are being tested; wait for it or cancel it");
    case Session::Activity::Evaluating:
        return Session::tr("An evaluation runs; wait for it or cancel it");
    case Session::Activity::Idle:
        break;
    }
    return {};
}

QString modelProblem(const Session &session)
{
    const InfoPtr &info = session.modelInfo();
    if (!info)
        return Session::tr("Load a model first");
    if (info->parameters == 0)
        return Session::tr("This file has a vocabulary and no weights; load a model that can run");
    return {};
}

} // namespace headkv
