// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Validators.h"

#include <charconv>
#include <cmath>
#include <sstream>

namespace headkv {

namespace {

/// All of the text as a number, or false.
template <typename T>
bool parseWhole(const std::string &text, T &value)
{
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end;
}

std::string refusal(const std::string &text, const std::string &expected)
{
    return "\"" + text.substr(0, 40) + "\" is not " + expected;
}

std::string format(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

} // namespace

CLI::Validator wholeNumber(std::uint64_t minimum, std::uint64_t maximum)
{
    const std::string range = std::to_string(minimum) + " to " + std::to_string(maximum);
    const auto check = [minimum, maximum, range](std::string &text) -> std::string {
        std::uint64_t value = 0;
        if (!parseWhole(text, value) || value < minimum || value > maximum)
            return refusal(text, "a whole number from " + range);
        text = std::to_string(value); // without leading zeros, which CLI11 takes for octal
        return {};
    };
    return {check, range};
}

CLI::Validator realNumber(double minimum, double maximum, bool aboveMinimum)
{
    const std::string range = (aboveMinimum ? "above " : "from ") + format(minimum) +
                              (std::isfinite(maximum) ? " to " + format(maximum) : std::string(" up"));
    const auto check = [minimum, maximum, aboveMinimum, range](std::string &text) -> std::string {
        double value = 0;
        const bool fits = parseWhole(text, value) && std::isfinite(value) && value <= maximum &&
                          (aboveMinimum ? value > minimum : value >= minimum);
        return fits ? std::string() : refusal(text, "a number " + range);
    };
    return {check, range};
}

CLI::Validator notEmpty()
{
    return {[](std::string &text) { return text.empty() ? std::string("is empty") : std::string(); }, ""};
}

} // namespace headkv
