// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/CaseOptions.h"
#include "app/cli/ChatOptions.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/HeadList.h"
#include "app/cli/Ranks.h"
#include "app/cli/ScoreTable.h"
#include "app/cli/Validators.h"
#include "core/base/Installation.h"
#include "core/base/Memory.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/ProbeReport.h"
#include "core/probe/ProbeResume.h"
#include "core/probe/ProbeRunner.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    ChatOptions chat;
    std::string model;
    std::string kind = "retrieval";
    std::string out, report;
    CaseOptions cases;
    std::string scoring = "generated";
    std::string filter;
    std::string maskHeads;
    bool noPrefixReuse = false;
    bool resume = false;
};

/// The files of a run: each can be written, and none replaces another.
void checkFiles(const Options &options)
{
    requireWritable("--out", options.out);
    std::error_code error;
    if (std::filesystem::exists(options.out, error) && !std::filesystem::is_regular_file(options.out, error))
        throw Error(ErrorKind::Usage,
                    "--out " + options.out + ": not a regular file; name one, its .meta.json goes beside it");
    if (!options.report.empty())
        requireWritable("--report", options.report);
    requireDistinct({{"--out", options.out},
                     {"the .meta.json of --out", headScoreMetaPath(options.out)},
                     {"--report", options.report}},
                    {{"MODEL", resolveModelPath(options.model)},
                     {"--needles", options.cases.needles},
                     {"--haystack", options.cases.haystack}});
}

/// Prompts and scores of all cases stay in memory, and the report's text with them.
void requireMemoryFor(const ProbeSettings &settings, const ModelInfo &info, bool reports)
{
    std::uint64_t tokens = 0;
    for (const int length : settings.lengths)
        tokens += static_cast<std::uint64_t>(std::min(length, info.contextLength));
    const std::uint64_t repeats = settings.needles.size() * settings.depths.size();
    const std::uint64_t cases = settings.lengths.size() * repeats;
    const std::uint64_t bytesPerToken = sizeof(TokenId) + (reports ? 12 : 0); // "12345," twice: kept, and joined
    const std::uint64_t bytesPerScore = sizeof(double) + (reports ? 44 : 0);  // 22 characters, likewise
    const std::uint64_t bytesPerCase = bytesPerScore * info.layers * info.queryHeads + 1024;
    requireMemory(tokens * repeats * bytesPerToken + cases * bytesPerCase, std::to_string(cases) + " cases",
                  "use fewer --lengths or --depths");
}

/// What can be said without the model: so a mistyped option costs no waiting.
ProbeSettings settingsFrom(const Options &options)
{
    if (options.resume && options.report.empty())
        throw Error(ErrorKind::Usage, "--resume goes on from a report; name it with --report");
    ProbeSettings settings = options.cases.settings(*probeKindFrom(options.kind)); // CLI11 has checked it, and the next
    settings.scoring = *probeScoringFrom(options.scoring);
    if (!options.filter.empty()) {
        const auto filter = probeFilterFrom(options.filter);
        if (!filter)
            throw Error(ErrorKind::Usage,
                        "--filter " + options.filter +
                            ": not a filter; use none, f1:50 or rouge1:50, with a threshold from 0 to 100");
        settings.filter = *filter;
    }
    if (!options.maskHeads.empty())
        settings.maskedHeads = parseHeads("--mask-heads", options.maskHeads);
    settings.prefixReuse = !options.noPrefixReuse;
    return settings;
}

void printSummary(const Options &options, const ModelInfo &info, const ProbeRun &run, const HeadScores &scores)
{
    if (options.common.json) {
        Json document = describeScores(scores, 10);
        document["totals"] = probeTotals(run);
        document["out"] = options.out;
        document["meta"] = headScoreMetaPath(options.out).string();
        if (!options.report.empty())
            document["report"] = options.report;
        printJson(document);
        return;
    }
    std::printf("%s: %zu of %zu cases passed in %.1f s (%zu tokens prefilled, %zu reused)\n", info.name.c_str(),
                run.totals.passed, run.totals.cases, run.totals.seconds, run.totals.prefillTokens,
                run.totals.reusedTokens);
    printScoreTable(scores, 10);
    std::printf("\nscores: %s\n", options.out.c_str());
    if (!options.report.empty())
        std::printf("report: %s\n", options.report.c_str());
}

