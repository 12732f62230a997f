// SPDX-License-Identifier: GPL-3.0-or-later
// Against goldens/compression: an independent computation in numpy.
#include "core/compression/CompressedCache.h"
#include "core/attention/AttentionObserver.h"
#include "core/base/Error.h"
#include "core/cache/DenseCache.h"
#include "core/generation/Conversation.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"

#include <QCoreApplication>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

const std::string goldens = HEADKV_GOLDENS "/compression/";
/// Float32 against the reference's float64, over 3 layers and 64 steps; seen: below 2e-5.
constexpr double logTolerance = 1e-4;

CompressionSettings settingsOf(const nlohmann::json &reference, const std::string &model, const nlohmann::json &item)
{
    CompressionSettings settings;
    settings.method = item["method"];
    settings.granularity = item["granularity"] == "kv-head" ? Granularity::KvHead : Granularity::QueryHead;
    settings.budget = reference["settings"]["budget"];
    settings.window = reference["settings"]["window"].get<int>();
    settings.importance = reference["models"][model]["importance"].get<std::vector<double>>();
    return settings;
}

std::unique_ptr<CompressedCache> makeCache(const Model &model, const CompressionSettings &settings)
{
    const ModelInfo &info = model.info();
    auto cache = std::make_unique<CompressedCache>(model, granularityOf(settings));
    cache->setMethod(makeCompressionMethod({info.layers, info.queryHeads, info.kvHeads}, settings));
    return cache;
}

double logProbability(std::span<const float> logits, TokenId id)
{
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit));
    return logits[static_cast<std::size_t>(id)] - std::log(sum);
}

/// [layers][lists][positions], as the reference writes them.
nlohmann::json positionsOf(const CacheContents &contents)
{
    nlohmann::json layers = nlohmann::json::array();
    for (int layer = 0; layer < contents.layers; ++layer) {
        const auto first = contents.positions.begin() + layer * contents.lists;
        layers.push_back(std::vector(first, first + contents.lists));
    }
    return layers;
}

class Rows : public AttentionObserver
{
public:
    void observe(int, std::span<const float> probabilities, std::size_t keys) override
    {
        rows.emplace_back(probabilities.begin(), probabilities.end());
        length = keys;
    }
    std::vector<std::vector<float>> rows; ///< by layer
    std::size_t length = 0;
};

} // namespace

/// All of it on the CPU, and by what accelerators run, on the CPU too.
class CompressedCacheTest : public QObject
{
    Q_OBJECT

public:
    explicit CompressedCacheTest(std::string device)
        : m_device(std::move(device))
    {}

private Q_SLOTS:
    void initTestCase();
    void matchesNumpy_data();
    void matchesNumpy();
    void wholeBudgetIsFullKv_data();
    void wholeBudgetIsFullKv();
    void countsBytesExactly_data();
    void countsBytesExactly();
    void peakIsWhatIsKeptAndOneLayer();
    void shortPrompts_data();
    void shortPrompts();
    void observesRowsByPosition();
    void cancelledPrefillChangesNothing();
    void growsWithoutChangingWhatIsThere();
    void laterTurnsAreCompressedToo();
    void windowsOfTheModel();

private:
    [[nodiscard]] std::shared_ptr<const Model> model(const std::string &name) const
    {
        return Model::load(goldens + name, {.device = m_device, .dtype = DType::Float32});
    }

    std::string m_device;

    nlohmann::json m_reference;
    std::vector<TokenId> m_prompt, m_fed, m_turn;
};

void CompressedCacheTest::initTestCase()
{
    m_reference = nlohmann::json::parse(std::ifstream(goldens + "compression.json"));
    m_prompt = m_reference["prompt"].get<std::vector<TokenId>>();
    m_fed = m_reference["fed"].get<std::vector<TokenId>>();
    m_turn = m_reference["turn"].get<std::vector<TokenId>>();
}

void CompressedCacheTest::matchesNumpy_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("index");
    for (const auto &[name, entry] : m_reference["models"].items()) {
        for (std::size_t i = 0; i < entry["cases"].size(); ++i) {
            const nlohmann::json &item = entry["cases"][i];
            QTest::addRow("%s, %s, %s", name.c_str(), item["method"].get<std::string>().c_str(),
                          item["granularity"].get<std::string>().c_str())
                << QString::fromStdString(name) << static_cast<int>(i);
        }
    }
}

