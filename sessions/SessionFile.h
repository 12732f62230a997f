// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

#include <string>
#include <string_view>

namespace headkv {

/// The layout that this program writes (docs/session-format.md). Older ones are read, newer ones refused.
constexpr int sessionVersion = 1;

/// By its name.
[[nodiscard]] bool isSessionFile(const QString &path);

/// Errors: Input: the file cannot be read, is damaged (file and place in it are named) or of a newer program.
[[nodiscard]] SessionDocument readSession(const QString &path);
/// From the text of a file that lies at `path`, which files are named relative to.
[[nodiscard]] SessionDocument parseSession(std::string_view text, const QString &path);

/// The text for a file that is to lie at `path`.
[[nodiscard]] std::string formatSession(const SessionDocument &document, const QString &path);
/// Replaces the file at once or not at all. Errors: Failed.
void writeSession(const SessionDocument &document, const QString &path);
/// The same, with the error in words; empty: the file is there.
[[nodiscard]] QString saveSession(const SessionDocument &document, const QString &path);

} // namespace headkv
