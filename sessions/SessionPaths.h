// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <nlohmann/json_fwd.hpp>

namespace headkv {

class JsonPlace;

/// How a session names another file: by its way from the session's folder, so that both can move together, and by its
/// place on this machine, where that way leads nowhere. Words that are no path ("default", "probe") stay as they are.
[[nodiscard]] nlohmann::ordered_json describePath(const QString &file, const QString &session);
[[nodiscard]] QString pathFrom(const JsonPlace &place, const QString &session);

} // namespace headkv
