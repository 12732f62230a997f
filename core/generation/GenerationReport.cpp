// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/GenerationReport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/compression/BudgetReport.h"
#include "core/compression/CompressionMethod.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace headkv {

using Json = nlohmann::ordered_json;

namespace {

Json describeSettings(const GenerationReport &report)
{
    Json settings = describe(report.compression, report.generation.window);
    settings["scores"] = report.scores.empty() ? Json() : Json(report.scores);
    settings.update({{"max_new_tokens", report.settings.maxNewTokens},
                     {"temperature", report.settings.sampling.temperature},
                     {"top_p", report.settings.sampling.topP},
                     {"seed", report.settings.sampling.seed},
                     {"ignore_eos", report.settings.ignoreEndOfSequence},
                     {"device", report.device},
                     {"dtype", report.dtype},
                     {"weights", report.weights},
                     {"cache_dtype", toString(report.cacheType)}});
    return settings;
}

Json describeTimings(const RunMetrics &metrics, double loadSeconds)
{
    return {{"load_s", loadSeconds},
            {"prefill_s", metrics.prefillSeconds},
            {"compress_s", metrics.compressSeconds},
            {"first_token_s", metrics.firstTokenSeconds},
            {"decode_s", metrics.decodeSeconds},
            {"decode_tokens_per_s", metrics.decodeTokensPerSecond()},
            {"token_ms_p50", metrics.latencyPercentile(0.5)},
            {"token_ms_p95", metrics.latencyPercentile(0.95)},
            {"per_token_ms", metrics.perTokenMilliseconds}};
}

/// In columns, as they are plotted.
Json describeSamples(const std::vector<MemorySample> &samples)
{
    Json seconds = Json::array(), kv = Json::array(), resident = Json::array(), device = Json::array();
    for (const MemorySample &sample : samples) {
        seconds.push_back(sample.seconds);
        kv.push_back(sample.kvBytes);
        resident.push_back(sample.residentBytes);
        device.push_back(sample.deviceBytes);
    }
    return {{"seconds", seconds}, {"kv_bytes", kv}, {"rss_bytes", resident}, {"device_bytes", device}};
}

Json describeMemory(const RunMetrics &metrics, std::uint64_t weightBytes)
{
    return {{"weight_bytes", weightBytes},
            {"full_kv_bytes", metrics.fullKvBytes},
            {"full_kv_bytes_after_prefill", metrics.fullKvBytesAfterPrefill},
            {"kv_bytes_after_prefill", metrics.kvBytesAfterPrefill},
            {"kv_bytes_peak", metrics.kvBytesPeak},
            {"kv_bytes_end", metrics.kvBytesEnd},
            {"kv_allocated_bytes_after_prefill", metrics.kvAllocatedAfterPrefill},
            {"kv_allocated_bytes_peak", metrics.kvAllocatedPeak},
            {"kv_allocated_bytes_end", metrics.kvAllocatedEnd},
            {"rss_bytes_after_prefill", metrics.rssAfterPrefill},
            {"rss_peak_bytes", metrics.rssPeakBytes},
            {"device_peak_bytes", metrics.devicePeakBytes},
            {"device_workspace_bytes", metrics.deviceWorkspaceBytes(weightBytes)},
            {"context_tokens", metrics.contextTokens},
            {"entries_by_layer", metrics.entriesByLayer},
            {"samples", describeSamples(metrics.memory)}};
}

/// Shares of FullKV after prefill: what the budget says, and what the cache's bytes are.
Json describeShares(const GenerationReport &report)
{
    if (report.generation.metrics.fullKvBytesAfterPrefill == 0)
        return {}; // cancelled before
    return {{"nominal_share", report.nominalShare()},
            {"real_share", report.generation.metrics.realShare()},
            {"nominal_total", report.generation.budgets.nominalTotal}};
}

Json describe(const CacheContents &contents)
{
    Json lengths = Json::array(), kept = Json::array();
    for (int layer = 0; layer < contents.layers; ++layer) {
        const auto first = std::ptrdiff_t{layer} * contents.lists;
        const auto end = first + contents.lists;
        lengths.push_back(std::vector(contents.lengths.begin() + first, contents.lengths.begin() + end));
        kept.push_back(std::vector(contents.positions.begin() + first, contents.positions.begin() + end));
    }
    return {{"granularity", toString(contents.granularity)}, {"lengths", lengths}, {"kept", kept}};
}

/// Reads values of a document; an error names the place.
class Reader
{
public:
    Reader(const Json &document, std::string place)
        : m_document(document)
        , m_place(std::move(place))
    {
        if (!document.is_object())
            fail("", "is not an object");
    }

