// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/CommonOptions.h"

#include "app/cli/Interrupt.h"
#include "app/cli/ProgressLine.h"
#include "app/cli/Ranks.h"
#include "app/cli/Validators.h"
#include "core/model/OptionNames.h"

#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

namespace headkv {

void CommonOptions::addTo(CLI::App &command, bool runsModel)
{
    // A command without arithmetic takes these too, so that a script can pass the same to all; its help leaves them
    // out.
    const std::string group = runsModel ? "Common" : "";
    command
        .add_option("--device", device,
                    "where to compute: auto, cpu, cuda, cuda:N, or cuda:0,1 for layers on several devices (auto: CUDA "
                    "where this build has it and a device is there)")
        ->capture_default_str()
        ->group(group);
    command
        .add_option(
            "--dtype", dtype,
            "what to compute in: auto, bfloat16, float32, or on CUDA float16 (auto: bfloat16 on CUDA and where the CPU "
            "multiplies it)")
        ->capture_default_str()
        ->group(group)
        ->check(CLI::IsMember({"auto", "bfloat16", "float16", "float32"}));
    command
        .add_option("--weights", weights,
                    "how linear layers are held: auto, dense or int4 (auto: in four bits where the file has them so; "
                    "int4: all, rounded; float32 means dense)")
        ->capture_default_str()
        ->group(group)
        ->check(CLI::IsMember({"auto", "dense", "int4"}));
    command
        .add_option("--threads", threads,
                    "threads of the arithmetic (default: one for each core; ranks of a machine share its cores)")
        ->group(group)
        ->transform(wholeNumber(1, 1024));
    command.add_option("--seed", seed, "seed of everything random")
        ->capture_default_str()
        ->group(group)
        ->transform(wholeNumber(0, std::numeric_limits<std::uint64_t>::max()).description(""));
    command.add_flag("--json", json, "print one JSON document and nothing else")->group("Common");
    command.add_flag("--quiet", quiet, "no progress and no notes on standard error")->group("Common");
}

bool CommonOptions::isQuiet() const { return quiet || !Ranks::isFirst(); }

ModelOptions CommonOptions::modelOptions() const
{
    if (weights == "int4" && dtype == "float32")
        throw Error(ErrorKind::Usage,
                    "--weights int4 does not go with --dtype float32, which means dense weights; leave one out");
    requireDevice(device);
    ModelOptions options;
    options.device = Ranks::device(device);
    options.dtype = dtypeNamed(dtype);
    options.weights = weightFormNamed(weights);
    options.threads = threads > 0 ? threads : Ranks::threads();
    return options;
}

JobControl CommonOptions::control() const
{
    JobControl control;
    control.cancellation = Interrupt::token();
    if (!isQuiet())
        control.progress = [line = std::make_shared<ProgressLine>()](const Progress &progress) {
            line->update(progress);
        };
    return control;
}

void addModelArgument(CLI::App &command, std::string &model)
{
    command
        .add_option("MODEL", model,
                    "a .gguf file, a Hugging Face directory, or default: the model that set-up installed")
        ->required()
        ->check(notEmpty());
}

std::string formatJson(const nlohmann::ordered_json &document)
{
    return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void printJson(const nlohmann::ordered_json &document) { std::cout << formatJson(document); }

} // namespace headkv
