// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "core/base/Installation.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

struct Options
{
    CommonOptions common;
    std::string model;
};

nlohmann::ordered_json describe(const ModelInfo &info)
{
    return {{"name", info.name},
            {"architecture", info.architecture},
            {"layers", info.layers},
            {"query_heads", info.queryHeads},
            {"kv_heads", info.kvHeads},
            {"head_dim", info.headDim},
            {"context_length", info.contextLength},
            {"vocab_size", info.vocabularySize},
            {"parameters", info.parameters},
            {"file_bytes", info.fileBytes},
            {"weight_bytes", info.weightBytes},
            {"device", info.device},
            {"dtype", info.dtype},
            {"weights", info.weights},
            {"cache_dtype", toString(info.cacheType)},
            {"kv_bytes_per_token", info.kvBytesPerToken},
            {"sha256", info.sha256},
            {"chat_template", info.chatTemplate},
            {"chat_format", info.chatFormat.name}};
}

void run(const Options &options)
{
    const auto model =
        Model::load(resolveModelPath(options.model), options.common.modelOptions(), options.common.control());
    const nlohmann::ordered_json document = describe(model->info());
    if (options.common.json) {
        printJson(document);
        return;
    }
    for (const auto &[key, value] : document.items()) {
        if (key == "chat_template")
            continue; // pages of Jinja; --json has it
        std::cout << key << std::string(20 - std::min<std::size_t>(key.size(), 19), ' ')
                  << (value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
    }
}

} // namespace

void addInfoCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand("info", "What a model is: shape, size, cache bytes a token, checksum");
    const auto options = std::make_shared<Options>();
    addModelArgument(*command, options->model);
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
