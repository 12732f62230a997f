// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/HeadId.h"

#include <string>
#include <vector>

namespace headkv {

/// Heads as an option names them: "L-H,L-H", or a file of such names apart by commas, blanks or lines, or a JSON array
/// of them. Errors: Usage for a list, Input for a file.
[[nodiscard]] std::vector<HeadId> parseHeads(const std::string &option, const std::string &text);

} // namespace headkv