    [[noreturn]] void fail(const std::string &key, const std::string &what) const
    {
        throw Error(ErrorKind::Input, m_place + (key.empty() ? "" : ": " + key) + " " + what +
                                          "; give a report that headkv generate or the Generate page wrote");
    }

    [[nodiscard]] bool has(const char *key) const { return m_document.contains(key) && !m_document[key].is_null(); }

    /// The value, or `missing` where there is none or null.
    template <typename T>
    [[nodiscard]] T get(const char *key, T missing) const
    {
        if (!has(key))
            return missing;
        const Json &value = m_document[key];
        bool fits = true;
        if constexpr (std::is_same_v<T, std::string>)
            fits = value.is_string();
        else if constexpr (std::is_same_v<T, bool>)
            fits = value.is_boolean();
        else if constexpr (std::is_unsigned_v<T>)
            fits = value.is_number_unsigned();
        else if constexpr (std::is_integral_v<T>)
            fits = value.is_number_integer() && value.template get<double>() >= std::numeric_limits<T>::min() &&
                   value.template get<double>() <= std::numeric_limits<T>::max();
        else
            fits = value.is_number();
        if (!fits)
            fail(key, "has another type or size than expected");
        return value.template get<T>();
    }

    template <typename T>
    [[nodiscard]] T need(const char *key) const
    {
        if (!has(key))
            fail(key, "is missing");
        return get<T>(key, T());
    }

    template <typename T>
    [[nodiscard]] std::vector<T> list(const char *key) const
    {
        if (!has(key))
            return {};
        return listOf<T>(m_document[key], key);
    }

    template <typename T>
    [[nodiscard]] std::vector<T> listOf(const Json &values, const char *key) const
    {
        if (!values.is_array())
            fail(key, "is not a list");
        std::vector<T> list;
        list.reserve(values.size());
        for (const Json &value : values) {
            const bool fits = std::is_floating_point_v<T> ? value.is_number()
                                                          : value.is_number_integer() && value.get<double>() >= 0 &&
                                                                value.get<double>() <= std::numeric_limits<T>::max();
            if (!fits)
                fail(key, "holds something else than numbers of its kind");
            list.push_back(value.get<T>());
        }
        return list;
    }