/// What is kept, what decoding over it gives for 64 steps, and what is kept after a second turn.
void CompressedCacheTest::matchesNumpy()
{
    QFETCH(QString, name);
    QFETCH(int, index);
    const nlohmann::json &item = m_reference["models"][name.toStdString()]["cases"][static_cast<std::size_t>(index)];
    Transformer transformer(model(name.toStdString()));
    const auto cache = makeCache(transformer.model(), settingsOf(m_reference, name.toStdString(), item));
    std::vector<double> logprobs{logProbability(transformer.prefillAndPredict(m_prompt, *cache), m_fed.front())};
    const CacheContents contents = cache->contents();
    QVERIFY(positionsOf(contents) == item["kept"]);
    QCOMPARE(contents.lengths, [&] {
        std::vector<std::int64_t> lengths;
        for (const nlohmann::json &layer : item["lengths"])
            lengths.insert(lengths.end(), layer.begin(), layer.end());
        return lengths;
    }());
    for (std::size_t step = 0; step < m_fed.size(); ++step)
        logprobs.push_back(logProbability(transformer.decode(m_fed[step], *cache), m_fed[(step + 1) % m_fed.size()]));
    double largest = 0;
    QCOMPARE(logprobs.size(), item["logprobs"].size());
    for (std::size_t i = 0; i < logprobs.size(); ++i)
        largest = std::max(largest, std::abs(logprobs[i] - item["logprobs"][i].get<double>()));
    QVERIFY2(largest < logTolerance, qPrintable(QString::number(largest)));
    transformer.prefill(m_turn, *cache);
    QCOMPARE(cache->length(), m_prompt.size() + m_fed.size() + m_turn.size());
    QVERIFY(positionsOf(cache->contents()) == item["second_turn"]);
}

void CompressedCacheTest::wholeBudgetIsFullKv_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<bool>("byKvHead");
    for (const MethodInfo &method : compressionMethods()) {
        for (const bool byKvHead : {false, true})
            QTest::addRow("%s, %s", method.id.data(), byKvHead ? "kv-head" : "query-head")
                << QString::fromStdString(std::string(method.id)) << byKvHead;
    }
}

/// A budget of all tokens, of equal heads where the method shares it out: the logits of a cache that keeps everything.
void CompressedCacheTest::wholeBudgetIsFullKv()
{
    QFETCH(QString, method);
    QFETCH(bool, byKvHead);
    Transformer transformer(model("g3"));
    CompressionSettings settings;
    settings.method = method.toStdString();
    settings.granularity = byKvHead ? Granularity::KvHead : Granularity::QueryHead;
    settings.budget = static_cast<int>(m_prompt.size());
    settings.window = 8;
    settings.importance.assign(18, 1);
    const auto cache = makeCache(transformer.model(), settings);
    DenseCache whole = transformer.makeCache();
    const auto compare = [&](std::span<const float> logits, std::vector<float> expected) {
        double largest = 0;
        for (std::size_t i = 0; i < logits.size(); ++i)
            largest = std::max<double>(largest, std::abs(logits[i] - expected[i]));
        QVERIFY2(largest < 1e-4, qPrintable(QString::number(largest)));
    };
    const auto copy = [](std::span<const float> logits) { return std::vector<float>(logits.begin(), logits.end()); };
    std::vector<float> expected = copy(transformer.prefillAndPredict(m_prompt, whole));
    compare(transformer.prefillAndPredict(m_prompt, *cache), expected);
    for (std::size_t step = 0; step < 8; ++step) {
        expected = copy(transformer.decode(m_fed[step], whole));
        compare(transformer.decode(m_fed[step], *cache), expected);
    }
}

void CompressedCacheTest::countsBytesExactly_data() { wholeBudgetIsFullKv_data(); }

