// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"

#include <string>
#include <string_view>

namespace headkv {

// How the command line and settings write them.
[[nodiscard]] std::string toString(DType dtype);     ///< "auto", "bfloat16", "float16", "float32"
[[nodiscard]] std::string toString(WeightForm form); ///< "auto", "dense", "int4"
/// The way back; Auto for anything else.
[[nodiscard]] DType dtypeNamed(std::string_view name);
[[nodiscard]] WeightForm weightFormNamed(std::string_view name);

} // namespace headkv
