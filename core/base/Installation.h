// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace headkv {

/// The version of this build, e.g. "0.1.0".
[[nodiscard]] const char *programVersion() noexcept;

/// Of the LibTorch that this build was compiled with, e.g. "2.15.0".
[[nodiscard]] const char *libTorchVersion() noexcept;

/// The folder with the default model and haystack: $HEADKV_PREFIX; else share/headkv beside the bin/ of an installed
/// program, where that brought a model along; else the one that set-up filled, as this build was configured.
[[nodiscard]] std::filesystem::path installationPrefix();

/// The model behind the word `default`. Errors: Input, where neither set-up nor the installation has brought it.
[[nodiscard]] std::filesystem::path defaultModelPath();

/// MODEL as the command line takes it: `default`, or a path.
[[nodiscard]] std::filesystem::path resolveModelPath(const std::string &model);

/// The essays' folder, or nothing where set-up has not brought them.
[[nodiscard]] std::optional<std::filesystem::path> essaysPath();

} // namespace headkv
