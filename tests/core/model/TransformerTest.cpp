// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Transformer.h"
#include "core/attention/AttentionObserver.h"
#include "core/base/Error.h"
#include "core/cache/DenseCache.h"
#include "core/model/Model.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

/// float32 sums in another order differ by some 1e-6 here; a wrong rotary pairing or mask by whole units.
constexpr double logTolerance = 2e-4;

std::shared_ptr<const Model> loadTiny(const std::string &type, DType dtype = DType::Float32)
{
    return Model::load(HEADKV_GOLDENS "/tiny/tiny-" + type + ".gguf", {.dtype = dtype});
}

std::vector<double> nextTokenLogProbabilities(const Transformer &transformer, const std::vector<TokenId> &ids)
{
    std::vector<double> result;
    transformer.logProbabilities(ids, [&](std::size_t position, std::span<const float> row) {
        if (position + 1 < ids.size())
            result.push_back(row[ids[position + 1]]);
    });
    return result;
}

double largestDifference(const std::vector<double> &a, const std::vector<double> &b)
{
    double largest = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

/// Ids for long prompts.
std::vector<TokenId> someIds(std::size_t count)
{
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < count; ++i)
        ids.push_back(static_cast<TokenId>(3 + (i * i * 31 + i * 7) % 280));
    return ids;
}

class RowCollector : public AttentionObserver
{
public:
    void observe(int layer, std::span<const float> probabilities, std::size_t keys) override
    {
        rows.resize(std::max<std::size_t>(rows.size(), layer + 1));
        rows[layer].assign(probabilities.begin(), probabilities.end());
        keyCount = keys;
    }
    std::vector<std::vector<float>> rows;
    std::size_t keyCount = 0;
};

} // namespace

class TransformerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void matchesTransformers_data();
    void matchesTransformers();
    void bfloat16StaysClose();
    void continuesGreedily();
    void observesAttentionRows();
    void decodingEqualsPrefill();
    void chunksAndPrefixesDoNotMatter();
    void cancelledPassLeavesTheCache();
    void failedAllocationsThrow();
    void refusesForeignIds();

private:
    nlohmann::json m_golden;
    std::vector<TokenId> m_ids;
};

void TransformerTest::initTestCase()
{
    m_golden = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tiny/tiny.json"));
    m_ids = m_golden["ids"].get<std::vector<TokenId>>();
}

void TransformerTest::matchesTransformers_data()
{
    QTest::addColumn<QString>("type");
    for (const char *type : {"f32", "f16", "bf16", "q8_0", "q4_0", "q4_1"})
        QTest::newRow(type) << QString(type);
}

void TransformerTest::matchesTransformers()
{
    QFETCH(QString, type);
    const Transformer transformer(loadTiny(type.toStdString()));
    const auto expected = m_golden["models"][type.toStdString()]["token_logprobs"].get<std::vector<double>>();
    QCOMPARE(expected.size(), m_ids.size() - 1);
    QVERIFY(largestDifference(nextTokenLogProbabilities(transformer, m_ids), expected) < logTolerance);
}

void TransformerTest::bfloat16StaysClose()
{
    const Transformer transformer(loadTiny("f32", DType::BFloat16));
    const auto expected = m_golden["models"]["f32"]["token_logprobs"].get<std::vector<double>>();
    const auto actual = nextTokenLogProbabilities(transformer, m_ids);
    double sum = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        sum += std::abs(actual[i] - expected[i]);
    QVERIFY2(sum / expected.size() < 0.1, qPrintable(QString::number(sum / expected.size())));
    QVERIFY(sum > 0); // it is another dtype
}

void TransformerTest::continuesGreedily()
{
    Transformer transformer(loadTiny("f32"));
    DenseCache cache = transformer.makeCache();
    transformer.prefill(std::span(m_ids).first(m_ids.size() - 1), cache);
    TokenId last = m_ids.back();
    for (const TokenId expected : m_golden["models"]["f32"]["greedy"].get<std::vector<TokenId>>()) {
        const std::span<const float> logits = transformer.decode(last, cache);
        last = static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
        QCOMPARE(last, expected);
    }
}