/// What a run that was cut short, or passed no case, ends with.
void finish(const Options &options, const ProbeRun &run)
{
    constexpr double fewPassed = 0.2;
    if (!options.common.isQuiet() && run.settings.scoring == ProbeScoring::Generated && !run.cancelled &&
        static_cast<double>(run.totals.passed) < fewPassed * static_cast<double>(run.totals.cases))
        std::fprintf(stderr,
                     "note: %zu of %zu cases passed the filter; --scoring forced scores every case by the right "
                     "answer's tokens\n",
                     run.totals.passed, run.totals.cases);
    if (run.cancelled)
        throw Error(ErrorKind::Cancelled, "cancelled after " + std::to_string(run.totals.cases) + " of " +
                                              std::to_string(run.cases.size()) + " cases, " +
                                              (run.totals.passed > 0 ? "whose scores are in " + options.out
                                                                     : "none of which passed, so there are no scores"));
    if (run.totals.passed == 0)
        throw Error(ErrorKind::Failed, explainNoPass(run));
}

/// What another rank than the first does.
void help(RankTeam &ranks, const std::shared_ptr<const Model> &model, ProbeRun &run, const JobControl &control)
{
    runCases(ranks, model, run, control);
    control.cancellation.throwIfCancelled();
}

void run(const Options &options)
{
    RankTeam &ranks = Ranks::open();
    ProbeSettings settings = settingsFrom(options);
    if (ranks.leads())
        checkFiles(options);
    const JobControl control = options.common.control();
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    const ModelInfo &info = model->info();
    (void)model->weights(); // a vocabulary alone is refused before anything is planned
    settings.chatFormat = options.chat.formatFor(*model, options.common.isQuiet());
    settings.lengths = options.cases.lengthsFor(*model, settings);
    requireMemoryFor(settings, info, !options.report.empty());

    ProbeRun run = planProbe(*model, settings);
    if (!ranks.leads())
        return help(ranks, model, run, control);
    std::error_code error;
    if (options.resume && std::filesystem::exists(options.report, error))
        resumeProbe(run, info, options.report);
    std::optional<ProbeReport> report;
    if (!options.report.empty())
        report.emplace(options.report, info);
    runCases(ranks, model, run, control, [&](const ProbeRun &soFar) {
        if (report)
            report->update(soFar);
    });
    if (report)
        report->finish(run);
    control.report({"Writing the files", 0, 0, ""}); // takes a bar that a cancelled run left off the terminal
    const HeadScores scores = run.scores(info.layers, info.queryHeads);
    if (scores.examples() > 0) {
        writeHeadScores(options.out, scores, probeProvenance(info, run));
        printSummary(options, info, run, scores);
    }
    finish(options, run);
}

} // namespace

void addProbeCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand("probe", "Scores a model's heads by needles hidden in a haystack");
    const auto options = std::make_shared<Options>();
    addModelArgument(*command, options->model);
    command
        ->add_option(
            "--kind", options->kind,
            "retrieval (top key, Eq. 1), enhanced (attention mass, Eq. 2) or reasoning (Eq. 2 behind a reasoning step)")
        ->required()
        ->check(CLI::IsMember({"retrieval", "enhanced", "reasoning"}));
    command->add_option("--out", options->out, "the head-score file to write; provenance goes to its .meta.json")
        ->required()
        ->check(notEmpty());
    command->add_option("--report", options->report, "also write each case to this file, as it is done")
        ->check(notEmpty());
    options->cases.addTo(*command);
    command
        ->add_option("--scoring", options->scoring,
                     "generated (what the model answers; cases that pass the filter count) or forced (the right "
                     "answer's tokens are fed, in one pass a case; every case counts)")
        ->check(CLI::IsMember({"generated", "forced"}))
        ->capture_default_str();
    command
        ->add_option("--filter", options->filter,
                     "which cases count: none, f1:T or rouge1:T, above T of 100 (default: rouge1:50; f1:50 for "
                     "reasoning; no matter where scoring is forced)")
        ->check(notEmpty());
    command
        ->add_option("--mask-heads", options->maskHeads,
                     "heads whose output is set to zero: L-H,L-H, or a file of such names")
        ->check(notEmpty());
    command->add_flag("--resume", options->resume,
                      "go on where the run that wrote --report stopped, with the same scores in the end");
    command->add_flag("--no-prefix-reuse", options->noPrefixReuse, "compute each prompt from its first token");
    options->chat.addTo(*command);
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
