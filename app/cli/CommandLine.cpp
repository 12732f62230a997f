// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/CommandLine.h"

#include "app/cli/Commands.h"
#include "app/cli/Interrupt.h"
#include "core/base/Error.h"
#include "core/base/Installation.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <new>

namespace headkv {

namespace {

int fail(ErrorKind kind, const std::string &message)
{
    std::cout.flush();
    std::cerr << "headkv: " << oneLine(sanitizeUtf8(message)) << std::endl;
    return static_cast<int>(kind);
}

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
int failUsage(const CLI::App &program, const CLI::ParseError &error)
{
    const std::vector<CLI::App *> commands = program.get_subcommands();
    const std::string help = "headkv " + (commands.empty() ? "" : commands.front()->get_name() + " ") + "--help";
    return fail(ErrorKind::Usage, std::string(error.what()) + "; see " + help);
}

int failMemory()
{
    return fail(ErrorKind::Memory, "the memory ran out; ask for less (shorter lengths, a smaller model)");
}

/// What no part of the program has foreseen. LibTorch says in words only that memory ran out.
int failUnexpected(const std::string &text)
{
    if (text.find("allocate memory") != std::string::npos)
        return failMemory();
    return fail(ErrorKind::Failed,
                "internal error: " + text.substr(0, text.find('\n')) + "; please report what you ran");
}

int parseAndRun(CLI::App &program, int argc, char **argv)
{
    try {
        program.parse(argc, argv);       // runs the command as its callback
    } catch (const CLI::Success &help) { // --help and --version
        return program.exit(help);
    } catch (const CLI::ParseError &error) {
        return failUsage(program, error);
    }
    if (program.get_subcommands().empty()) {
        std::cerr << program.help();
        return static_cast<int>(ErrorKind::Usage);
    }
    if (!std::cout.flush() || std::ferror(stdout) != 0)
        return fail(ErrorKind::Failed, "standard output cannot be written; is the disk full?");
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
        return parseAndRun(*makeProgram(), argc, argv);
    } catch (const Error &error) {
        return fail(error.kind(), error.what());
    } catch (const std::bad_alloc &) {
        return failMemory();
    } catch (const std::exception &error) {
        return failUnexpected(error.what());
    }
}

} // namespace headkv
