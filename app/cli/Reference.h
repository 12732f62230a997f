// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace headkv {

/// An option or argument of a command, as its help has it.
struct OptionText
{
    std::vector<std::string> names;   ///< "-h", "--help"; of an argument "MODEL"
    std::string value;                ///< what follows it: "INT:1 to 1024=4"; empty: nothing
    std::vector<std::string> choices; ///< of the value, where there are only these
    std::string description;
    bool isCommon = false; ///< of many commands
    bool isArgument = false;
    bool isRepeated = false; ///< an argument that takes several
};

struct CommandText
{
    std::string name, description;
    std::vector<OptionText> options; ///< arguments first; those that help hides are left out
};

/// What there is to say of a program: its own options, and its commands.
struct ProgramText
{
    std::string name, description, footer;
    std::vector<OptionText> options;
    std::vector<CommandText> commands;
};

[[nodiscard]] ProgramText describe(const CLI::App &program);

/// A page of section 1, for man.
[[nodiscard]] std::string manualPage(const ProgramText &program, const std::string &version);
/// Completion of commands, options and the values that can be listed; files elsewhere.
[[nodiscard]] std::string bashCompletion(const ProgramText &program);
[[nodiscard]] std::string zshCompletion(const ProgramText &program);
[[nodiscard]] std::string fishCompletion(const ProgramText &program);

} // namespace headkv
