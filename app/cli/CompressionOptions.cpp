// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/CompressionOptions.h"

#include "app/cli/Validators.h"
#include "core/base/Error.h"
#include "core/probe/HeadScoreFile.h"

#include <algorithm>
#include <limits>

namespace headkv {

namespace {

constexpr std::uint64_t mostTokens = 1 << 24;

std::string methodList()
{
    std::string list;
    for (const MethodInfo &method : compressionMethods())
        list += (list.empty() ? "" : ", ") + std::string(method.id);
    return list;
}

} // namespace

CLI::Validator windowSize()
{
    CLI::Validator number = wholeNumber(1, mostTokens);
    return {[number](std::string &text) { return text == "auto" ? std::string() : number(text); }, "auto|N", "window"};
}

void CompressionOptions::addTo(CLI::App &command, bool selectsTokens)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto add = [&](auto &&...arguments) { return command.add_option(arguments...)->group("Compression"); };
    add("--method", method, "how the cache is kept: " + methodList())->capture_default_str();
    add("--budget", budget, "tokens that a head keeps on average, window included")
        ->transform(wholeNumber(1, mostTokens));
    add("--window", window,
        "last tokens that are kept in any case and whose queries score the rest: auto or a number (published: 8)")
        ->capture_default_str()
        ->transform(windowSize());
    add("--beta", beta, "headkv, above 1: smaller leans more on the scores (default 1.2); pyramidkv: steepness (20)")
        ->check(realNumber(1, infinity));
    add("--granularity", granularity,
        "what keeps tokens of its own: query-head (as published, the default but for full) or kv-head (no key is "
        "stored twice)")
        ->check(CLI::IsMember({"query-head", "kv-head"}));
    add("--sinks", values.sinks, "streaming, razor: first tokens that are kept")
        ->capture_default_str()
        ->transform(wholeNumber(0, mostTokens));
    add("--retrieval-share", values.retrievalShare, "razor: share of the heads that keep everything")
        ->capture_default_str()
        ->check(realNumber(0, 1));
    command.add_flag("--redistribute", values.redistribute, "headkv: give what a head cannot use to the others")
        ->group("Compression");
    if (!selectsTokens)
        return;
    add("--floor-alpha", values.floorAlpha, "ada-snapkv: share of the budget that each head has for certain")
        ->capture_default_str()
        ->check(realNumber(0, 1));
    add("--kernel", values.kernel, "tokens that a score is pooled over, odd")
        ->capture_default_str()
        ->transform(wholeNumber(1, 4095));
    add("--pooling", pooling, "how: max or avg")->capture_default_str()->check(CLI::IsMember({"max", "avg"}));
}

CompressionSettings CompressionOptions::settings(bool haveScores) const
{
    const MethodInfo &info = compressionMethod(method);
    if (info.hasBudget && !budget)
        throw Error(ErrorKind::Usage, "method " + method + " needs a budget; give --budget N");
    if (info.hasScores && !haveScores)
        throw Error(ErrorKind::Usage, "method " + method +
                                          " needs the importance of heads; give a score file, as "
                                          "headkv probe writes it");
    CompressionSettings settings = values;
    settings.method = method;
    settings.budget = budget.value_or(settings.budget);
    if (window != "auto")
        settings.window = std::stoi(window);
    settings.beta = beta;
    if (!granularity.empty())
        settings.granularity = granularity == "kv-head" ? Granularity::KvHead : Granularity::QueryHead;
    settings.pooling = pooling == "avg" ? Pooling::Average : Pooling::Max;
    CompressionSettings ofOneHead = settings; // what is wrong for any model is said before one is loaded
    ofOneHead.importance = {1};
    (void)makeCompressionMethod({1, 1, 1}, ofOneHead, 1);
    return settings;
}

void CompressionOptions::takeImportance(CompressionSettings &settings, const HeadScores &scores, const HeadShape &shape,
                                        const std::string &source)
{
    settings.importance = importanceOf(scores, shape.layers, shape.queryHeads, source);
}

} // namespace headkv
