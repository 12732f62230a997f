// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace headkv {

class MappedFile;

[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
/// Of the files' contents, one after another. Gives their pages back as it goes.
[[nodiscard]] std::string sha256(const std::vector<std::shared_ptr<const MappedFile>> &files,
                                 const JobControl &control = {});

} // namespace headkv
