// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/ChatOptions.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/CompressionOptions.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/base/Installation.h"
#include "core/base/Stopwatch.h"
#include "core/compression/BudgetReport.h"
#include "core/generation/Generator.h"
#include "core/probe/HeadScoreFile.h"
#include "core/text/ChatFormat.h"
#include "core/text/Tokenizer.h"

#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

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

Json describeSettings(const Options &options, const ModelInfo &info, const CompressionSettings &compression, int window)
{
    Json settings = describe(compression, window);
    settings["scores"] = options.scores.empty() ? Json() : Json(options.scores);
    settings.update({{"max_new_tokens", options.maxNewTokens},
                     {"temperature", options.temperature},
                     {"top_p", options.topP},
                     {"seed", options.common.seed},
                     {"ignore_eos", options.ignoreEos},
                     {"dtype", info.dtype},
                     {"weights", info.weights},
                     {"cache_dtype", toString(info.cacheType)}});
    return settings;
}

Json describeTimings(const RunMetrics &metrics, double loadSeconds)
{
    return {{"load_s", loadSeconds},
            {"prefill_s", metrics.prefillSeconds},
            {"compress_s", metrics.compressSeconds},
            {"first_token_s", metrics.firstTokenSeconds},
            {"decode_s", metrics.decodeSeconds},
            {"decode_tokens_per_s", metrics.decodeTokensPerSecond()},
            {"per_token_ms", metrics.perTokenMilliseconds}};
}

Json describeMemory(const RunMetrics &metrics, const ModelInfo &info)
{
    return {{"weight_bytes", info.weightBytes},
            {"full_kv_bytes", metrics.fullKvBytes},
            {"full_kv_bytes_after_prefill", metrics.fullKvBytesAfterPrefill},
            {"kv_bytes_after_prefill", metrics.kvBytesAfterPrefill},
            {"kv_bytes_peak", metrics.kvBytesPeak},
            {"kv_bytes_end", metrics.kvBytesEnd},
            {"kv_allocated_bytes_after_prefill", metrics.kvAllocatedAfterPrefill},
            {"kv_allocated_bytes_peak", metrics.kvAllocatedPeak},
            {"kv_allocated_bytes_end", metrics.kvAllocatedEnd},
            {"rss_bytes_after_prefill", metrics.rssAfterPrefill},
            {"rss_peak_bytes", metrics.rssPeakBytes},
            {"device_peak_bytes", metrics.devicePeakBytes}};
}

/// Shares of FullKV after prefill: what the budget says, and what the cache's bytes are.
Json describeShares(const CompressionSettings &compression, const Generation &generation)
{
    const RunMetrics &metrics = generation.metrics;
    if (metrics.fullKvBytesAfterPrefill == 0)
        return {}; // cancelled before
    const double nominal =
        compressionMethod(compression.method).hasBudget
            ? static_cast<double>(compression.budget) / static_cast<double>(generation.promptIds.size())
            : 1;
    return {{"nominal_share", std::min(nominal, 1.0)},
            {"real_share",
             static_cast<double>(metrics.kvBytesAfterPrefill) / static_cast<double>(metrics.fullKvBytesAfterPrefill)},
            {"nominal_total", generation.budgets.nominalTotal}};
}

Json describe(const CacheContents &contents)
{
    Json lengths = Json::array(), kept = Json::array();
    for (int layer = 0; layer < contents.layers; ++layer) {
        const auto first = layer * contents.lists;
        lengths.push_back(
            std::vector(contents.lengths.begin() + first, contents.lengths.begin() + first + contents.lists));
        kept.push_back(
            std::vector(contents.positions.begin() + first, contents.positions.begin() + first + contents.lists));
    }
    return {{"granularity", toString(contents.granularity)}, {"lengths", lengths}, {"kept", kept}};
}

Json describe(const Options &options, const ModelInfo &info, const CompressionSettings &compression,
              const Generation &generation, double loadSeconds)
{
    Json document{{"method", compression.method},
                  {"settings", describeSettings(options, info, compression, generation.window)},
                  {"prompt_tokens", generation.promptIds.size()},
                  {"prompt_ids", generation.promptIds},
                  {"emitted_ids", generation.emittedIds},
                  {"text", generation.text},
                  {"stop_reason", toString(generation.stopReason)},
                  {"timings", describeTimings(generation.metrics, loadSeconds)},
                  {"memory", describeMemory(generation.metrics, info)},
                  {"compression", describeShares(compression, generation)}};
    if (options.reportCache && !generation.contents.lengths.empty())
        document["cache"] = describe(generation.contents);
    return document;
}

/// A window that nobody chose may leave little of a small budget to choose from.
void noteNarrowBudget(const Options &options, const CompressionSettings &compression, const Generation &generation)
{
    if (options.common.quiet || compression.window || !compressionMethod(compression.method).hasWindow ||
        2 * generation.window <= compression.budget)
        return;
    std::cerr << "note: the observation window (auto: " << generation.window << ") takes most of the budget of "
              << compression.budget << "; a larger budget or --window 8 leaves more to choose from\n";
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

    JobControl quiet = control; // the text itself shows how far decoding is
    const bool streams = !options.common.json;
    if (streams)
        quiet.progress = [&control](const Progress &progress) {
            if (progress.stage != "Decode")
                control.report(progress);
        };
    const Prompt prompt = readPrompt(options, *model);
    settings.turnTokens = prompt.turnTokens;
    const Generation generation =
        generate(model, prompt.ids, settings, compression, quiet, [streams](TokenId, std::string_view text) {
            if (streams)
                std::cout << text << std::flush;
        });
    noteNarrowBudget(options, compression, generation);
    const Json document = describe(options, info, compression, generation, loadSeconds);
    if (!options.report.empty())
        writeFileAtomically(options.report, formatJson(document));
    if (streams)
        std::cout << "\n";
    else
        printJson(document);
    if (generation.stopReason == StopReason::Cancelled)
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
    options->compression.addTo(*command, true);
    command->add_option("--scores", options->scores, "headkv, razor: the head-score file")
        ->group("Compression")
        ->check(notEmpty());
    options->chat.addTo(*command);
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
