// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

namespace headkv {

class Chart;

/// What `headkv bench` measured, as a figure: how long a prompt takes by its length, and a token by the length of the
/// prompt and by the tokens that a head kept of it. Several files are one table. Errors: Input.
[[nodiscard]] std::unique_ptr<Chart> efficiencyFigure(const std::vector<std::filesystem::path> &files);

} // namespace headkv
