// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/CaseOptions.h"
#include "app/cli/ChatOptions.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/CompressionOptions.h"
#include "app/cli/EvaluationTable.h"
#include "app/cli/Ranks.h"
#include "app/cli/Validators.h"
#include "core/base/Installation.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "core/evaluation/EvaluationReport.h"
#include "core/evaluation/EvaluationRunner.h"
#include "core/evaluation/StoredEvaluation.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/NeedleFile.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    ChatOptions chat;
    CaseOptions cases;
    std::string model, out;
    std::vector<std::string> tasks;
    std::vector<std::string> methods{"full", "streaming", "snapkv", "ada-snapkv"};
    std::string budgets = "64,128,256,512";
    std::vector<std::string> scores; ///< NAME=FILE
    std::string reasoningNeedles;
    DocumentSettings documents;
    std::string granularity = "kv-head", window = "auto";
    std::optional<double> beta;
    bool contextOnly = false, resume = false;
};

/// "R=r.json": a name for rows and the file.
struct ScoreFile
{
    std::string name, path;
};

std::vector<ScoreFile> scoreFilesOf(const Options &options)
{
    std::vector<ScoreFile> files;
    for (const std::string &text : options.scores) {
        const std::size_t equals = text.find('=');
        ScoreFile file;
        file.path = equals == std::string::npos ? text : text.substr(equals + 1);
        file.name = equals == std::string::npos ? std::filesystem::path(text).stem().string() : text.substr(0, equals);
        if (file.name.empty() || file.path.empty())
            throw Error(ErrorKind::Usage, "--scores " + text + ": write a name and a file, as R=r.json");
        if (std::ranges::find(files, file.name, &ScoreFile::name) != files.end())
            throw Error(ErrorKind::Usage, "--scores " + text + ": the name " + file.name + " is there twice");
        files.push_back(std::move(file));
    }
    return files;
}

/// Refuses what would give the same rows again.
template <typename Value>
void requireOnce(const char *option, const std::vector<Value> &values)
{
    for (auto value = values.begin(); value != values.end(); ++value) {
        if (std::find(values.begin(), value, *value) != value)
            throw Error(ErrorKind::Usage, option + (": " + Json(*value).dump()) + " is there twice; name each once");
    }
}

std::vector<CompressionSettings> methodsOf(const Options &options)
{
    std::vector<CompressionSettings> methods;
    for (const std::string &method : options.methods) {
        const MethodInfo &info = compressionMethod(method);
        CompressionOptions compression;
        compression.method = method;
        compression.window = options.window;
        compression.granularity = options.granularity;
        if (method == "headkv")
            compression.beta = options.beta;
        for (const int budget : parseIntegers("--budgets", options.budgets)) { // each is checked
            if (info.hasBudget)
                compression.budget = budget;
            const CompressionSettings settings = compression.settings(!options.scores.empty());
            if (methods.empty() || methods.back().method != method)
                methods.push_back(settings);
        }
    }
    return methods;
}

void checkFiles(const Options &options, const std::vector<ScoreFile> &scores)
{
    requireWritable("--out", options.out);
    std::vector<NamedFile> inputs{{"MODEL", resolveModelPath(options.model)},
                                  {"--needles", options.cases.needles},
                                  {"--reasoning-needles", options.reasoningNeedles},
                                  {"--haystack", options.cases.haystack},
                                  {"--prompts", options.documents.formats}};
    for (const ScoreFile &file : scores)
        inputs.push_back({"--scores", file.path});
    for (const std::string &task : options.tasks) {
        if (isFileTask(task))
            inputs.push_back({"--tasks", task});
    }
    requireDistinct({{"--out", options.out}}, inputs);
}

/// What can be said without the model, so that a mistyped option costs no waiting.
EvaluationRequest requestOf(const Options &options)
{
    EvaluationRequest request;
    request.tasks = options.tasks;
    request.methods = methodsOf(options);
    request.budgets = parseIntegers("--budgets", options.budgets);
    requireOnce("--tasks", request.tasks);
    requireOnce("--methods", options.methods);
    requireOnce("--budgets", request.budgets);
    request.needles = options.cases.settings(ProbeKind::Retrieval);
    request.reasoningNeedles =
        options.reasoningNeedles.empty() ? builtInNeedles(ProbeKind::Reasoning) : readNeedles(options.reasoningNeedles);
    request.documents = options.documents;
    request.moment = options.contextOnly ? CompressionMoment::Context : CompressionMoment::Question;
    return request;
}

void print(const Options &options, const ModelInfo &info, const EvaluationRun &run)
{
    if (options.common.json) {
        printJson(
            {{"model", info.name},
             {"out", options.out},
             {"rows", describeRows(run)},
             {"comparisons", describeComparisons(run)},
             {"totals", {{"answers", run.results.size()}, {"planned", run.answers()}, {"seconds", run.seconds}}}});
        return;
    }
    printEvaluation(run);
    std::printf("\n%zu of %zu answers in %.1f s; results: %s\n", run.results.size(), run.answers(), run.seconds,
                options.out.c_str());
}

