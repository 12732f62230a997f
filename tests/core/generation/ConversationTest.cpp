// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/Generator.h"
#include "core/base/Error.h"
#include "core/model/Model.h"

#include <QTest>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

using namespace headkv;

class GeneratorTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void greedyMatchesTransformers();
    void seedsRepeat();
    void stopsWhenTheContextIsFull();
    void cancelKeepsWhatIsDone();
    void goesOnAsIfItHadNotStopped_data();
    void goesOnAsIfItHadNotStopped();
    void refusesBadPrompts();
    void samplerFollowsTheDistribution();
    void nucleusDropsTheTail();
    void samplerRefusesNonsense();

private:
    std::shared_ptr<const Model> m_model;
    std::vector<TokenId> m_ids;
    std::vector<TokenId> m_greedy;
};

void GeneratorTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
    const auto golden = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tiny/tiny.json"));
    m_ids = golden["ids"].get<std::vector<TokenId>>();
    m_greedy = golden["models"]["f32"]["greedy"].get<std::vector<TokenId>>();
}

void GeneratorTest::greedyMatchesTransformers()
{
    std::string streamed;
    const Generation run =
        generate(m_model, m_ids, {.maxNewTokens = static_cast<int>(m_greedy.size()), .ignoreEndOfSequence = true}, {},
                 {}, [&](TokenId, std::string_view text) { streamed += text; });
    QCOMPARE(run.emittedIds, m_greedy);
    QVERIFY(run.stopReason == StopReason::TokenLimit);
    QCOMPARE(run.text, streamed);
    QCOMPARE(run.metrics.perTokenMilliseconds.size(), m_greedy.size());
    // The last token is never fed back, so it has no keys and values.
    const std::uint64_t perToken = m_model->info().kvBytesPerToken;
    QCOMPARE(run.metrics.kvBytesAfterPrefill, m_ids.size() * perToken);
    QCOMPARE(run.metrics.kvBytesEnd, (m_ids.size() + m_greedy.size() - 1) * perToken);
    QVERIFY(run.metrics.firstTokenSeconds >= run.metrics.prefillSeconds);
    QVERIFY(run.metrics.decodeTokensPerSecond() > 0);
}

void GeneratorTest::seedsRepeat()
{
    const auto run = [&](std::uint64_t seed) {
        return generate(m_model, m_ids,
                        {.maxNewTokens = 20,
                         .sampling = {.temperature = 1.5, .topP = 0.95, .seed = seed},
                         .ignoreEndOfSequence = true})
            .emittedIds;
    };
    QCOMPARE(run(1), run(1));
    QVERIFY(run(1) != run(2));
}

void GeneratorTest::stopsWhenTheContextIsFull()
{
    std::vector<TokenId> prompt(m_model->info().contextLength - 3, 40);
    const Generation run = generate(m_model, prompt, {.maxNewTokens = 100, .ignoreEndOfSequence = true});
    QVERIFY(run.stopReason == StopReason::ContextFull);
    QCOMPARE(run.emittedIds.size(), std::size_t(4)); // the last prompt token and three more are fed
}

void GeneratorTest::cancelKeepsWhatIsDone()
{
    const JobControl control;
    const Generation run = generate(m_model, m_ids, {.maxNewTokens = 100, .ignoreEndOfSequence = true}, {}, control,
                                    [&, count = 0](TokenId, std::string_view) mutable {
                                        if (++count == 3)
                                            control.cancellation.cancel();
                                    });
    QVERIFY(run.stopReason == StopReason::Cancelled);
    QCOMPARE(run.emittedIds, std::vector<TokenId>(m_greedy.begin(), m_greedy.begin() + 3));
}

void GeneratorTest::goesOnAsIfItHadNotStopped_data()
{
    QTest::addColumn<int>("tokens"); // that come before the stop; 0: in prefill
    QTest::addColumn<double>("temperature");
    for (const int tokens : {0, 1, 7}) {
        QTest::addRow("greedy, %d tokens", tokens) << tokens << 0.0;
        QTest::addRow("sampled, %d tokens", tokens) << tokens << 1.2;
    }
}

