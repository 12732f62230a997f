// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

namespace headkv {

struct ExportedFile;
class Session;

/// What the files of an export came from, as one JSON document: program and versions, date, machine, the model with its
/// checksum, the score sets with what is known of them, the settings and seeds of probe, lanes and evaluation, and the
/// files with theirs. No prompt, no answer.
[[nodiscard]] QString provenanceJson(const Session &session, const std::vector<ExportedFile> &files);

} // namespace headkv
