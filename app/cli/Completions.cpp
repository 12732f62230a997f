// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Reference.h"

#include <algorithm>

namespace headkv {

namespace {

std::string joined(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

std::vector<std::string> optionNames(const std::vector<OptionText> &options)
{
    std::vector<std::string> names;
    for (const OptionText &option : options) {
        if (!option.isArgument)
            names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

std::vector<std::string> commandNames(const ProgramText &program)
{
    std::vector<std::string> names;
    for (const CommandText &command : program.commands)
        names.push_back(command.name);
    return names;
}

/// In fish's single quotes.
std::string quoted(const std::string &text)
{
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "'";
}

/// For a specification of zsh's _arguments, in single quotes.
std::string zshText(const std::string &text)
{
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\')
            out += '\\';
        out += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return out;
}

/// "'--kind[…]:value:(a b)'"
std::string zshOption(const OptionText &option, const std::string &name)
{
    std::string text = "'" + name + "[" + zshText(option.description) + "]";
    if (!option.value.empty())
        text += option.choices.empty() ? ":value:_files" : ":value:(" + joined(option.choices) + ")";
    return text + "'";
}

std::string zshArgument(const OptionText &option)
{
    const std::string head = option.isRepeated ? "'*:" : "':";
    const std::string values = option.choices.empty() ? "_files" : "(" + joined(option.choices) + ")";
    return head + option.names.front() + ":" + values + "'";
}

} // namespace

std::string bashCompletion(const ProgramText &program)
{
    std::string values, options;
    for (const CommandText &command : program.commands) {
        for (const OptionText &option : command.options) {
            for (const std::string &name : option.names) {
                if (!option.choices.empty() && !option.isArgument)
                    values += "    '" + command.name + " " + name + "') words='" + joined(option.choices) + "' ;;\n";
            }
            if (option.isArgument && !option.choices.empty())
                values +=
                    "    '" + command.name + " " + command.name + "') words='" + joined(option.choices) + "' ;;\n";
        }
        options += "      " + command.name + ") words='" + joined(optionNames(command.options)) + "' ;;\n";
    }
    return "# bash completion of " + program.name + ", written by headkv-reference from the program's own options\n_" +
           program.name +
           "() {\n"
           "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=\n"
           "  COMPREPLY=()\n"
           "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='" +
           joined(commandNames(program)) + " " + joined(optionNames(program.options)) +
           "'\n  elif [[ $cur == -* ]]; then\n    case $command in\n" + options +
           "    esac\n  else\n    case \"$command $prev\" in\n" + values +
           "    esac\n  fi\n"
           "  # Nothing to list: -o default completes files.\n"
           "  [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
           "}\ncomplete -o default -F _" +
           program.name + " " + program.name + "\n";
}

std::string zshCompletion(const ProgramText &program)
{
    std::string commands, cases;
    for (const CommandText &command : program.commands) {
        commands += "    '" + command.name + ":" + zshText(command.description) + "'\n";
        cases += "    " + command.name + ")\n      _arguments";
        for (const OptionText &option : command.options) {
            if (option.isArgument)
                cases += " \\\n        " + zshArgument(option);
            for (const std::string &name : option.names) {
                if (!option.isArgument)
                    cases += " \\\n        " + zshOption(option, name);
            }
        }
        cases += "\n      ;;\n";
    }
    return "#compdef " + program.name + "\n# Written by headkv-reference from the program's own options.\n" +
           "local -a commands\ncommands=(\n" + commands +
           ")\nif (( CURRENT == 2 )); then\n  _describe 'command' commands" + "\n  compadd -- " +
           joined(optionNames(program.options)) +
           "\nelse\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n" + cases +
           "  esac\nfi\n";
}

std::string fishCompletion(const ProgramText &program)
{
    const std::string begin = "complete -c " + program.name;
    std::string text = "# Written by headkv-reference from the program's own options.\n";
    const auto line = [&](const std::string &condition, const OptionText &option) {
        if (option.isArgument)
            return option.choices.empty() ? std::string()
                                          : begin + condition + " -a " + quoted(joined(option.choices)) + "\n";
        std::string names;
        for (const std::string &name : option.names)
            names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        std::string value;
        if (!option.choices.empty())
            value = " -x -a " + quoted(joined(option.choices));
        else if (!option.value.empty())
            value = " -r";
        return begin + condition + names + value + " -d " + quoted(option.description) + "\n";
    };
    for (const OptionText &option : program.options)
        text += line(" -n __fish_use_subcommand", option);
    for (const CommandText &command : program.commands) {
        text += begin + " -n __fish_use_subcommand -f -a " + command.name + " -d " + quoted(command.description) + "\n";
        for (const OptionText &option : command.options)
            text += line(" -n '__fish_seen_subcommand_from " + command.name + "'", option);
    }
    return text;
}

} // namespace headkv
