// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace headkv {

class Session;

/// What the files of an export came from, as one JSON document: program and versions, date, machine, the model with its
/// checksum, the score sets with what is known of them, the settings and seeds of probe, lanes and evaluation, and the
/// files' names. No prompt, no answer.
[[nodiscard]] QString provenanceJson(const Session &session, const QStringList &files);

} // namespace headkv
