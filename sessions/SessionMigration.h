// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headkv {

/// Brings a session's document to the current layout, a step for each version. Errors: Input: no session, of a newer
/// program, or a step that its layout does not fit.
void migrateSession(nlohmann::ordered_json &document, const std::string &source);

} // namespace headkv
