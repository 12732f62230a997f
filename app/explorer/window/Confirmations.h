// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Activity.h"

class QString;
class QWidget;

namespace headkv {

/// Asks whether to leave what runs; the answer no is a key away.
[[nodiscard]] bool confirmsLeaving(Activity activity, QWidget *window);
/// Asks whether to stop the lanes that generate, to load another model.
[[nodiscard]] bool confirmsLoading(QWidget *window);

enum class SaveAnswer { Save, Discard, Cancel };
/// Asks what to do with a session's unsaved changes.
[[nodiscard]] SaveAnswer asksToSave(const QString &session, QWidget *window);

} // namespace headkv
