// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/Validators.h"
#include "core/base/Installation.h"
#include "core/text/Tokenizer.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

struct Options
{
    CommonOptions common;
    std::string model;
    std::string text, file;
    std::string ids, idsFile;
    bool noSpecial = false;
    bool pieces = false;
};

std::shared_ptr<const Model> loadVocabulary(const Options &options)
{
    ModelOptions modelOptions = options.common.modelOptions();
    modelOptions.vocabularyOnly = true;
    return Model::load(resolveModelPath(options.model), modelOptions, options.common.control());
}

void tokenize(const Options &options)
{
    const auto model = loadVocabulary(options);
    const Tokenizer &tokenizer = model->tokenizer();
    const std::string text = options.file.empty() ? options.text : readInput(options.file);
    const std::vector<TokenId> ids =
        tokenizer.encode(text, options.noSpecial ? SpecialTokens::Plain : SpecialTokens::Parse);
    nlohmann::ordered_json document{{"ids", ids}};
    if (options.pieces) {
        document["pieces"] = nlohmann::ordered_json::array();
        for (const TokenId id : ids)
            document["pieces"].push_back(tokenizer.piece(id));
    }
    if (options.common.json) {
        printJson(document);
        return;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (options.pieces)
            std::cout << ids[i] << "\t" << formatJson(document["pieces"][i]);
        else
            std::cout << (i > 0 ? "," : "") << ids[i];
    }
    std::cout << (options.pieces ? "" : "\n");
}

void detokenize(const Options &options)
{
    std::vector<TokenId> ids;
    if (!options.idsFile.empty())
        ids = readIds(options.idsFile);
    else if (!options.ids.empty())
        ids = parseIntegers("--ids", options.ids);
    const auto model = loadVocabulary(options);
    const std::string text = model->tokenizer().decode(ids);
    if (options.common.json)
        printJson({{"text", text}});
    else
        std::cout << text << "\n";
}

} // namespace

void addTokenizeCommand(CLI::App &program)
{
    const auto options = std::make_shared<Options>();
    CLI::App *forward = program.add_subcommand("tokenize", "Token ids of a text");
    addModelArgument(*forward, options->model);
    CLI::Option_group *input = forward->add_option_group("Text", "one of");
    input->add_option("--text", options->text, "the text");
    input->add_option("--file", options->file, "a file with the text, - for standard input")->check(notEmpty());
    input->require_option(1);
    forward->add_flag("--no-special", options->noSpecial, "add no BOS and read special tokens as plain characters");
    forward->add_flag("--pieces", options->pieces, "also the text of each token");
    options->common.addTo(*forward, false);
    forward->callback([options] { tokenize(*options); });

    const auto backOptions = std::make_shared<Options>();
    CLI::App *back = program.add_subcommand("detokenize", "The text of token ids");
    addModelArgument(*back, backOptions->model);
    CLI::Option_group *backInput = back->add_option_group("Ids", "one of");
    backInput->add_option("--ids", backOptions->ids, "ids, joined by commas");
    backInput->add_option("--ids-file", backOptions->idsFile, "a file with a JSON array of ids, - for standard input")
        ->check(notEmpty());
    backInput->require_option(1);
    backOptions->common.addTo(*back, false);
    back->callback([backOptions] { detokenize(*backOptions); });
}

} // namespace headkv
