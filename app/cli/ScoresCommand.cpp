// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/ScoreTable.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/probe/HeadScoreFile.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

struct Options
{
    CommonOptions common;
    std::vector<std::string> files;
    std::string other, out;
    int top = 10;
};

/// Several files are one set: their examples follow one another.
HeadScores readAll(const std::vector<std::string> &files)
{
    HeadScores scores = readHeadScores(files.front());
    for (std::size_t i = 1; i < files.size(); ++i) {
        const HeadScores more = readHeadScores(files[i]);
        requireShape(more, scores.layers, scores.heads, files[i]);
        for (std::size_t head = 0; head < scores.headCount(); ++head)
            scores.values[head].insert(scores.values[head].end(), more.values[head].begin(), more.values[head].end());
    }
    return scores;
}

void addComparison(Json &document, const HeadScores &scores, const std::string &other)
{
    const HeadScoreComparison comparison = compare(scores, readHeadScores(other));
    document["spearman"] = comparison.spearman;
    document["pearson"] = comparison.pearson;
    for (const int k : {10, 20, 50})
        document["top_k_overlap"][std::to_string(k)] = comparison.topOverlap(static_cast<std::size_t>(k));
    document["difference"] = comparison.difference;
}

void run(const Options &options)
{
    (void)options.common.modelOptions();
    if (!options.out.empty())
        requireWritable("--out", options.out);
    std::vector<NamedFile> inputs{{"--compare", options.other}};
    for (const std::string &file : options.files)
        inputs.push_back({"FILE", file});
    requireDistinct({{"--out", options.out}}, inputs);
    const HeadScores scores = readAll(options.files);
    Json document = describeScores(scores, static_cast<std::size_t>(options.top));
    if (!options.other.empty())
        addComparison(document, scores, options.other);
    if (!options.out.empty())
        writeFileAtomically(options.out, formatJson(document));
    if (options.common.json) {
        printJson(document);
        return;
    }
    printScoreTable(scores, static_cast<std::size_t>(options.top));
    if (!options.other.empty())
        std::printf("against %s: Spearman %.4f, Pearson %.4f, overlap of the top 10 / 20 / 50: %.2f / %.2f / %.2f\n",
                    options.other.c_str(), document["spearman"].get<double>(), document["pearson"].get<double>(),
                    document["top_k_overlap"]["10"].get<double>(), document["top_k_overlap"]["20"].get<double>(),
                    document["top_k_overlap"]["50"].get<double>());
}

} // namespace

void addScoresCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand(
        "scores", "What a head-score file says: strongest heads, share of zeros, share by layer, Lorenz curve");
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "head-score files of one shape; several are taken as one set")
        ->required()
        ->check(notEmpty());
    command
        ->add_option("--compare", options->other,
                     "another file: rank correlation, overlap of the strongest heads, difference of shares")
        ->check(notEmpty());
    command->add_option("--top", options->top, "how many of the strongest heads to list")
        ->capture_default_str()
        ->transform(wholeNumber(1, 1 << 20));
    command->add_option("--out", options->out, "also write the JSON document to this file")->check(notEmpty());
    options->common.addTo(*command, false);
    command->callback([options] { run(*options); });
}

} // namespace headkv