    [[nodiscard]] Reader at(const char *key) const
    {
        if (!has(key))
            fail(key, "is missing");
        return {m_document[key], m_place + ": " + key};
    }
    /// Null, where there is none.
    [[nodiscard]] const Json &operator[](const char *key) const
    {
        static const Json none;
        return has(key) ? m_document[key] : none;
    }

private:
    const Json &m_document;
    std::string m_place;
};

CompressionSettings readCompression(const std::string &method, const Reader &settings)
{
    CompressionSettings compression;
    compression.method = method;
    (void)compressionMethod(method); // refuses one that is not known
    compression.budget = settings.get("budget", compression.budget);
    if (settings.has("window"))
        compression.window = settings.need<int>("window");
    if (settings.has("beta"))
        compression.beta = settings.need<double>("beta");
    compression.kernel = settings.get("kernel", compression.kernel);
    compression.pooling = settings.get<std::string>("pooling", "max") == "avg" ? Pooling::Average : Pooling::Max;
    compression.sinks = settings.get("sinks", compression.sinks);
    compression.floorAlpha = settings.get("floor_alpha", compression.floorAlpha);
    compression.retrievalShare = settings.get("retrieval_share", compression.retrievalShare);
    compression.redistribute = settings.get("redistribute", compression.redistribute);
    const auto granularity = settings.get<std::string>("granularity", "");
    if (granularity == toString(Granularity::KvHead))
        compression.granularity = Granularity::KvHead;
    else if (granularity == toString(Granularity::QueryHead))
        compression.granularity = Granularity::QueryHead;
    return compression;
}

GenerationSettings readSettings(const Reader &settings)
{
    GenerationSettings read;
    read.maxNewTokens = settings.get("max_new_tokens", read.maxNewTokens);
    read.sampling.temperature = settings.get("temperature", read.sampling.temperature);
    read.sampling.topP = settings.get("top_p", read.sampling.topP);
    read.sampling.seed = settings.get("seed", read.sampling.seed);
    read.ignoreEndOfSequence = settings.get("ignore_eos", read.ignoreEndOfSequence);
    return read;
}

void readTimings(const Reader &timings, RunMetrics &metrics)
{
    metrics.prefillSeconds = timings.need<double>("prefill_s");
    metrics.compressSeconds = timings.need<double>("compress_s");
    metrics.firstTokenSeconds = timings.need<double>("first_token_s");
    metrics.decodeSeconds = timings.need<double>("decode_s");
    metrics.perTokenMilliseconds = timings.list<double>("per_token_ms");
}

std::vector<MemorySample> readSamples(const Reader &samples)
{
    const auto seconds = samples.list<double>("seconds");
    const auto kv = samples.list<std::uint64_t>("kv_bytes");
    const auto resident = samples.list<std::uint64_t>("rss_bytes");
    const auto device = samples.list<std::uint64_t>("device_bytes");
    if (kv.size() != seconds.size() || resident.size() != seconds.size() || device.size() != seconds.size())
        samples.fail("", "has columns of different lengths");
    std::vector<MemorySample> read;
    for (std::size_t i = 0; i < seconds.size(); ++i)
        read.push_back({seconds[i], kv[i], resident[i], device[i]});
    return read;
}

void readMemory(const Reader &memory, RunMetrics &metrics)
{
    const auto bytes = [&memory](const char *key) { return memory.get(key, std::uint64_t{0}); };
    metrics.fullKvBytes = bytes("full_kv_bytes");
    metrics.fullKvBytesAfterPrefill = bytes("full_kv_bytes_after_prefill");
    metrics.kvBytesAfterPrefill = bytes("kv_bytes_after_prefill");
    metrics.kvBytesPeak = bytes("kv_bytes_peak");
    metrics.kvBytesEnd = bytes("kv_bytes_end");
    metrics.kvAllocatedAfterPrefill = bytes("kv_allocated_bytes_after_prefill");
    metrics.kvAllocatedPeak = bytes("kv_allocated_bytes_peak");
    metrics.kvAllocatedEnd = bytes("kv_allocated_bytes_end");
    metrics.rssAfterPrefill = bytes("rss_bytes_after_prefill");
    metrics.rssPeakBytes = bytes("rss_peak_bytes");
    metrics.devicePeakBytes = bytes("device_peak_bytes");
    metrics.contextTokens = bytes("context_tokens");
    metrics.entriesByLayer = memory.list<std::int64_t>("entries_by_layer");
    if (memory.has("samples"))
        metrics.memory = readSamples(memory.at("samples"));
}

/// Positions must lie in the prompt, so that whoever shows them can index by them.
CacheContents readContents(const Reader &cache, std::size_t tokens)
{
    CacheContents contents;
    contents.granularity = cache.need<std::string>("granularity") == toString(Granularity::KvHead)
                               ? Granularity::KvHead
                               : Granularity::QueryHead;
    const Json &kept = cache["kept"];
    const Json &lengths = cache["lengths"];
    if (!kept.is_array() || !lengths.is_array() || kept.size() != lengths.size())
        cache.fail("kept, lengths", "are not lists of layers");
    contents.layers = static_cast<int>(kept.size());
    for (std::size_t layer = 0; layer < kept.size(); ++layer) {
        const auto row = cache.listOf<std::int64_t>(lengths[layer], "lengths");
        contents.lists = layer == 0 ? static_cast<int>(row.size()) : contents.lists;
        if (!kept[layer].is_array() || kept[layer].size() != row.size() ||
            row.size() != static_cast<std::size_t>(contents.lists))
            cache.fail("kept, lengths", "differ in their numbers of heads");
        contents.lengths.insert(contents.lengths.end(), row.begin(), row.end());
        for (const Json &list : kept[layer]) {
            contents.positions.push_back(cache.listOf<std::int32_t>(list, "kept"));
            if (std::ranges::any_of(contents.positions.back(), [tokens](std::int32_t position) {
                    return static_cast<std::size_t>(position) >= tokens;
                }))
                cache.fail("kept", "has positions beyond the prompt");
        }
    }
    return contents;
}

} // namespace

void GenerationReport::takeModel(const ModelInfo &info)
{
    model = info.name;
    shape = {info.layers, info.queryHeads, info.kvHeads};
    device = info.device;
    dtype = info.dtype;
    weights = info.weights;
    cacheType = info.cacheType;
    weightBytes = info.weightBytes;
}

