// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"

#include <cstddef>
#include <span>
#include <string>

namespace headkv {

/// SHA-256 of the bytes, as 64 lower-case hexadecimal digits. Reports bytes as it goes and can be cancelled.
[[nodiscard]] std::string sha256(std::span<const std::byte> bytes, const JobControl &control = {});

} // namespace headkv