void TransformerTest::observesAttentionRows()
{
    Transformer transformer(loadTiny("f32"));
    DenseCache cache = transformer.makeCache();
    transformer.prefill(std::span(m_ids).first(m_ids.size() - 1), cache);
    RowCollector collector;
    QVERIFY(!transformer.decode(m_ids.back(), cache, &collector).empty());
    const auto expected = m_golden["models"]["f32"]["last_attention"];
    QCOMPARE(collector.keyCount, m_ids.size());
    QCOMPARE(collector.rows.size(), expected.size());
    for (std::size_t layer = 0; layer < expected.size(); ++layer) {
        const std::vector<double> actual(collector.rows[layer].begin(), collector.rows[layer].end());
        std::vector<double> reference;
        for (const auto &head : expected[layer])
            for (const auto &value : head)
                reference.push_back(value.get<double>());
        QVERIFY(largestDifference(actual, reference) < 1e-5);
    }
}

void TransformerTest::decodingEqualsPrefill()
{
    Transformer transformer(loadTiny("f32"));
    const auto expected = nextTokenLogProbabilities(transformer, m_ids);
    DenseCache cache = transformer.makeCache();
    for (std::size_t i = 0; i + 1 < m_ids.size(); ++i) {
        const std::span<const float> logits = transformer.decode(m_ids[i], cache);
        const double largest = *std::max_element(logits.begin(), logits.end());
        double sum = 0;
        for (const float logit : logits)
            sum += std::exp(logit - largest);
        QVERIFY(std::abs(logits[m_ids[i + 1]] - largest - std::log(sum) - expected[i]) < logTolerance);
    }
    QCOMPARE(cache.length(), m_ids.size() - 1);
}

void TransformerTest::chunksAndPrefixesDoNotMatter()
{
    // Longer than two chunks, so that both halves of the joined attention are in play.
    Transformer transformer(loadTiny("f32"));
    const std::vector<TokenId> ids = someIds(1300);
    DenseCache whole = transformer.makeCache();
    transformer.prefill(ids, whole);
    const std::span<const float> reference = transformer.decode(5, whole);
    const std::vector<double> expected(reference.begin(), reference.end());

    DenseCache parts = transformer.makeCache();
    transformer.prefill(std::span(ids).first(700), parts);
    transformer.prefill(someIds(200), parts); // something else, dropped again
    parts.truncate(700);
    for (std::size_t begin = 700; begin < ids.size(); begin += 75)
        transformer.prefill(std::span(ids).subspan(begin, std::min<std::size_t>(75, ids.size() - begin)), parts);
    const std::span<const float> logits = transformer.decode(5, parts);
    QVERIFY(largestDifference({logits.begin(), logits.end()}, expected) < logTolerance);
    QCOMPARE(parts.usedBytes(), 1301 * transformer.model().info().kvBytesPerToken);
    QVERIFY(parts.allocatedBytes() >= parts.usedBytes());
}

void TransformerTest::cancelledPassLeavesTheCache()
{
    Transformer transformer(loadTiny("f32"));
    DenseCache cache = transformer.makeCache();
    transformer.prefill(m_ids, cache);
    JobControl control;
    control.progress = [&](const Progress &) { control.cancellation.cancel(); }; // after the first layer
    try {
        transformer.prefill(someIds(600), cache, control);
        QFAIL("a cancelled pass came to its end");
    } catch (const Error &error) {
        QCOMPARE(error.kind(), ErrorKind::Cancelled);
    }
    QCOMPARE(cache.length(), m_ids.size());
    QCOMPARE(cache.usedBytes(), m_ids.size() * transformer.model().info().kvBytesPerToken);
}

/// They would abort if another library's flag ran over LibTorch's.
void TransformerTest::failedAllocationsThrow()
{
#if defined(__SANITIZE_ADDRESS__)
    QSKIP("AddressSanitizer ends the program at such an allocation");
#endif
    Transformer transformer(loadTiny("f32"));
    DenseCache cache = transformer.makeCache();
    cache.reserve(std::size_t{1} << 45);
    QVERIFY_EXCEPTION_THROWN(transformer.prefill(m_ids, cache), std::exception);
    QCOMPARE(cache.length(), std::size_t(0));
}

void TransformerTest::refusesForeignIds()
{
    Transformer transformer(loadTiny("f32"));
    DenseCache cache = transformer.makeCache();
    QVERIFY_EXCEPTION_THROWN(transformer.prefill(std::vector<TokenId>{1, -1}, cache), Error);
    QVERIFY_EXCEPTION_THROWN((void)transformer.decode(1 << 20, cache), Error);
    QCOMPARE(cache.length(), std::size_t(0));
}

QTEST_GUILESS_MAIN(TransformerTest)
#include "TransformerTest.moc"
