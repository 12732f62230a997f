// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace headkv {

/// `headkv` with all its commands: what parses, and what help, manual page and completions are written from.
[[nodiscard]] std::unique_ptr<CLI::App> makeProgram();

// Each adds one command (tokenize: also detokenize) with its options and what it does; one file a command.
void addInfoCommand(CLI::App &program);
void addTokenizeCommand(CLI::App &program);
void addLogprobsCommand(CLI::App &program);
void addProbeCommand(CLI::App &program);
void addMaskCommand(CLI::App &program);
void addNeedlesCommand(CLI::App &program);
void addScoresCommand(CLI::App &program);
void addAllocateCommand(CLI::App &program);
void addGenerateCommand(CLI::App &program);
void addEvaluateCommand(CLI::App &program);
void addBenchCommand(CLI::App &program);
void addReportCommand(CLI::App &program);
void addFigureCommand(CLI::App &program);

} // namespace headkv
