// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/Offscreen.h"
#include "app/cli/Validators.h"
#include "app/figures/EvaluationHtml.h"
#include "core/base/AtomicFile.h"

namespace headkv {

namespace {

struct Options
{
    CommonOptions common;
    std::string results, out;
};

void run(const Options &options)
{
    requireWritable("--out", options.out);
    requireDistinct({{"--out", options.out}}, {{"RESULTS", options.results}});
    const StoredEvaluation evaluation = readEvaluation(options.results);
    const Offscreen screen;
    writeFileAtomically(options.out, evaluationHtml(evaluation).toStdString());
}

} // namespace

void addReportCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand(
        "report", "Writes an evaluation as one web page: tables, figures, settings, answers, provenance");
    const auto options = std::make_shared<Options>();
    command->add_option("RESULTS", options->results, "what headkv evaluate --out wrote")->required()->check(notEmpty());
    command->add_option("--out", options->out, "the page, .html; it needs no other file")
        ->required()
        ->check(notEmpty());
    options->common.addTo(*command, false);
    command->callback([options] { run(*options); });
}

} // namespace headkv
