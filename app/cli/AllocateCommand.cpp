// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/CompressionOptions.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/base/Installation.h"
#include "core/checkpoint/Checkpoint.h"
#include "core/checkpoint/ModelConfig.h"
#include "core/compression/BetaCurve.h"
#include "core/compression/BudgetReport.h"
#include "core/probe/HeadScoreFile.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    CompressionOptions compression;
    std::string scores, model, shape, out;
    std::optional<int> promptLength;
    bool betaCurve = false;
};

struct Target : BudgetTarget
{
    std::optional<int> contextLength;
};

/// LxH or LxHxKV.
HeadShape parseShape(const std::string &text)
{
    std::vector<int> sizes;
    std::string digits;
    const auto fail = [&] {
        throw Error(ErrorKind::Usage,
                    "--shape " + text + ": use LAYERSxHEADS or LAYERSxHEADSxKVHEADS, e.g. 32x32x8, each up to 4096");
    };
    for (const char character : text + "x") {
        if (character != 'x') {
            digits += character;
            continue;
        }
        if (!wholeNumber(1, 4096)(digits).empty())
            fail();
        sizes.push_back(std::stoi(digits));
        digits.clear();
    }
    if (sizes.size() < 2 || sizes.size() > 3)
        fail();
    const HeadShape shape{sizes[0], sizes[1], sizes.back()};
    if (shape.queryHeads % shape.kvHeads != 0)
        throw Error(ErrorKind::Usage, "--shape " + text + ": " + std::to_string(shape.queryHeads) +
                                          " query heads cannot share " + std::to_string(shape.kvHeads) + " KV heads");
    return shape;
}

/// Reads a model's configuration only.
Target describeModel(const Options &options)
{
    const auto checkpoint = Checkpoint::open(resolveModelPath(options.model), false);
    const ModelConfig &config = checkpoint->config();
    const std::uint64_t element = options.common.dtype == "float32" ? 4 : 2; // the cache's, as headkv generate has it
    return {{{config.layers, config.queryHeads, config.kvHeads}, std::uint64_t{2} * config.headDim * element},
            config.contextLength};
}

Target targetOf(const Options &options, const std::optional<HeadScores> &scores)
{
    if (!options.model.empty())
        return describeModel(options);
    if (!options.shape.empty())
        return {{parseShape(options.shape), 0}, {}};
    if (!scores)
        throw Error(ErrorKind::Usage, "there is nothing to allocate to; give SCORES, --model or --shape");
    if (options.compression.granularity == "kv-head")
        throw Error(ErrorKind::Usage, "--granularity kv-head: a score file does not say how many KV heads there are; "
                                      "give --model or --shape LxHxKV, too");
    return {{{scores->layers, scores->heads, scores->heads}, 0}, {}};
}

Json describeCurve(const HeadShape &shape, const CompressionSettings &settings)
{
    Json rows = Json::array();
    for (const BetaPoint &point : betaCurve(shape, settings))
        rows.push_back({{"beta", point.beta},
                        {"gini", point.concentration.gini},
                        {"largest", point.concentration.largest},
                        {"smallest", point.concentration.smallest}});
    return rows;
}

void printTable(const HeadBudgets &budgets, const Json &document)
{
    std::printf("%s, %s: capacities beside a window of %d tokens\n", document["method"].get<std::string>().c_str(),
                toString(budgets.granularity).c_str(), budgets.window);
    for (int layer = 0; layer < budgets.layers; ++layer) {
        std::printf("layer %3d:", layer);
        for (int list = 0; list < budgets.lists; ++list)
            std::printf(" %5lld",
                        static_cast<long long>(budgets.capacities[std::size_t(layer) * budgets.lists + list]));
        std::printf("\n");
    }
    std::printf("total %lld (nominal %lld); largest %lld, smallest %lld, Gini %.3f\n",
                static_cast<long long>(budgets.total()), static_cast<long long>(budgets.nominalTotal),
                document["largest"].get<long long>(), document["smallest"].get<long long>(),
                document["gini"].get<double>());
    if (document["kv_bytes"].is_number())
        std::printf("%.2f MB of keys and values", document["kv_bytes"].get<double>() / 1e6);
    if (document["kv_bytes"].is_number() && document["full_kv_bytes"].is_number())
        std::printf(", %.1f%% of FullKV's %.2f MB at %d tokens", 100 * document["share_of_full"].get<double>(),
                    document["full_kv_bytes"].get<double>() / 1e6, document["prompt_length"].get<int>());
    if (document["kv_bytes"].is_number())
        std::printf("\n");
    if (document.contains("beta_curve")) {
        std::printf("\n    beta    Gini  largest  smallest\n");
        for (const Json &point : document["beta_curve"])
            std::printf("%8.3f  %6.3f  %7lld  %8lld\n", point["beta"].get<double>(), point["gini"].get<double>(),
                        point["largest"].get<long long>(), point["smallest"].get<long long>());
    }
}

void run(const Options &options)
{
    (void)options.common.modelOptions();
    CompressionSettings settings = options.compression.settings(!options.scores.empty());
    if (!options.out.empty())
        requireWritable("--out", options.out);
    requireDistinct({{"--out", options.out}},
                    {{"SCORES", options.scores},
                     {"--model", options.model.empty() ? std::filesystem::path() : resolveModelPath(options.model)}});
    std::optional<HeadScores> scores;
    if (!options.scores.empty())
        scores = readHeadScores(options.scores);
    const Target target = targetOf(options, scores);
    if (scores)
        CompressionOptions::takeImportance(settings, *scores, target.shape, options.scores);
    const auto method = makeCompressionMethod(target.shape, settings);
    if (!method->isStatic())
        throw Error(ErrorKind::Usage, "the budgets of method " + settings.method +
                                          " depend on the prompt's attention; run headkv generate --report-cache");
    const std::optional<int> promptLength = options.promptLength ? options.promptLength : target.contextLength;
    const HeadBudgets budgets = method->allocate(promptLength);
    Json document = describe(settings, budgets, target, promptLength);
    if (options.betaCurve)
        document["beta_curve"] = describeCurve(target.shape, settings);
    if (!options.out.empty())
        writeFileAtomically(options.out, formatJson(document));
    if (options.common.json)
        printJson(document);
    else
        printTable(budgets, document);
}

} // namespace

void addAllocateCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand(
        "allocate", "How many tokens each head keeps under a method, and what memory that takes");
    const auto options = std::make_shared<Options>();
    command->add_option("SCORES", options->scores, "a head-score file: the importance of heads")->check(notEmpty());
    command
        ->add_option("--model", options->model, "a model, whose shape and head size count: as MODEL of other commands")
        ->check(notEmpty());
    command->add_option("--shape", options->shape, "instead: LAYERSxHEADS or LAYERSxHEADSxKVHEADS")
        ->check(notEmpty())
        ->excludes("--model");
    options->compression.addTo(*command, false);
    command
        ->add_option("--prompt-length", options->promptLength,
                     "tokens of the prompt, beyond which nothing is kept (default: the model's context)")
        ->transform(wholeNumber(1, 1 << 24));
    command->add_flag("--beta-curve", options->betaCurve,
                      "headkv: also say how unequal budgets are over β (Gini, largest and smallest head)");
    command->add_option("--out", options->out, "also write the JSON document to this file")->check(notEmpty());
    options->common.addTo(*command, false);
    command->get_option("--dtype")->group("Common"); // no arithmetic, but bytes
    command->callback([options] { run(*options); });
}

} // namespace headkv
