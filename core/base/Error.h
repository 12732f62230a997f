// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace headkv {

/// Why something could not be done; the values are the command line's exit statuses.
enum class ErrorKind {
    Failed = 1,      ///< the run failed
    Usage = 2,       ///< an option or argument is wrong
    Input = 3,       ///< an input file is missing, malformed or does not fit the model
    Memory = 4,      ///< not enough memory for what was asked
    Cancelled = 130, ///< the user cancelled; not a failure
};

/// The text with line breaks and other control characters as spaces: names in damaged files and what a model answered
/// may hold anything, an error stays one line and steers no terminal.
[[nodiscard]] inline std::string oneLine(std::string text)
{
    for (char &c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = ' ';
    }
    return text;
}

/// The one exception type of the project. what() is a single line: what, where (file, byte offset or JSON path), what
/// to do.
class Error : public std::runtime_error
{
public:
    Error(ErrorKind kind, const std::string &message)
        : std::runtime_error(oneLine(message))
        , m_kind(kind)
    {}

    [[nodiscard]] ErrorKind kind() const noexcept { return m_kind; }

private:
    ErrorKind m_kind;
};

} // namespace headkv
