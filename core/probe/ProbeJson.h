// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

namespace headkv {

// What reports say of needles and of what stands around a prompt, and the way back. Errors: nlohmann's, where the JSON
// is malformed.

[[nodiscard]] nlohmann::ordered_json describeNeedles(const std::vector<Needle> &needles);
[[nodiscard]] std::vector<Needle> needlesFrom(const nlohmann::ordered_json &list);

/// Under the key "chat_format" of the settings; without a format there is no such key.
void describeChatFormat(const std::optional<ChatFormat> &format, nlohmann::ordered_json &settings);
[[nodiscard]] std::optional<ChatFormat> chatFormatFrom(const nlohmann::ordered_json &settings);

} // namespace headkv