double GenerationReport::nominalShare() const
{
    const std::size_t tokens = generation.promptIds.size();
    if (tokens == 0 || !compressionMethod(compression.method).hasBudget)
        return 1;
    return std::min(1.0, static_cast<double>(compression.budget) / static_cast<double>(tokens));
}

Json describe(const GenerationReport &report)
{
    const Generation &generation = report.generation;
    Json document{{"method", report.compression.method},
                  {"model",
                   {{"name", report.model},
                    {"layers", report.shape.layers},
                    {"query_heads", report.shape.queryHeads},
                    {"kv_heads", report.shape.kvHeads}}},
                  {"settings", describeSettings(report)},
                  {"prompt_tokens", generation.promptIds.size()},
                  {"prompt_ids", generation.promptIds},
                  {"emitted_ids", generation.emittedIds},
                  {"text", generation.text},
                  {"stop_reason", toString(generation.stopReason)},
                  {"timings", describeTimings(generation.metrics, report.loadSeconds)},
                  {"memory", describeMemory(generation.metrics, report.weightBytes)},
                  {"compression", describeShares(report)}};
    if (!generation.historyIds.empty())
        document["history_ids"] = generation.historyIds;
    if (report.agreement)
        document["agreement"] = {{"tokens", report.agreement->tokens},
                                 {"same_next_token", report.agreement->sameNextToken},
                                 {"mean_kl", report.agreement->meanKl}};
    if (!generation.contents.lengths.empty())
        document["cache"] = describe(generation.contents);
    return document;
}

void writeGenerationReport(const std::filesystem::path &path, const GenerationReport &report)
{
    // A model may say anything; the file is UTF-8.
    writeFileAtomically(path, describe(report).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

GenerationReport readGenerationReport(const std::filesystem::path &path)
{
    return generationReportFrom(Json::parse(readTextFile(path), nullptr, false), path.string());
}

GenerationReport generationReportFrom(const Json &document, const std::string &source)
{
    const Reader reader(document, source);
    GenerationReport report;
    const Reader settings = reader.at("settings");
    report.compression = readCompression(reader.need<std::string>("method"), settings);
    report.settings = readSettings(settings);
    report.scores = settings.get<std::string>("scores", "");
    report.device = settings.get<std::string>("device", "cpu");
    report.dtype = settings.get<std::string>("dtype", "");
    report.weights = settings.get<std::string>("weights", "");
    for (const ElementType type : {ElementType::Float32, ElementType::Float16}) {
        if (settings.get<std::string>("cache_dtype", "") == toString(type))
            report.cacheType = type;
    }
    if (reader.has("model")) {
        const Reader model = reader.at("model");
        report.model = model.get<std::string>("name", "");
        report.shape = {model.get("layers", 0), model.get("query_heads", 0), model.get("kv_heads", 0)};
    }
    Generation &generation = report.generation;
    generation.historyIds = reader.list<TokenId>("history_ids");
    generation.promptIds = reader.list<TokenId>("prompt_ids");
    generation.emittedIds = reader.list<TokenId>("emitted_ids");
    if (generation.promptIds.empty())
        reader.fail("prompt_ids", "is missing or empty");
    generation.text = reader.need<std::string>("text");
    generation.stopReason = stopReasonFrom(reader.need<std::string>("stop_reason"));
    generation.window = report.compression.window.value_or(0);
    const Reader memory = reader.at("memory");
    report.weightBytes = memory.get("weight_bytes", std::uint64_t{0});
    report.loadSeconds = reader.at("timings").get("load_s", 0.0);
    readTimings(reader.at("timings"), generation.metrics);
    readMemory(memory, generation.metrics);
    if (reader.has("compression"))
        generation.budgets.nominalTotal = reader.at("compression").get("nominal_total", std::int64_t{0});
    if (reader.has("agreement")) {
        const Reader agreement = reader.at("agreement");
        report.agreement = Agreement{agreement.need<std::uint64_t>("tokens"), agreement.need<double>("same_next_token"),
                                     agreement.need<double>("mean_kl")};
    }
    if (reader.has("cache"))
        generation.contents =
            readContents(reader.at("cache"), generation.historyIds.size() + generation.promptIds.size());
    return report;
}

bool isGenerationReport(const std::filesystem::path &path)
{
    // Head scores have keys of two numbers only, so the first letters tell.
    std::ifstream file(path, std::ios::binary);
    std::string head(4096, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    return head.find("\"method\"") != std::string::npos || head.find("\"prompt_ids\"") != std::string::npos;
}

} // namespace headkv
