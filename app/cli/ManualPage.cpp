// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Reference.h"

#include <algorithm>

namespace headkv {

namespace {

/// Text as troff takes it: no control lines, hyphens and backslashes as they are.
std::string escaped(const std::string &text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
            out += std::string("\\&") + c;
        else
            out += c;
    }
    return out;
}

std::string sentence(std::string text)
{
    if (!text.empty() && text.back() != '.')
        text += '.';
    return text;
}

std::string usage(const ProgramText &program, const CommandText &command)
{
    std::string line = ".B " + escaped(program.name + " " + command.name) + "\n";
    std::string arguments;
    for (const OptionText &option : command.options) {
        if (option.isArgument)
            arguments += " \\fI" + escaped(option.names.front()) + "\\fR" + (option.isRepeated ? "..." : "");
    }
    return line + "[\\fIoptions\\fR]" + arguments + "\n";
}

std::string entry(const OptionText &option)
{
    std::string names;
    for (const std::string &name : option.names)
        names += (names.empty() ? "" : ", ") + std::string("\\fB") + escaped(name) + "\\fR";
    const std::string value = option.value.empty() ? "" : " \\fI" + escaped(option.value) + "\\fR";
    return ".TP\n" + names + value + "\n" + escaped(sentence(option.description)) + "\n";
}

std::string commandSection(const ProgramText &program, const CommandText &command)
{
    std::string text = ".SS " + command.name + "\n" + usage(program, command) + ".PP\n" +
                       escaped(sentence(command.description)) + "\n";
    std::string common;
    for (const OptionText &option : command.options) {
        if (option.isCommon)
            common += (common.empty() ? "" : ", ") + std::string("\\fB") + escaped(option.names.back()) + "\\fR";
        else
            text += entry(option);
    }
    return common.empty() ? text : text + ".PP\nCommon options: " + common + ".\n";
}

/// Those of all commands, each once.
std::vector<OptionText> commonOptions(const ProgramText &program)
{
    std::vector<OptionText> common;
    for (const CommandText &command : program.commands) {
        for (const OptionText &option : command.options) {
            if (option.isCommon && std::ranges::find(common, option.names, &OptionText::names) == common.end())
                common.push_back(option);
        }
    }
    return common;
}

} // namespace

std::string manualPage(const ProgramText &program, const std::string &version)
{
    std::string page =
        ".\\\" Written by headkv-reference from the program's own options.\n"
        ".TH HEADKV 1 \"\" \"headkv " +
        version + "\" \"User Commands\"\n.SH NAME\n" + program.name + " \\- " + escaped(program.description) +
        "\n.SH SYNOPSIS\n.B " + program.name +
        "\n\\fICOMMAND\\fR [\\fIMODEL\\fR] [\\fIoptions\\fR]\n.SH DESCRIPTION\n"
        "Whatever a page of the desktop program computes, a command computes too, with the same code and "
        "the same numbers. Progress and notes go to standard error, results to standard output or to the "
        "files that are named. A file is written whole or not at all.\n.SH OPTIONS\n";
    for (const OptionText &option : program.options)
        page += entry(option);
    page += ".SH COMMANDS\n";
    for (const CommandText &command : program.commands)
        page += commandSection(program, command);
    page += ".SH COMMON OPTIONS\nOf the commands that name them above.\n";
    for (const OptionText &option : commonOptions(program))
        page += entry(option);
    page += ".SH EXIT STATUS\n" + escaped(program.footer) +
            "\n.SH ENVIRONMENT\n.TP\n\\fBHEADKV_PREFIX\\fR\nThe folder with models/ and haystack/, in place of the one "
            "that set\\-up filled or that was installed with the program.\n"
            ".SH SEE ALSO\n\\fBheadkv\\-explorer\\fR: the same in a window.\n";
    return page;
}

} // namespace headkv
