// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace headkv {

/// Writes the file under a temporary name in the same folder, then renames it: a killed run leaves the old file or the
/// new one, never half of one. Errors: Failed, where the folder cannot be written or the disk is full.
void writeFileAtomically(const std::filesystem::path &path, std::string_view content);

} // namespace headkv
