// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/ScoreTable.h"
#include "app/cli/Validators.h"
#include "core/base/AtomicFile.h"
#include "core/probe/HeadScoreFile.h"

#include <array>
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
    int top = 10, kvHeads = 0, resamples = 1000, splits = 100;
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
    for (const std::size_t k : overlapCounts)
        document["top_k_overlap"][std::to_string(k)] = comparison.topOverlap(k);
    document["difference"] = comparison.difference;
}

/// Share by KV group, [layers][groups].
Json groupShares(const HeadScores &scores, int kvHeads)
{
    const std::vector<double> shares = summarize(groupHeads(scores, kvHeads)).shares;
    Json rows = Json::array();
    for (auto row = shares.begin(); row != shares.end(); row += kvHeads)
        rows.push_back(std::vector<double>(row, row + kvHeads));
    return rows;
}

void printComparison(const Json &document, const std::string &other)
{
    std::printf("against %s: Spearman %.4f, Pearson %.4f, overlap of the top", other.c_str(),
                document["spearman"].get<double>(), document["pearson"].get<double>());
    std::string counts, values;
    for (const std::size_t k : overlapCounts) {
        std::array<char, 32> value{};
        std::snprintf(value.data(), value.size(), " %.2f", document["top_k_overlap"][std::to_string(k)].get<double>());
        counts += (counts.empty() ? " " : " / ") + std::to_string(k);
        values += (values.empty() ? "" : " /") + std::string(value.data());
    }
    std::printf("%s:%s\n", counts.c_str(), values.c_str());
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
    const CancellationToken cancellation = options.common.control().cancellation;
    HeadIntervals intervals;
    if (options.resamples > 0)
        intervals = bootstrapIntervals(scores, {options.resamples, 0.95, options.common.seed}, cancellation);
    Json document = describeScores(scores, static_cast<std::size_t>(options.top), intervals);
    RankStability stability;
    if (options.splits > 0) {
        stability = rankStability(scores, {options.splits, options.common.seed}, cancellation);
        document["split_half"] = describeStability(stability);
    }
    if (options.kvHeads > 0)
        document["group_share"] = groupShares(scores, options.kvHeads);
    if (!options.other.empty())
        addComparison(document, scores, options.other);
    if (!options.out.empty())
        writeFileAtomically(options.out, formatJson(document));
    if (options.common.json) {
        printJson(document);
        return;
    }
    printScoreTable(scores, static_cast<std::size_t>(options.top), intervals);
    if (options.splits > 0)
        printStability(stability);
    if (!options.other.empty())
        printComparison(document, options.other);
}

} // namespace

void addScoresCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand("scores", "What a head-score file says: strongest heads and their "
                                                         "intervals, stability of the ranking, shares, Lorenz curve");
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
    command->add_option("--kv-heads", options->kvHeads, "KV heads a layer: also say what share each KV group has")
        ->transform(wholeNumber(1, 1 << 16));
    command
        ->add_option("--resamples", options->resamples,
                     "of the cases, with replacement, for the 95% intervals of means and ranks; 0: none")
        ->capture_default_str()
        ->transform(wholeNumber(0, 10000));
    command
        ->add_option("--splits", options->splits,
                     "of the cases into halves, for the split-half correlation (how many cases are enough); 0: none")
        ->capture_default_str()
        ->transform(wholeNumber(0, 10000));
    command->add_option("--out", options->out, "also write the JSON document to this file")->check(notEmpty());
    options->common.addTo(*command, false);
    command->callback([options] { run(*options); });
}

} // namespace headkv
