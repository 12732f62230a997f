// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/CaseOptions.h"
#include "app/cli/ChatOptions.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/base/Installation.h"
#include "core/model/Model.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/MaskingTest.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    ChatOptions chat;
    CaseOptions cases;
    std::string model, scores, out;
    std::string counts = "1,2,5,10,20,50";
    int draws = 3;
};

Json describe(const MaskingResult &result)
{
    Json rows = Json::array();
    for (const MaskingPoint &point : result.points)
        rows.push_back({{"heads", point.heads},
                        {"top", point.top},
                        {"random_mean", point.randomMean},
                        {"random_deviation", point.randomDeviation},
                        {"random", point.random}});
    return {{"cases", result.cases}, {"baseline", result.baseline}, {"rows", rows}};
}

void print(const MaskingResult &result)
{
    std::printf("recall of %zu cases with no head masked: %.1f\n\n", result.cases, result.baseline);
    std::printf("masked   top heads   random heads   deviation\n");
    for (const MaskingPoint &point : result.points)
        std::printf("%6d   %9.1f   %12.1f   %9.1f\n", point.heads, point.top, point.randomMean, point.randomDeviation);
}

void run(const Options &options)
{
    MaskingSettings settings;
    settings.probe = options.cases.settings(ProbeKind::Retrieval);
    settings.counts = parseIntegers("--counts", options.counts);
    settings.draws = options.draws;
    settings.seed = options.common.seed;
    if (!options.out.empty())
        requireWritable("--out", options.out);
    requireDistinct(
        {{"--out", options.out}},
        {{"--scores", options.scores}, {"--needles", options.cases.needles}, {"--haystack", options.cases.haystack}});
    const HeadScores scores = readHeadScores(options.scores);
    const JobControl control = options.common.control();
    const auto model = Model::load(resolveModelPath(options.model), options.common.modelOptions(), control);
    requireShape(scores, model->info().layers, model->info().queryHeads, options.scores);
    settings.probe.chatFormat = options.chat.formatFor(*model, options.common.quiet);
    settings.probe.lengths = options.cases.lengthsFor(*model, settings.probe);

    const MaskingResult result = testMasking(model, scores, settings, control);
    control.report({"Writing the files", 0, 0, ""}); // takes the bar off the terminal
    const Json document = describe(result);
    if (!options.out.empty())
        writeFileAtomically(options.out, formatJson(document));
    if (options.common.json)
        printJson(document);
    else
        print(result);
    if (result.cancelled)
        throw Error(ErrorKind::Cancelled, "cancelled after " + std::to_string(result.points.size()) + " of " +
                                              std::to_string(settings.counts.size()) + " counts");
}

} // namespace

void addMaskCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand(
        "mask", "Tests a score set: recall with its top heads masked, and with as many random ones");
    const auto options = std::make_shared<Options>();
    options->cases.lengths = "1000"; // some twenty runs of the same cases: fewer than a probe's
    options->cases.depths = "5";
    addModelArgument(*command, options->model);
    command->add_option("--scores", options->scores, "the head-score file whose top heads are masked")
        ->required()
        ->check(notEmpty());
    command->add_option("--out", options->out, "also write the JSON document to this file")->check(notEmpty());
    command->add_option("--counts", options->counts, "how many heads are masked at once")->capture_default_str();
    command->add_option("--draws", options->draws, "how often random heads are drawn for each count")
        ->capture_default_str()
        ->transform(wholeNumber(1, 1000));
    options->cases.addTo(*command);
    options->chat.addTo(*command);
    options->common.addTo(*command, true);
    command->callback([options] { run(*options); });
}

} // namespace headkv
