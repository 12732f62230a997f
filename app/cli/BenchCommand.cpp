// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/CompressionOptions.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/base/Installation.h"
#include "core/evaluation/SpeedBenchmark.h"
#include "core/model/Model.h"
#include "core/probe/Haystack.h"
#include "core/probe/HeadScoreFile.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    std::string model, scores, out;
    std::string promptLengths = "512,2048,7900", newTokens = "1,32,512";
    std::vector<std::string> methods{"full", "headkv"};
    std::string budgets = "128";
    std::string granularity = "kv-head", window = "auto";
    int repeats = 3;
};

std::vector<int> positive(const std::string &option, const std::string &text)
{
    std::vector<int> values = parseIntegers(option, text);
    for (const int value : values) {
        if (value < 1)
            throw Error(ErrorKind::Usage, std::string(option).append(" ").append(text) + ": use whole numbers from 1");
    }
    return values;
}

/// Each method at each budget; a method without a budget once.
std::vector<CompressionSettings> methodsOf(const Options &options)
{
    std::vector<CompressionSettings> methods;
    for (const std::string &method : options.methods) {
        const MethodInfo &info = compressionMethod(method);
        for (const int budget : info.hasBudget ? positive("--budgets", options.budgets) : std::vector{0}) {
            CompressionOptions compression;
            compression.method = method;
            compression.window = options.window;
            compression.granularity = options.granularity;
            if (info.hasBudget)
                compression.budget = budget;
            methods.push_back(compression.settings(!options.scores.empty()));
        }
    }
    return methods;
}

SpeedBenchmarkSettings settingsOf(const Options &options)
{
    if (!options.out.empty())
        requireWritable("--out", options.out);
    requireDistinct({{"--out", options.out}},
                    {{"MODEL", resolveModelPath(options.model)}, {"--scores", options.scores}});
    SpeedBenchmarkSettings settings;
    settings.promptLengths = positive("--prompt-lengths", options.promptLengths);
    settings.newTokens = positive("--new-tokens", options.newTokens);
    settings.methods = methodsOf(options);
    settings.repeats = options.repeats;
    settings.text = defaultHaystack().text;
    return settings;
}

Json describe(const std::vector<SpeedRow> &rows, const ModelInfo &info, const Options &options)
{
    Json document{{"model", {{"name", info.name}, {"sha256", info.sha256}}},
                  {"settings",
                   {{"device", info.device},
                    {"dtype", info.dtype},
                    {"weights", info.weights},
                    {"cache_dtype", toString(info.cacheType)},
                    {"threads", options.common.threads},
                    {"repeat", options.repeats}}},
                  {"rows", Json::array()}};
    for (const SpeedRow &row : rows)
        document["rows"].push_back(describe(row));
    return document;
}

void printTable(const std::vector<SpeedRow> &rows)
{
    std::printf("%-12s %7s %8s %6s %11s %10s %9s %10s %10s\n", "method", "budget", "prompt", "new", "prefill t/s",
                "decode t/s", "total s", "KV MB", "memory MB");
    for (const SpeedRow &row : rows)
        std::printf("%-12s %7s %8d %6d %11.1f %10s %9.2f %10.2f %10.1f\n", row.method.c_str(),
                    row.budget > 0 ? std::to_string(row.budget).c_str() : "-", row.promptTokens, row.newTokens,
                    row.prefillTokensPerSecond,
                    row.newTokens > 1 ? std::to_string(row.decodeTokensPerSecond).substr(0, 6).c_str() : "-",
                    row.totalSeconds, static_cast<double>(row.kvBytesPeak) / 1e6,
                    static_cast<double>(row.devicePeakBytes > 0 ? row.devicePeakBytes : row.rssPeakBytes) / 1e6);
}

void run(const Options &options)
{
    SpeedBenchmarkSettings settings = settingsOf(options);
    const JobControl control = options.common.control();
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    const ModelInfo &info = model->info();
    if (!options.scores.empty()) {
        const HeadScores scores = readHeadScores(options.scores);
        for (CompressionSettings &method : settings.methods)
            CompressionOptions::takeImportance(method, scores, {info.layers, info.queryHeads, info.kvHeads},
                                               options.scores);
    }
    const std::vector<SpeedRow> rows = runSpeedBenchmark(model, settings, control);
    const Json document = describe(rows, info, options);
    if (!options.out.empty())
        writeFileAtomically(options.out, formatJson(document));
    if (options.common.json)
        printJson(document);
    else
        printTable(rows);
}

} // namespace

void addBenchCommand(CLI::App &program)
{
    CLI::App *command =
        program.add_subcommand("bench", "Measures speed and memory over prompt lengths, new tokens, methods, budgets");
    const auto options = std::make_shared<Options>();
    addModelArgument(*command, options->model);
    command->add_option("--prompt-lengths", options->promptLengths, "tokens of the prompts")->capture_default_str();
    command
        ->add_option("--new-tokens", options->newTokens,
                     "tokens decoded behind each, past the model's context if need be: what is measured is time")
        ->capture_default_str();
    command->add_option("--methods", options->methods, "as headkv generate --method, separated by commas")
        ->delimiter(',')
        ->capture_default_str();
    command->add_option("--budgets", options->budgets, "of methods that have one")->capture_default_str();
    command->add_option("--granularity", options->granularity, "kv-head or query-head")
        ->capture_default_str()
        ->check(CLI::IsMember({"query-head", "kv-head"}));
    command->add_option("--window", options->window, "auto (64 tokens here) or a number")
        ->capture_default_str()
        ->transform(windowSize());
    command->add_option("--scores", options->scores, "headkv, razor: the head-score file")->check(notEmpty());
    command->add_option("--repeat", options->repeats, "runs of each cell, in turns; rows are their medians")
        ->capture_default_str()
        ->transform(wholeNumber(1, 1000));
    command->add_option("--out", options->out, "also write the JSON document to this file")->check(notEmpty());
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