void GeneratorTest::goesOnAsIfItHadNotStopped()
{
    QFETCH(int, tokens);
    QFETCH(double, temperature);
    const GenerationSettings settings{
        .maxNewTokens = 20, .sampling = {.temperature = temperature, .seed = 3}, .ignoreEndOfSequence = true};
    CompressionSettings compression;
    compression.method = "snapkv";
    compression.budget = 16;
    compression.window = 8;
    const Generation whole = generate(m_model, m_ids, settings, compression);

    Conversation conversation(m_model, compression);
    JobControl control;
    if (tokens == 0)
        control.progress = [&](const Progress &) { control.cancellation.cancel(); };
    const Generation first =
        conversation.say(m_ids, settings, control, [&, count = 0](TokenId, std::string_view) mutable {
            if (++count == tokens)
                control.cancellation.cancel();
        });
    QVERIFY(first.stopReason == StopReason::Cancelled);
    QCOMPARE(static_cast<int>(first.emittedIds.size()), tokens);
    GenerationSettings rest = settings;
    rest.maxNewTokens = 20 - tokens;
    const Generation second = conversation.proceed(rest);
    std::vector<TokenId> ids = first.emittedIds;
    ids.insert(ids.end(), second.emittedIds.begin(), second.emittedIds.end());
    QCOMPARE(ids, whole.emittedIds);
    QCOMPARE(first.text + second.text, whole.text);
    QVERIFY_EXCEPTION_THROWN((void)Conversation(m_model, compression).proceed(rest), Error);
}

void GeneratorTest::refusesBadPrompts()
{
    QVERIFY_EXCEPTION_THROWN((void)generate(m_model, {}, {}), Error);
    QVERIFY_EXCEPTION_THROWN((void)generate(m_model, {1, 99999}, {}), Error);
    QVERIFY_EXCEPTION_THROWN((void)generate(m_model, std::vector<TokenId>(m_model->info().contextLength + 1, 40), {}),
                             Error);
}

void GeneratorTest::samplerFollowsTheDistribution()
{
    // Logits ln 6, ln 3, ln 1 at temperature 1: probabilities 0.6, 0.3, 0.1. 20,000 draws: the standard error is below
    // 0.004.
    Sampler sampler({.temperature = 1, .seed = 5});
    const std::vector<float> logits{std::log(6.0f), std::log(3.0f), 0.0f};
    std::map<TokenId, int> counts;
    for (int i = 0; i < 20000; ++i)
        ++counts[sampler.sample(logits)];
    QVERIFY(std::abs(counts[0] / 20000.0 - 0.6) < 0.015);
    QVERIFY(std::abs(counts[1] / 20000.0 - 0.3) < 0.015);
    QVERIFY(std::abs(counts[2] / 20000.0 - 0.1) < 0.015);
}

void GeneratorTest::nucleusDropsTheTail()
{
    Sampler sampler({.temperature = 1, .topP = 0.85, .seed = 5});
    const std::vector<float> logits{0.0f, std::log(6.0f), std::log(3.0f)}; // 0.6 + 0.3 reach 0.85
    for (int i = 0; i < 2000; ++i)
        QVERIFY(sampler.sample(logits) != 0);
    Sampler greedy({});
    QCOMPARE(greedy.sample(std::vector<float>{1.0f, 3.0f, 3.0f}), 1); // ties: the smaller id
}

void GeneratorTest::samplerRefusesNonsense()
{
    QVERIFY_EXCEPTION_THROWN(Sampler({.temperature = -1}), Error);
    QVERIFY_EXCEPTION_THROWN(Sampler({.temperature = NAN}), Error);
    QVERIFY_EXCEPTION_THROWN(Sampler({.topP = 0}), Error);
    QVERIFY_EXCEPTION_THROWN(Sampler({.topP = 1.5}), Error);
}

QTEST_GUILESS_MAIN(GeneratorTest)
#include "GeneratorTest.moc"
