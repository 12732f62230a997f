// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Reference.h"

#include <CLI/CLI.hpp>

namespace headkv {

namespace {

/// Of "TEXT:{auto,cpu}": auto, cpu.
std::vector<std::string> choicesOf(const std::string &type)
{
    const std::size_t begin = type.find('{'), end = type.find('}');
    if (begin == std::string::npos || end == std::string::npos)
        return {};
    return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

OptionText describe(const CLI::Option &option)
{
    OptionText text;
    text.isArgument = option.get_positional();
    if (text.isArgument) {
        text.names = {option.get_name(true, false)};
        text.isRepeated = option.get_expected_max() >= CLI::detail::expected_max_vector_size;
    } else {
        for (const std::string &name : option.get_snames())
            text.names.push_back("-" + name);
        for (const std::string &name : option.get_lnames())
            text.names.push_back("--" + name);
    }
    if (option.get_type_size() != 0) {
        text.value = option.get_type_name();
        text.choices = choicesOf(text.value);
        if (!option.get_default_str().empty())
            text.value += "=" + option.get_default_str();
        if (option.get_required())
            text.value += " REQUIRED";
    }
    text.description = option.get_description();
    text.isCommon = option.get_group() == "Common";
    return text;
}

/// Also those of option groups, which CLI11 keeps as commands without a name.
void collect(const CLI::App &app, std::vector<OptionText> &arguments, std::vector<OptionText> &options)
{
    for (const CLI::Option *option : app.get_options()) {
        if (!option->get_group().empty())
            (option->get_positional() ? arguments : options).push_back(describe(*option));
    }
    for (const CLI::App *group : app.get_subcommands([](const CLI::App *sub) { return sub->get_name().empty(); }))
        collect(*group, arguments, options);
}

std::vector<OptionText> optionsOf(const CLI::App &app)
{
    std::vector<OptionText> arguments, options;
    collect(app, arguments, options);
    arguments.insert(arguments.end(), options.begin(), options.end());
    return arguments;
}

} // namespace

ProgramText describe(const CLI::App &program)
{
    ProgramText text{program.get_name(), program.get_description(), program.get_footer(), optionsOf(program), {}};
    for (const CLI::App *command :
         program.get_subcommands([](const CLI::App *sub) { return !sub->get_name().empty(); }))
        text.commands.push_back({command->get_name(), command->get_description(), optionsOf(*command)});
    return text;
}

} // namespace headkv
