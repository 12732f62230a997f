// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/Validators.h"
#include "core/base/Installation.h"
#include "core/base/Memory.h"
#include "core/model/Transformer.h"
#include "core/text/Tokenizer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    std::string model;
    std::string ids, idsFile, text, file;
    int top = 0;
};

/// What a pair of `top` takes as a JSON value and as text, roughly.
constexpr std::uint64_t bytesPerListedToken = 180;

std::vector<TokenId> inputIds(const Options &options, const Model &model)
{
    if (!options.idsFile.empty())
        return readIds(options.idsFile);
    if (!options.ids.empty())
        return parseIntegers("--ids", options.ids);
    return model.tokenizer().encode(options.file.empty() ? options.text : readInput(options.file));
}

/// The K likeliest next tokens as [id, log-probability], ties to the smaller id.
Json topTokens(std::span<const float> row, std::size_t count)
{
    std::vector<TokenId> order(row.size());
    std::iota(order.begin(), order.end(), 0);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, row.size()));
    std::partial_sort(order.begin(), end, order.end(),
                      [&](TokenId a, TokenId b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    Json list = Json::array();
    for (auto id = order.begin(); id != end; ++id)
        list.push_back(Json::array({*id, row[*id]}));
    return list;
}

Json compute(const Options &options, const std::shared_ptr<const Model> &model, const JobControl &control)
{
    const std::vector<TokenId> ids = inputIds(options, *model);
    if (ids.empty())
        throw Error(ErrorKind::Input, "there is no token to look at; give at least one");
    const std::uint64_t listed = std::uint64_t{ids.size()} * std::min(options.top, model->info().vocabularySize);
    requireMemory(listed * bytesPerListedToken, "--top with " + std::to_string(listed) + " tokens to list",
                  "list fewer at each position, or give a shorter text");
    std::vector<double> logProbabilities;
    Json top = Json::array();
    Transformer(model).logProbabilities(
        ids,
        [&](std::size_t position, std::span<const float> row) {
            if (position + 1 < ids.size())
                logProbabilities.push_back(row[ids[position + 1]]);
            if (options.top > 0)
                top.push_back(topTokens(row, static_cast<std::size_t>(options.top)));
        },
        control);
    Json document{{"ids", ids}, {"token_logprobs", logProbabilities}};
    if (options.top > 0)
        document["top"] = std::move(top);
    const double sum = std::accumulate(logProbabilities.begin(), logProbabilities.end(), 0.0);
    document["perplexity"] =
        logProbabilities.empty() ? Json() : Json(std::exp(-sum / static_cast<double>(logProbabilities.size())));
    return document;
}

/// One line: position, id, log-probability and, where the model can spell it, the token.
void printToken(const std::string &position, TokenId id, double logProbability, const Model &model)
{
    const bool spelled = model.hasTokenizer() && model.tokenizer().contains(id);
    const std::string text = spelled ? formatJson(model.tokenizer().piece(id)) : "\n";
    std::printf("%8s  %8d  %10.5f  %s", position.c_str(), id, logProbability, text.c_str());
}

/// A line a token; with --top, before each position the likeliest tokens there.
void printTable(const Json &document, const Model &model)
{
    const Json &ids = document["ids"];
    const Json &values = document["token_logprobs"];
    std::printf("position  token id      ln(p)\n");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0)
            printToken(std::to_string(i), ids[i], values[i - 1], model);
        if (!document.contains("top"))
            continue;
        std::printf("    likeliest at position %zu:\n", i + 1);
        for (const Json &candidate : document["top"][i])
            printToken("", candidate[0], candidate[1], model);
    }
    std::printf("perplexity %s\n", values.empty() ? "-" : document["perplexity"].dump().c_str());
}

void run(const Options &options)
{
    const JobControl control = options.common.control();
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    const Json document = compute(options, model, control);
    if (options.common.json)
        printJson(document);
    else
        printTable(document, *model);
}

} // namespace

void addLogprobsCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand(
        "logprobs", "Log-probability of each token of a text given those before it (natural logarithm), and the "
                    "perplexity (null for a single token)");
    const auto options = std::make_shared<Options>();
    addModelArgument(*command, options->model);
    CLI::Option_group *input = command->add_option_group("Input", "one of");
    input->add_option("--ids", options->ids, "token ids, joined by commas")->check(notEmpty());
    input->add_option("--ids-file", options->idsFile, "a file with a JSON array of token ids, - for standard input")
        ->check(notEmpty());
    input->add_option("--text", options->text, "the text");
    input->add_option("--file", options->file, "a file with the text, - for standard input")->check(notEmpty());
    input->require_option(1);
    command->add_option("--top", options->top, "also the K likeliest next tokens at each position")
        ->transform(wholeNumber(1, 1 << 20));
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
