// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace headkv {

struct Haystack
{
    std::string name; ///< the path, or "essays", or "built-in"
    std::string text;
};

/// A text file, or a folder's *.txt in the order of their names, joined by a blank line. Errors: Input.
[[nodiscard]] Haystack readHaystack(const std::filesystem::path &path);
/// The essays where set-up brought them, else the program's own text.
[[nodiscard]] Haystack defaultHaystack();
[[nodiscard]] Haystack builtInHaystack();

/// The one that a report names. Errors: Input, where it is gone.
[[nodiscard]] Haystack haystackNamed(const std::string &name);

} // namespace headkv
