// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

namespace headkv {

class Session;

/// What the session has open, as a document without what only pages know. Shared, not copied where it is large.
[[nodiscard]] SessionDocument captureSession(const Session &session);
/// Takes all but the model away. Not while something runs.
void clearSession(Session &session);
/// Puts a document in the place of what is open. Some of it goes by the worker and arrives a little later
/// (Session::afterWork).
void restoreSession(Session &session, const SessionDocument &document, const QString &source);

} // namespace headkv