/// What another rank than the first does.
void help(RankTeam &ranks, const std::shared_ptr<const Model> &model, EvaluationRun &run, const JobControl &control)
{
    runEvaluation(ranks, model, run, control);
    control.cancellation.throwIfCancelled();
}

void run(const Options &options)
{
    RankTeam &ranks = Ranks::open();
    EvaluationRequest request = requestOf(options);
    const std::vector<ScoreFile> scores = scoreFilesOf(options);
    if (ranks.leads())
        checkFiles(options, scores);
    const JobControl control = options.common.control();
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    const ModelInfo &info = model->info();
    (void)model->weights(); // a vocabulary alone is refused before anything is planned
    for (const ScoreFile &file : scores)
        request.scoreSets.push_back(
            {file.name, file.path, importanceOf(readHeadScores(file.path), info.layers, info.queryHeads, file.path)});
    request.chatFormat = options.chat.formatFor(*model, options.common.isQuiet());
    request.needles.chatFormat = request.chatFormat;
    if (std::ranges::any_of(request.tasks, isNeedleTask))
        request.needles.lengths = options.cases.lengthsFor(*model, request.needles);

    EvaluationRun run = planEvaluation(*model, request, control);
    if (!ranks.leads())
        return help(ranks, model, run, control);
    for (const std::string &line : options.common.isQuiet() ? std::vector<std::string>() : run.skipped)
        std::fprintf(stderr, "skipped: %s\n", line.c_str());
    std::error_code error;
    if (options.resume && std::filesystem::exists(options.out, error))
        resumeEvaluation(run, info, request, options.out);
    EvaluationReport report(options.out, info, request);
    runEvaluation(ranks, model, run, control, [&](const EvaluationRun &soFar) { report.update(soFar); });
    report.finish(run);
    control.report({"Writing the files", 0, 0, ""}); // takes a bar that a cancelled run left off the terminal
    print(options, info, run);
    if (run.cancelled)
        throw Error(ErrorKind::Cancelled, "cancelled after " + std::to_string(run.results.size()) + " of " +
                                              std::to_string(run.answers()) + " answers, which are in " + options.out +
                                              "; --resume goes on");
}

void addTaskOptions(CLI::App &command, Options &options)
{
    command
        .add_option("--tasks", options.tasks,
                    "niah (a fact hidden in a text), reasoning (a hidden reasoning step), documents (the program's own "
                    "questions about texts made by rules) or JSONL files in LongBench's layout, separated by commas")
        ->required()
        ->delimiter(',')
        ->check(notEmpty());
    options.cases.lengths = "3";
    options.cases.depths = "5";
    options.cases.addTo(command);
    command
        .add_option("--reasoning-needles", options.reasoningNeedles,
                    "as --needles, of the task reasoning (default: the program's own)")
        ->check(notEmpty());
    command
        .add_option("--prompts", options.documents.formats,
                    "how documents are asked about, by dataset: JSON (default: the program's own)")
        ->check(notEmpty());
    command
        .add_option("--max-prompt-tokens", options.documents.maxPromptTokens,
                    "documents: longer prompts lose their middle (default: what the context holds)")
        ->transform(wholeNumber(16, 1 << 30));
    command.add_option("--max-cases", options.documents.maxCases, "documents: the first so many of a dataset")
        ->transform(wholeNumber(1, 1 << 30));
    command.add_flag("--skip-malformed", options.documents.skipMalformed,
                     "leave out lines of a JSONL file that cannot be read; without it they end the run");
}

void addMethodOptions(CLI::App &command, Options &options)
{
    command.add_option("--methods", options.methods, "as headkv generate --method, separated by commas")
        ->delimiter(',')
        ->capture_default_str();
    command.add_option("--budgets", options.budgets, "tokens a head keeps on average, window included")
        ->capture_default_str()
        ->check(notEmpty());
    command
        .add_option("--scores", options.scores,
                    "headkv, razor: head-score files with a name each, as R=r.json; several give a row each")
        ->delimiter(',')
        ->check(notEmpty());
    command.add_option("--granularity", options.granularity, "kv-head or query-head (as published)")
        ->capture_default_str()
        ->check(CLI::IsMember({"query-head", "kv-head"}));
    command
        .add_option("--window", options.window,
                    "last tokens that are kept in any case and whose queries score the rest: auto (the question; at "
                    "most the budget less 8) or a number (published: 8)")
        ->capture_default_str()
        ->transform(windowSize());
    command.add_option("--beta", options.beta, "headkv, above 1: smaller leans more on the scores (default 1.2)")
        ->check(realNumber(1, std::numeric_limits<double>::infinity()));
    command.add_flag("--context-only", options.contextOnly,
                     "compress the context before the question is read; questions about one context share it");
}

} // namespace

void addEvaluateCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand(
        "evaluate", "Scores the answers of methods and budgets to needles, reasoning and documents");
    const auto options = std::make_shared<Options>();
    addModelArgument(*command, options->model);
    addTaskOptions(*command, *options);
    addMethodOptions(*command, *options);
    command->add_option("--out", options->out, "the results: rows and answers, written as they come")
        ->required()
        ->check(notEmpty());
    command->add_flag("--resume", options->resume,
                      "go on where the run that wrote --out stopped, with the same rows in the end");
    options->chat.addTo(*command);
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
