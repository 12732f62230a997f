// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/ChatOptions.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/base/Installation.h"
#include "core/base/Stopwatch.h"
#include "core/generation/Generator.h"
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
    std::string method = "full";
    int maxNewTokens = 256;
    double temperature = 0;
    double topP = 1;
    bool ignoreEos = false;
    std::string report;
};

/// The prompt as ids: as they are, as plain text (--raw), or as one user turn of the model's chat format.
std::vector<TokenId> promptIds(const Options &options, const Model &model)
{
    if (!options.idsFile.empty())
        return readIds(options.idsFile);
    const std::string text = options.promptFile.empty() ? options.prompt : readInput(options.promptFile);
    const Tokenizer &tokenizer = model.tokenizer();
    if (options.raw)
        return tokenizer.encode(text);
    return options.chat.formatFor(model, options.common.quiet).promptIds(tokenizer, text);
}

Json describeSettings(const Options &options, const ModelInfo &info)
{
    return {{"max_new_tokens", options.maxNewTokens},
            {"temperature", options.temperature},
            {"top_p", options.topP},
            {"seed", options.common.seed},
            {"ignore_eos", options.ignoreEos},
            {"dtype", info.dtype},
            {"weights", info.weights}};
}

Json describe(const Options &options, const ModelInfo &info, const Generation &generation, double loadSeconds)
{
    const RunMetrics &metrics = generation.metrics;
    return {{"method", options.method},
            {"settings", describeSettings(options, info)},
            {"prompt_tokens", generation.promptIds.size()},
            {"prompt_ids", generation.promptIds},
            {"emitted_ids", generation.emittedIds},
            {"text", generation.text},
            {"stop_reason", toString(generation.stopReason)},
            {"timings",
             {{"load_s", loadSeconds},
              {"prefill_s", metrics.prefillSeconds},
              {"compress_s", metrics.compressSeconds},
              {"first_token_s", metrics.firstTokenSeconds},
              {"decode_s", metrics.decodeSeconds},
              {"decode_tokens_per_s", metrics.decodeTokensPerSecond()},
              {"per_token_ms", metrics.perTokenMilliseconds}}},
            {"memory",
             {{"weight_bytes", info.weightBytes},
              {"full_kv_bytes", metrics.fullKvBytes},
              {"kv_bytes_after_prefill", metrics.kvBytesAfterPrefill},
              {"kv_bytes_peak", metrics.kvBytesPeak},
              {"kv_bytes_end", metrics.kvBytesEnd},
              {"rss_peak_bytes", metrics.rssPeakBytes},
              {"device_peak_bytes", metrics.devicePeakBytes}}}};
}

/// What can be refused without the model, so that a mistyped option costs no waiting.
GenerationSettings settingsFrom(const Options &options)
{
    if (options.method != "full")
        throw Error(ErrorKind::Usage, "--method " + options.method + ": this version has no such method; it has: full");
    if (!options.report.empty())
        requireWritable("--report", options.report);
    requireDistinct({{"--report", options.report}}, {{"MODEL", resolveModelPath(options.model)},
                                                     {"--prompt-file", options.promptFile},
                                                     {"--ids-file", options.idsFile}});
    GenerationSettings settings{
        options.maxNewTokens, {options.temperature, options.topP, options.common.seed}, options.ignoreEos};
    (void)Sampler(settings.sampling); // refuses settings out of range
    return settings;
}

void run(const Options &options)
{
    const GenerationSettings settings = settingsFrom(options);
    const JobControl control = options.common.control();
    const Stopwatch watch;
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    const double loadSeconds = watch.seconds();

    JobControl quiet = control; // the text itself shows how far decoding is
    const bool streams = !options.common.json;
    if (streams)
        quiet.progress = [&control](const Progress &progress) {
            if (progress.stage != "Decode")
                control.report(progress);
        };
    const Generation generation =
        generate(model, promptIds(options, *model), settings, quiet, [streams](TokenId, std::string_view text) {
            if (streams)
                std::cout << text << std::flush;
        });
    const Json document = describe(options, model->info(), generation, loadSeconds);
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
    command->add_option("--method", options->method, "how the cache is kept: full")->capture_default_str();
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
    options->chat.addTo(*command);
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
