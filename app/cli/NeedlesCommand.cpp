// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/probe/NeedleFile.h"
#include "core/probe/NeedleGenerator.h"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    NeedleRecipe recipe;
    std::string kind;
    std::string answer = "short";
    std::string layout = "own";
    std::string out;
    bool noReverse = false;
    bool noSwap = false;
};

void printDocument(const Options &options, const std::string &jsonl)
{
    Json document{{"kind", options.kind}, {"count", options.recipe.count}, {"seed", options.common.seed}};
    document["answer"] = options.answer;
    document["reverses"] = options.recipe.reverses;
    document["swaps"] = options.recipe.swaps;
    document["needles"] = Json::array();
    for (std::size_t at = 0; at < jsonl.size(); at = jsonl.find('\n', at) + 1)
        document["needles"].push_back(Json::parse(jsonl.substr(at, jsonl.find('\n', at) - at)));
    if (!options.out.empty())
        document["out"] = options.out;
    printJson(document);
}

void run(Options options)
{
    options.recipe.kind = *probeKindFrom(options.kind); // CLI11 has checked it
    options.recipe.seed = options.common.seed;
    options.recipe.answer = options.answer == "long" ? AnswerLength::Long : AnswerLength::Short;
    options.recipe.reverses = !options.noReverse;
    options.recipe.swaps = !options.noSwap;
    if (!options.out.empty())
        requireWritable("--out", options.out);
    const std::string jsonl = formatNeedles(generateNeedles(options.recipe),
                                            options.layout == "headkv" ? NeedleLayout::HeadKv : NeedleLayout::Own);
    if (!options.out.empty())
        writeFileAtomically(options.out, jsonl);
    if (options.common.json)
        printDocument(options, jsonl);
    else if (options.out.empty())
        std::cout << jsonl;
    else
        std::printf("%d needles: %s\n", options.recipe.count, options.out.c_str());
}

} // namespace

void addNeedlesCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand("needles", "Makes needles for a probe from templates and a seed");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("--kind", options->kind,
                     "reasoning: two answers, told apart by a reasoning step; retrieval or enhanced: a fact")
        ->required()
        ->check(CLI::IsMember({"retrieval", "enhanced", "reasoning"}));
    command->add_option("--count", options->recipe.count, "needles to make")
        ->capture_default_str()
        ->transform(wholeNumber(1, NeedleRecipe::mostNeedles));
    command->add_option("--answer", options->answer, "short: some 6 tokens; long: 15 words or more")
        ->capture_default_str()
        ->check(CLI::IsMember({"short", "long"}));
    command->add_flag("--no-reverse", options->noReverse,
                      "without the question whose answer is the other one (reasoning)");
    command->add_flag("--no-swap", options->noSwap, "without the two answers in the other order (reasoning)");
    command
        ->add_option("--layout", options->layout,
                     "own: needle, question, answer; headkv: also real_needle, as HeadKV's scripts read it")
        ->capture_default_str()
        ->check(CLI::IsMember({"own", "headkv"}));
    command->add_option("--out", options->out, "the JSONL file to write (default: standard output)")->check(notEmpty());
    options->common.addTo(*command, false);
    command->callback([options] { run(*options); });
}

} // namespace headkv
