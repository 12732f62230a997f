// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/SpeedBenchmark.h"

#include "core/base/Error.h"
#include "core/base/Memory.h"
#include "core/compression/CompressionMethod.h"
#include "core/generation/Conversation.h"
#include "core/model/Model.h"
#include "core/text/Tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace headkv {

namespace {

template <typename T>
T median(std::vector<T> values)
{
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// At least `tokens` ids of the text, which is repeated as often as that takes; prompts are its beginnings.
std::vector<TokenId> idsOf(const Model &model, const std::string &text, std::size_t tokens)
{
    std::vector<TokenId> ids;
    if (model.hasTokenizer())
        ids = model.tokenizer().encode(text);
    else // any ids cost the same
        for (TokenId id = 0; id < std::min(model.info().vocabularySize, 1000); ++id)
            ids.push_back(id);
    if (ids.empty())
        throw Error(ErrorKind::Input, "the text to cut prompts from is empty; name another haystack");
    const std::size_t period = ids.size();
    while (ids.size() < tokens)
        ids.push_back(ids[ids.size() - period]);
    return ids;
}

/// What a run was after its first `tokens` tokens.
SpeedRow rowAfter(const Generation &run, int tokens)
{
    const RunMetrics &metrics = run.metrics;
    SpeedRow row;
    row.promptTokens = static_cast<int>(run.promptIds.size());
    row.newTokens = tokens;
    const auto lists = static_cast<double>(run.budgets.capacities.size());
    row.keptTokens =
        std::accumulate(metrics.entriesByLayer.begin(), metrics.entriesByLayer.end(), 0.0) / std::max(lists, 1.0);
    const double prefill = metrics.prefillSeconds + metrics.compressSeconds;
    row.prefillTokensPerSecond = static_cast<double>(run.promptIds.size()) / prefill;
    row.compressShare = metrics.compressSeconds / prefill;
    const auto first = metrics.perTokenMilliseconds.begin() + 1;
    const double decode = std::accumulate(first, first + tokens - 1, 0.0) / 1000;
    row.decodeTokensPerSecond = tokens > 1 ? (tokens - 1) / decode : 0;
    row.totalSeconds = metrics.firstTokenSeconds + decode;
    const auto samples = std::ssize(metrics.memory) - (std::ssize(metrics.perTokenMilliseconds) - tokens);
    for (std::ptrdiff_t i = 0; i < samples; ++i)
        row.kvBytesPeak = std::max(row.kvBytesPeak, metrics.memory[static_cast<std::size_t>(i)].kvBytes);
    row.rssPeakBytes = metrics.rssPeakBytes;
    row.devicePeakBytes = metrics.devicePeakBytes;
    return row;
}

SpeedRow medianOf(const std::vector<SpeedRow> &rows)
{
    const auto of = [&rows](auto SpeedRow::*figure) {
        std::vector<std::remove_cvref_t<decltype(rows.front().*figure)>> values;
        values.reserve(rows.size());
        for (const SpeedRow &row : rows)
            values.push_back(row.*figure);
        return median(std::move(values));
    };
    SpeedRow row = rows.front();
    row.prefillTokensPerSecond = of(&SpeedRow::prefillTokensPerSecond);
    row.compressShare = of(&SpeedRow::compressShare);
    row.decodeTokensPerSecond = of(&SpeedRow::decodeTokensPerSecond);
    row.totalSeconds = of(&SpeedRow::totalSeconds);
    row.kvBytesPeak = of(&SpeedRow::kvBytesPeak);
    row.rssPeakBytes = of(&SpeedRow::rssPeakBytes);
    row.devicePeakBytes = of(&SpeedRow::devicePeakBytes);
    return row;
}

void check(const SpeedBenchmarkSettings &settings, const ModelInfo &info)
{
    const int prompt = *std::ranges::max_element(settings.promptLengths);
    if (prompt > info.contextLength)
        throw Error(ErrorKind::Usage, "a prompt of " + std::to_string(prompt) +
                                          " tokens does not fit into the model's context of " +
                                          std::to_string(info.contextLength) + "; ask for fewer");
}

} // namespace

nlohmann::ordered_json describe(const SpeedRow &row)
{
    using Json = nlohmann::ordered_json;
    return {{"method", row.method},
            {"budget", row.budget > 0 ? Json(row.budget) : Json()},
            {"granularity", toString(row.granularity)},
            {"prompt_tokens", row.promptTokens},
            {"new_tokens", row.newTokens},
            {"prefill_tokens_per_s", row.prefillTokensPerSecond},
            {"compress_share", row.compressShare},
            {"decode_tokens_per_s", row.decodeTokensPerSecond},
            {"total_s", row.totalSeconds},
            {"kept_tokens", row.keptTokens},
            {"kv_bytes_peak", row.kvBytesPeak},
            {"rss_peak_bytes", row.rssPeakBytes},
            {"device_peak_bytes", row.devicePeakBytes}};
}

std::vector<SpeedRow> runSpeedBenchmark(const std::shared_ptr<const Model> &model,
                                        const SpeedBenchmarkSettings &settings, const JobControl &control)
{
    check(settings, model->info());
    const int longest = *std::ranges::max_element(settings.newTokens);
    const std::vector<TokenId> text =
        idsOf(*model, settings.text, static_cast<std::size_t>(*std::ranges::max_element(settings.promptLengths)));
    const std::size_t cells = settings.promptLengths.size() * settings.methods.size();
    const std::size_t runs = cells * static_cast<std::size_t>(settings.repeats);
    std::vector<std::vector<SpeedRow>> measured(cells * settings.newTokens.size());
    std::size_t done = 0;
    const JobControl quiet{control.cancellation, {}};
    for (int repeat = 0; repeat < settings.repeats; ++repeat) {
        std::size_t row = 0;
        for (const int length : settings.promptLengths) {
            const std::vector<TokenId> ids(text.begin(), text.begin() + length);
            for (const CompressionSettings &method : settings.methods) {
                resetPeakResidentBytes();
                const Generation run =
                    generate(model, ids, {.maxNewTokens = longest, .ignoreEndOfSequence = true, .pastContext = true},
                             method, quiet);
                control.cancellation.throwIfCancelled();
                for (const int tokens : settings.newTokens) {
                    SpeedRow result = rowAfter(run, tokens);
                    result.method = method.method;
                    result.budget = compressionMethod(method.method).hasBudget ? method.budget : 0;
                    result.granularity = granularityOf(method);
                    measured[row++].push_back(result);
                }
                control.report({"Measure", static_cast<double>(++done), static_cast<double>(runs), "runs"});
            }
        }
    }
    std::vector<SpeedRow> rows;
    rows.reserve(measured.size());
    for (const std::vector<SpeedRow> &repeats : measured)
        rows.push_back(medianOf(repeats));
    return rows;
}

} // namespace headkv
