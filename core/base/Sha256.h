// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

class MappedFile;

[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256(std::string_view text);
/// Of the files' contents, one after another. Gives their pages back as it goes.
[[nodiscard]] std::string sha256(const std::vector<std::shared_ptr<const MappedFile>> &files,
                                 const JobControl &control = {});

} // namespace headkv
