// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace headkv {

/// The version of this build, e.g. "0.1.0".
[[nodiscard]] const char *programVersion() noexcept;

/// The folder that set-up filled with the default model and haystack: $HEADKV_PREFIX, else the one this build was
/// configured with.
[[nodiscard]] std::filesystem::path installationPrefix();

/// The model behind the word `default`. Errors: Input, where set-up has not run.
[[nodiscard]] std::filesystem::path defaultModelPath();

/// MODEL as the command line takes it: `default`, or a path.
[[nodiscard]] std::filesystem::path resolveModelPath(const std::string &model);

/// The essays' folder, or nothing where set-up has not brought them.
[[nodiscard]] std::optional<std::filesystem::path> essaysPath();

} // namespace headkv
