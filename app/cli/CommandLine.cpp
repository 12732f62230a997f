// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/CommandLine.h"

#include "app/cli/Commands.h"
#include "app/cli/Interrupt.h"
#include "app/cli/Ranks.h"
#include "core/base/Error.h"
#include "core/base/Installation.h"

#include <cstdio>
#include <iostream>
#include <new>

namespace headkv {

namespace {

void addCommands(CLI::App &program)
{
    program.set_version_flag("--version", std::string("headkv ") + programVersion());
    program.footer("Exit status: 0 done, 1 the run failed, 2 wrong usage, 3 an input file is missing or malformed, 4 "
                   "not enough memory, 130 cancelled.");
    addInfoCommand(program);
    addTokenizeCommand(program);
    addLogprobsCommand(program);
    addProbeCommand(program);
    addMaskCommand(program);
    addNeedlesCommand(program);
    addScoresCommand(program);
    addAllocateCommand(program);
    addGenerateCommand(program);
    addEvaluateCommand(program);
    addBenchCommand(program);
    addReportCommand(program);
    addFigureCommand(program);
}

/// A parse error's line, with the way to the help of the command that was named.
Error usageError(const CLI::App &program, const CLI::ParseError &error)
{
    const std::vector<CLI::App *> commands = program.get_subcommands();
    const std::string help = "headkv " + (commands.empty() ? "" : commands.front()->get_name() + " ") + "--help";
    std::string text = error.what();
    if (const std::size_t twice = text.find(": At Most 1 required"); twice != std::string::npos)
        text = text.substr(0, twice) + " is there more than once; give it once";
    return {ErrorKind::Usage, text + "; see " + help};
}

/// What no part of the program has foreseen. LibTorch says in words only that memory ran out.
Error unexpectedError(const std::exception &exception)
{
    const std::string text = exception.what();
    if (dynamic_cast<const std::bad_alloc *>(&exception) || text.find("allocate memory") != std::string::npos)
        return {ErrorKind::Memory, "the memory ran out; ask for less (shorter lengths, a smaller model)"};
    return {ErrorKind::Failed, "internal error: " + text.substr(0, text.find('\n')) + "; please report what you ran"};
}

void requireOutputWritten()
{
    if (!std::cout.flush() || std::ferror(stdout) != 0)
        throw Error(ErrorKind::Failed, "standard output cannot be written; is the disk full?");
}

int parseAndRun(CLI::App &program, int argc, char **argv)
{
    try {
        program.parse(argc, argv);       // runs the command as its callback
    } catch (const CLI::Success &help) { // --help and --version
        program.exit(help);
        requireOutputWritten();
        return 0;
    } catch (const CLI::ParseError &error) {
        throw usageError(program, error);
    }
    if (program.get_subcommands().empty()) {
        std::cerr << program.help();
        return static_cast<int>(ErrorKind::Usage);
    }
    requireOutputWritten();
    return 0;
}

} // namespace

std::unique_ptr<CLI::App> makeProgram()
{
    auto program = std::make_unique<CLI::App>(
        "HeadKV: which attention heads matter, and how much KV cache each deserves.", "headkv");
    addCommands(*program);
    return program;
}

int runCommandLine(int argc, char **argv)
{
    Interrupt::install();
    try {
        const int status = parseAndRun(*makeProgram(), argc, argv);
        Ranks::leave();
        return status;
    } catch (const Error &error) {
        return Ranks::fail(error);
    } catch (const std::exception &exception) {
        return Ranks::fail(unexpectedError(exception));
    }
}

} // namespace headkv
