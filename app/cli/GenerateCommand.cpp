// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/ChatOptions.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/CompressionOptions.h"
#include "app/cli/Validators.h"
#include "core/base/Installation.h"
#include "core/base/Stopwatch.h"
#include "core/generation/Conversation.h"
#include "core/generation/GenerationReport.h"
#include "core/probe/HeadScoreFile.h"
#include "core/text/ChatFormat.h"
#include "core/text/Tokenizer.h"

#include <cstdio>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

struct Options
{
    CommonOptions common;
    ChatOptions chat;
    std::string model;
    std::string prompt, promptFile, idsFile;
    bool raw = false;
    CompressionOptions compression;
    std::string scores;
    int maxNewTokens = 256;
    double temperature = 0;
    double topP = 1;
    bool ignoreEos = false;
    std::string report;
    bool reportCache = false;
    bool compareFull = false;
};

struct Prompt
{
    std::vector<TokenId> ids;
    std::size_t turnTokens = 0; ///< of the end: the user's words and the template behind them
};

/// The prompt as ids: as they are, as plain text (--raw), or as one user turn of the model's chat format.
Prompt readPrompt(const Options &options, const Model &model)
{
    if (!options.idsFile.empty()) {
        const std::vector<TokenId> ids = readIds(options.idsFile);
        return {ids, ids.size()};
    }
    const std::string text = options.promptFile.empty() ? options.prompt : readInput(options.promptFile);
    const Tokenizer &tokenizer = model.tokenizer();
    const ChatFormat format = options.raw ? ChatFormat() : options.chat.formatFor(model, options.common.quiet);
    const std::vector<TokenId> ids = options.raw ? tokenizer.encode(text) : format.promptIds(tokenizer, text);
    const std::size_t prefix = options.raw ? 0 : format.prefixIds(tokenizer).size();
    return {ids, ids.size() > prefix ? ids.size() - prefix : ids.size()};
}

void printNotes(const GenerationReport &report)
{
    const CompressionSettings &compression = report.compression;
    const int window = report.generation.window;
    // A window that nobody chose may leave little of a small budget to choose from.
    if (!compression.window && compressionMethod(compression.method).hasWindow && 2 * window > compression.budget)
        std::cerr << "note: the observation window (auto: " << window << ") takes most of the budget of "
                  << compression.budget << "; a larger budget or --window 8 leaves more to choose from\n";
    if (report.agreement)
        std::fprintf(stderr, "with FullKV: the same next token at %.1f%% of %zu tokens, mean KL %.4f nats\n",
                     100 * report.agreement->sameNextToken, report.agreement->tokens, report.agreement->meanKl);
}

/// Prints the text as it comes.
class TextPrinter : public GenerationListener
{
public:
    void tokenMade(TokenId, std::string_view text, double) override { std::cout << text << std::flush; }
};

/// Without the progress of decoding: the text that is streamed shows how far the run is.
JobControl withoutDecoding(const JobControl &control)
{
    JobControl quiet = control;
    quiet.progress = [&control](const Progress &progress) {
        if (progress.stage != "Decode")
            control.report(progress);
    };
    return quiet;
}

/// Answers the same prompt with all keys and values, and compares. Nothing, once cancelled.
std::optional<Agreement> compareWithFullKv(Conversation &conversation, const std::shared_ptr<const Model> &model,
                                           const GenerationReport &report, const JobControl &control)
{
    GenerationSettings settings = report.settings;
    settings.reportContents = false;
    settings.recordStates = true;
    try {
        const Generation full = generate(model, report.generation.promptIds, settings, {}, control);
        control.cancellation.throwIfCancelled();
        return conversation.agreementWith(full, control);
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled)
            throw;
        return std::nullopt;
    }
}

