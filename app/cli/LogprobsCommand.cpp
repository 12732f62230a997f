// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "core/base/Installation.h"
#include "core/model/Transformer.h"
#include "core/text/Tokenizer.h"

#include <algorithm>
#include <cmath>
#include <iostream>
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

Json compute(const Options &options)
{
    const JobControl control = options.common.control();
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    const std::vector<TokenId> ids = inputIds(options, *model);
    if (ids.empty())
        throw Error(ErrorKind::Input, "there is no token to look at; give at least one");
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

void run(const Options &options)
{
    const Json document = compute(options);
    if (options.common.json) {
        printJson(document);
        return;
    }
    const Json &values = document["token_logprobs"];
    for (std::size_t i = 0; i < values.size(); ++i)
        std::cout << document["ids"][i + 1] << "\t" << values[i] << "\n";
    std::cout << "perplexity\t" << document["perplexity"] << "\n";
}

} // namespace

void addLogprobsCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand(
        "logprobs",
        "Log-probability of each token of a text given those before it (natural logarithm), and the perplexity");
    const auto options = std::make_shared<Options>();
    addModelArgument(*command, options->model);
    CLI::Option_group *input = command->add_option_group("Input", "one of");
    input->add_option("--ids", options->ids, "token ids, joined by commas");
    input->add_option("--ids-file", options->idsFile, "a JSON array of token ids");
    input->add_option("--text", options->text, "the text");
    input->add_option("--file", options->file, "a file with the text, - for standard input");
    input->require_option(1);
    command->add_option("--top", options->top, "also the K likeliest next tokens at each position")
        ->check(CLI::Range(1, 1 << 20));
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