void CompressedCacheTest::countsBytesExactly()
{
    QFETCH(QString, method);
    QFETCH(bool, byKvHead);
    for (const DType dtype : {DType::Float32, DType::BFloat16}) {
        const auto loaded = Model::load(goldens + "g3", {.device = m_device, .dtype = dtype});
        const std::uint64_t element = dtype == DType::Float32 ? 4 : 2;
        Transformer transformer(loaded);
        CompressionSettings settings =
            settingsOf(m_reference, "g3",
                       {{"method", method.toStdString()}, {"granularity", byKvHead ? "kv-head" : "query-head"}});
        const auto cache = makeCache(*loaded, settings);
        transformer.prefill(m_prompt, *cache);
        const auto expected = [&] {
            std::uint64_t entries = 0;
            for (const std::int64_t length : cache->contents().lengths)
                entries += static_cast<std::uint64_t>(length);
            return entries * 2 * 8 * element;
        };
        QCOMPARE(cache->bytes().used, expected());
        QVERIFY(cache->bytes().allocated >= cache->bytes().used);
        if (compressionMethod(settings.method).id != "ada-snapkv")
            QCOMPARE(cache->bytes().used, static_cast<std::uint64_t>(cache->budgets().totalEntries(
                                              static_cast<std::int64_t>(m_prompt.size()))) *
                                              2 * 8 * element);
        for (int step = 0; step < 70; ++step)
            QVERIFY(!transformer.decode(m_fed[0], *cache).empty());
        QCOMPARE(cache->bytes().used, expected());
        QCOMPARE(loaded->info().kvBytesPerToken, 3 * 2 * 2 * 8 * element); // layers, KV heads, keys and values, D
    }
}

void CompressedCacheTest::peakIsWhatIsKeptAndOneLayer()
{
    Transformer transformer(model("g3"));
    const auto cache = makeCache(transformer.model(),
                                 settingsOf(m_reference, "g3", {{"method", "snapkv"}, {"granularity", "kv-head"}}));
    transformer.prefill(m_prompt, *cache);
    const std::uint64_t layer = m_prompt.size() * 2 * 2 * 8 * 4; // two KV heads, keys and values
    QCOMPARE(cache->peakBytes().used, cache->bytes().used + layer);
    QCOMPARE(cache->bytes().used, std::uint64_t(3 * 2 * 24 * 2 * 8 * 4));
}

void CompressedCacheTest::shortPrompts_data() { wholeBudgetIsFullKv_data(); }

/// Of one token, below the window, of the window, below the budget: all is kept.
void CompressedCacheTest::shortPrompts()
{
    QFETCH(QString, method);
    QFETCH(bool, byKvHead);
    Transformer transformer(model("g8"));
    for (const std::size_t tokens : {1, 5, 8, 9, 24}) {
        CompressionSettings settings =
            settingsOf(m_reference, "g8",
                       {{"method", method.toStdString()}, {"granularity", byKvHead ? "kv-head" : "query-head"}});
        settings.importance.assign(24, 1);
        const auto cache = makeCache(transformer.model(), settings);
        QVERIFY(!transformer.prefillAndPredict(std::span(m_prompt).first(tokens), *cache).empty());
        if (method == "pyramidkv" && tokens == 24)
            continue; // its last layers keep less than the budget
        for (const std::int64_t length : cache->contents().lengths)
            QCOMPARE(length, static_cast<std::int64_t>(tokens));
    }
}

void CompressedCacheTest::observesRowsByPosition()
{
    Transformer transformer(model("g4"));
    for (const char *granularity : {"query-head", "kv-head"}) {
        const auto cache = makeCache(
            transformer.model(), settingsOf(m_reference, "g4", {{"method", "snapkv"}, {"granularity", granularity}}));
        transformer.prefill(m_prompt, *cache);
        const CacheContents contents = cache->contents();
        Rows seen;
        QVERIFY(!transformer.decode(m_fed[0], *cache, &seen).empty());
        QCOMPARE(seen.rows.size(), std::size_t(3));
        QCOMPARE(seen.length, m_prompt.size() + 1);
        const std::size_t heads = 4;
        for (std::size_t layer = 0; layer < 3; ++layer) {
            for (std::size_t head = 0; head < heads; ++head) {
                const auto row = std::span(seen.rows[layer]).subspan(head * seen.length, seen.length);
                const std::size_t list = head * static_cast<std::size_t>(contents.lists) / heads;
                const auto &kept = contents.positions[layer * static_cast<std::size_t>(contents.lists) + list];
                double sum = 0;
                for (std::size_t key = 0; key < row.size(); ++key) {
                    const bool held = key == m_prompt.size() || std::ranges::binary_search(kept, std::int32_t(key));
                    QCOMPARE(row[key] > 0, held);
                    sum += row[key];
                }
                QVERIFY(std::abs(sum - 1) < 1e-5);
            }
        }
    }
}