/// What can be refused without the model, so that a mistyped option costs no waiting.
GenerationSettings settingsFrom(const Options &options)
{
    if (!options.report.empty())
        requireWritable("--report", options.report);
    requireDistinct({{"--report", options.report}}, {{"MODEL", resolveModelPath(options.model)},
                                                     {"--prompt-file", options.promptFile},
                                                     {"--scores", options.scores},
                                                     {"--ids-file", options.idsFile}});
    if (options.reportCache && options.report.empty() && !options.common.json)
        throw Error(ErrorKind::Usage, "--report-cache: there is no report to put it in; give --report or --json, too");
    GenerationSettings settings{.maxNewTokens = options.maxNewTokens,
                                .sampling = {options.temperature, options.topP, options.common.seed},
                                .ignoreEndOfSequence = options.ignoreEos,
                                .reportContents = options.reportCache};
    (void)Sampler(settings.sampling); // refuses settings out of range
    return settings;
}

void run(const Options &options)
{
    GenerationSettings settings = settingsFrom(options);
    CompressionSettings compression = options.compression.settings(!options.scores.empty());
    const JobControl control = options.common.control();
    const Stopwatch watch;
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    const double loadSeconds = watch.seconds();
    const ModelInfo &info = model->info();
    if (!options.scores.empty())
        CompressionOptions::takeImportance(compression, readHeadScores(options.scores),
                                           {info.layers, info.queryHeads, info.kvHeads}, options.scores);

    const Prompt prompt = readPrompt(options, *model);
    settings.turnTokens = prompt.turnTokens;
    GenerationReport report;
    report.loadSeconds = loadSeconds;
    report.compression = compression;
    report.scores = options.scores;
    report.settings = settings;
    report.takeModel(info);
    const bool streams = !options.common.json;
    TextPrinter printer;
    Conversation conversation(model, compression);
    Generation &generation = report.generation;
    generation = conversation.say(prompt.ids, settings, streams ? withoutDecoding(control) : control,
                                  streams ? &printer : nullptr);
    if (options.compareFull && !control.cancellation.isCancelled())
        report.agreement = compareWithFullKv(conversation, model, report, control);
    if (!options.report.empty())
        writeGenerationReport(options.report, report);
    if (streams)
        std::cout << std::endl;
    else
        printJson(describe(report));
    if (!options.common.quiet)
        printNotes(report);
    if (generation.stopReason == StopReason::Cancelled || (options.compareFull && !report.agreement))
        throw Error(ErrorKind::Cancelled,
                    "cancelled after " + std::to_string(generation.emittedIds.size()) + " tokens");
}

} // namespace

void addGenerateCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand("generate", "Continues a prompt and says what it took");
    const auto options = std::make_shared<Options>();
    addModelArgument(*command, options->model);
    CLI::Option_group *input = command->add_option_group("Prompt", "one of");
    input->add_option("--prompt", options->prompt, "the user's words");
    input->add_option("--prompt-file", options->promptFile, "a file with them, - for standard input")
        ->check(notEmpty());
    input->add_option("--ids-file", options->idsFile, "a file with a JSON array of token ids, taken as they are")
        ->check(notEmpty());
    input->require_option(1);
    command->add_flag("--raw", options->raw, "take the prompt as plain text, not as a turn of the chat template");
    command->add_option("--max-new-tokens", options->maxNewTokens, "the longest answer, in tokens")
        ->capture_default_str()
        ->transform(wholeNumber(1, 1 << 24));
    command->add_option("--temperature", options->temperature, "0 takes the likeliest token, more varies")
        ->capture_default_str()
        ->check(realNumber(0, std::numeric_limits<double>::infinity()));
    command->add_option("--top-p", options->topP, "sample from the likeliest tokens that reach this probability")
        ->capture_default_str()
        ->check(realNumber(0, 1, true));
    command->add_flag("--ignore-eos", options->ignoreEos, "go on behind an end-of-sequence token");
    command->add_option("--report", options->report, "write settings, ids, timings and memory to this JSON file")
        ->check(notEmpty());
    command->add_flag("--report-cache", options->reportCache,
                      "report which tokens each head holds after prefill, window included");
    command->add_flag("--compare-full", options->compareFull,
                      "also answer with FullKV, and report how often both find the same next token likeliest");
    options->compression.addTo(*command, true);
    command->add_option("--scores", options->scores, "headkv, razor: the head-score file")
        ->group("Compression")
        ->check(notEmpty());
    options->chat.addTo(*command);
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
