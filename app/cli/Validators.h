// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace headkv {

/// What an option must look like. CLI11's own conversions read 010 as eight, wrap −1 and cut what overflows, so numbers
/// are checked here first; what is refused becomes a usage error that names the option.

/// Decimal digits, from `minimum` to `maximum`; add it with transform().
[[nodiscard]] CLI::Validator wholeNumber(std::uint64_t minimum, std::uint64_t maximum);

/// A finite decimal number from `minimum` to `maximum`; `aboveMinimum` leaves the minimum itself out.
[[nodiscard]] CLI::Validator realNumber(double minimum, double maximum, bool aboveMinimum = false);

/// Not the empty string, which is what an unset shell variable leaves.
[[nodiscard]] CLI::Validator notEmpty();

} // namespace headkv