void CompressedCacheTest::cancelledPrefillChangesNothing()
{
    Transformer transformer(model("g3"));
    const auto cache = makeCache(transformer.model(),
                                 settingsOf(m_reference, "g3", {{"method", "snapkv"}, {"granularity", "query-head"}}));
    transformer.prefill(m_prompt, *cache);
    const CacheContents before = cache->contents();
    JobControl control;
    control.progress = [&](const Progress &) { control.cancellation.cancel(); }; // after the first layer
    QVERIFY_EXCEPTION_THROWN(transformer.prefill(m_turn, *cache, control), Error);
    QCOMPARE(cache->contents().positions, before.positions);
    QCOMPARE(cache->length(), m_prompt.size());
    QCOMPARE(cache->contents().lengths, before.lengths);
    const auto other = makeCache(transformer.model(),
                                 settingsOf(m_reference, "g3", {{"method", "snapkv"}, {"granularity", "query-head"}}));
    transformer.prefill(m_prompt, *other);
    const auto expected = transformer.decode(m_fed[0], *other);
    const std::vector<float> logits(expected.begin(), expected.end());
    const auto again = transformer.decode(m_fed[0], *cache);
    QCOMPARE(std::vector<float>(again.begin(), again.end()), logits);
}

/// Room for one token and for many: the same logits, however often the lists move.
void CompressedCacheTest::growsWithoutChangingWhatIsThere()
{
    Transformer transformer(model("g3"));
    std::vector<std::vector<float>> last;
    for (const std::int64_t room : {1, 200}) {
        const auto cache = makeCache(
            transformer.model(), settingsOf(m_reference, "g3", {{"method", "headkv"}, {"granularity", "query-head"}}));
        cache->reserve(room);
        transformer.prefill(m_prompt, *cache);
        for (int step = 0; step < 140; ++step) {
            const auto logits = transformer.decode(m_fed[static_cast<std::size_t>(step) % m_fed.size()], *cache);
            if (step == 139)
                last.emplace_back(logits.begin(), logits.end());
        }
    }
    QCOMPARE(last[0], last[1]);
}

/// The reference code compresses the first turn only. Each turn ends with what the budget allows here.
void CompressedCacheTest::laterTurnsAreCompressedToo()
{
    CompressionSettings settings = settingsOf(m_reference, "g3", {{"method", "snapkv"}, {"granularity", "kv-head"}});
    Conversation conversation(model("g3"), settings);
    for (int turn = 0; turn < 3; ++turn) {
        const Generation generation = conversation.say(
            turn == 0 ? m_prompt : m_turn, {.maxNewTokens = 4, .ignoreEndOfSequence = true, .reportContents = true});
        QCOMPARE(generation.emittedIds.size(), std::size_t(4));
        for (const std::int64_t length : generation.contents.lengths)
            QCOMPARE(length, std::int64_t(24));
        for (const auto &positions : generation.contents.positions) // the turn's end is there
            QCOMPARE(positions.back(), static_cast<std::int32_t>(conversation.cache().length()) - 4);
    }
    QCOMPARE(conversation.cache().length(), m_prompt.size() + 2 * m_turn.size() + 3 * 4 - 1);
}

/// A model whose layers see a window of 12 keys: dropping what lies before it changes nothing.
void CompressedCacheTest::windowsOfTheModel()
{
    for (const char *name : {"mistral", "gemma2"}) {
        const std::string path = std::string(HEADKV_GOLDENS "/families/") + name;
        Transformer transformer(Model::load(path, {.device = m_device, .dtype = DType::Float32}));
        CompressionSettings settings;
        settings.method = "full";
        const auto cache = makeCache(transformer.model(), settings);
        DenseCache whole = transformer.makeCache();
        transformer.prefill(m_turn, *cache);
        transformer.prefill(m_turn, whole);
        transformer.prefill(m_turn, *cache); // over what the cache holds
        transformer.prefill(m_turn, whole);
        for (const TokenId id : m_turn) {
            const auto logits = transformer.decode(id, whole);
            const std::vector<float> expected(logits.begin(), logits.end());
            const auto seen = transformer.decode(id, *cache);
            double largest = 0;
            for (std::size_t i = 0; i < expected.size(); ++i)
                largest = std::max<double>(largest, std::abs(seen[i] - expected[i]));
            QVERIFY2(largest < 1e-4, qPrintable(QString::number(largest)));
        }
    }
}

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    int failed = 0;
    for (const char *device : {"cpu", "tensors"}) {
        CompressedCacheTest test(device);
        test.setObjectName(QString("CompressedCacheTest on ") + device);
        failed += QTest::qExec(&test, argc, argv);
    }
    return failed;
}

#include "CompressedCacheTest.moc"
