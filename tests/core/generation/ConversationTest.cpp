// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generation/Conversation.h"
#include "core/base/Error.h"
#include "core/cache/DenseCache.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

/// Writes down what it hears, and cancels after so many tokens, if any.
class Recorder : public GenerationListener
{
public:
    void memoryMeasured(const MemorySample &sample) override { samples.push_back(sample); }
    void prefillDone(const Generation &soFar) override
    {
        QVERIFY(milliseconds.empty());
        prefilledBytes = soFar.metrics.kvBytesAfterPrefill;
    }
    void tokenMade(TokenId id, std::string_view part, double time) override
    {
        text += part;
        if (id >= 0)
            milliseconds.push_back(time);
        if (static_cast<int>(milliseconds.size()) == cancelAfter)
            token.cancel();
    }

    std::string text;
    std::vector<double> milliseconds;
    std::vector<MemorySample> samples;
    std::uint64_t prefilledBytes = 0;
    int cancelAfter = -1;
    CancellationToken token;
};

CompressionSettings snapKv(int budget)
{
    CompressionSettings settings;
    settings.method = "snapkv";
    settings.budget = budget;
    settings.window = 8;
    return settings;
}

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

/// KL(p ‖ q) of logits.
double divergence(const std::vector<float> &p, const std::vector<float> &q)
{
    double sumP = 0, sumQ = 0, kl = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        sumP += std::exp(double(p[i]));
        sumQ += std::exp(double(q[i]));
    }
    for (std::size_t i = 0; i < p.size(); ++i)
        kl += std::exp(double(p[i])) / sumP * (p[i] - std::log(sumP) - q[i] + std::log(sumQ));
    return kl;
}

} // namespace

class ConversationTest : public QObject
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
    void measuresAsItGoes();
    void agreesWithItself();
    void agreementIsThatOfForcedTokens();
    void agreementByHand();
    void refusesBadPrompts();
    void samplerFollowsTheDistribution();
    void nucleusDropsTheTail();
    void samplerRefusesNonsense();

private:
    std::shared_ptr<const Model> m_model;
    std::vector<TokenId> m_ids;
    std::vector<TokenId> m_greedy;
};

void ConversationTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
    const auto golden = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tiny/tiny.json"));
    m_ids = golden["ids"].get<std::vector<TokenId>>();
    m_greedy = golden["models"]["f32"]["greedy"].get<std::vector<TokenId>>();
}

void ConversationTest::greedyMatchesTransformers()
{
    Recorder recorder;
    const Generation run =
        generate(m_model, m_ids, {.maxNewTokens = static_cast<int>(m_greedy.size()), .ignoreEndOfSequence = true}, {},
                 {}, &recorder);
    QCOMPARE(run.emittedIds, m_greedy);
    QVERIFY(run.stopReason == StopReason::TokenLimit);
    QCOMPARE(run.text, recorder.text);
    QCOMPARE(run.metrics.perTokenMilliseconds.size(), m_greedy.size());
    // The last token is never fed back, so it has no keys and values.
    const std::uint64_t perToken = m_model->info().kvBytesPerToken;
    QCOMPARE(run.metrics.kvBytesAfterPrefill, m_ids.size() * perToken);
    QCOMPARE(run.metrics.kvBytesEnd, (m_ids.size() + m_greedy.size() - 1) * perToken);
    QVERIFY(run.metrics.firstTokenSeconds >= run.metrics.prefillSeconds);
    QVERIFY(run.metrics.decodeTokensPerSecond() > 0);
}

void ConversationTest::seedsRepeat()
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

void ConversationTest::stopsWhenTheContextIsFull()
{
    std::vector<TokenId> prompt(m_model->info().contextLength - 3, 40);
    const Generation run = generate(m_model, prompt, {.maxNewTokens = 100, .ignoreEndOfSequence = true});
    QVERIFY(run.stopReason == StopReason::ContextFull);
    QCOMPARE(run.emittedIds.size(), std::size_t(4)); // the last prompt token and three more are fed
}

void ConversationTest::cancelKeepsWhatIsDone()
{
    const JobControl control;
    Recorder canceller;
    canceller.token = control.cancellation;
    canceller.cancelAfter = 3;
    const Generation run =
        generate(m_model, m_ids, {.maxNewTokens = 100, .ignoreEndOfSequence = true}, {}, control, &canceller);
    QVERIFY(run.stopReason == StopReason::Cancelled);
    QCOMPARE(run.emittedIds, std::vector<TokenId>(m_greedy.begin(), m_greedy.begin() + 3));
}

void ConversationTest::goesOnAsIfItHadNotStopped_data()
{
    QTest::addColumn<int>("tokens"); // that come before the stop; 0: in prefill
    QTest::addColumn<double>("temperature");
    for (const int tokens : {0, 1, 7}) {
        QTest::addRow("greedy, %d tokens", tokens) << tokens << 0.0;
        QTest::addRow("sampled, %d tokens", tokens) << tokens << 1.2;
    }
}

void ConversationTest::goesOnAsIfItHadNotStopped()
{
    QFETCH(int, tokens);
    QFETCH(double, temperature);
    const GenerationSettings settings{
        .maxNewTokens = 20, .sampling = {.temperature = temperature, .seed = 3}, .ignoreEndOfSequence = true};
    const CompressionSettings compression = snapKv(16);
    const Generation whole = generate(m_model, m_ids, settings, compression);

    Conversation conversation(m_model, compression);
    JobControl control;
    if (tokens == 0)
        control.progress = [&](const Progress &) { control.cancellation.cancel(); };
    Recorder canceller;
    canceller.token = control.cancellation;
    canceller.cancelAfter = tokens;
    Generation first = conversation.say(m_ids, settings, control, &canceller);
    QVERIFY(first.stopReason == StopReason::Cancelled);
    QCOMPARE(static_cast<int>(first.emittedIds.size()), tokens);
    GenerationSettings rest = settings;
    rest.maxNewTokens = 20 - tokens;
    first.append(conversation.proceed(rest));
    QCOMPARE(first.emittedIds, whole.emittedIds);
    QCOMPARE(first.text, whole.text);
    QVERIFY(first.stopReason == StopReason::TokenLimit);
    QCOMPARE(first.promptIds, m_ids);
    QCOMPARE(first.metrics.perTokenMilliseconds.size(), std::size_t(20));
    QCOMPARE(first.metrics.kvBytesAfterPrefill, whole.metrics.kvBytesAfterPrefill);
    QCOMPARE(first.metrics.kvBytesEnd, whole.metrics.kvBytesEnd);
    QVERIFY(std::ranges::is_sorted(first.metrics.memory, {}, &MemorySample::seconds));
    QVERIFY_EXCEPTION_THROWN((void)Conversation(m_model, compression).proceed(rest), Error);
}

/// What a listener hears is what the metrics say at the end.
void ConversationTest::measuresAsItGoes()
{
    Recorder recorder;
    const Generation run =
        generate(m_model, m_ids, {.maxNewTokens = 9, .ignoreEndOfSequence = true}, snapKv(16), {}, &recorder);
    QCOMPARE(recorder.milliseconds, run.metrics.perTokenMilliseconds);
    QVERIFY(recorder.samples == run.metrics.memory);
    QCOMPARE(recorder.prefilledBytes, run.metrics.kvBytesAfterPrefill);
    const auto layers = static_cast<std::size_t>(m_model->info().layers);
    QCOMPARE(run.metrics.memory.size(), layers + 9); // after each layer, after each token
    QCOMPARE(run.metrics.memory.back().kvBytes, run.metrics.kvBytesEnd);
    QVERIFY(run.metrics.memory.back().residentBytes > 0);
    QVERIFY(std::ranges::is_sorted(run.metrics.memory, {}, &MemorySample::seconds));
    const auto perLayer = static_cast<std::int64_t>(16 * m_model->info().queryHeads);
    QCOMPARE(run.metrics.entriesByLayer, std::vector<std::int64_t>(layers, perLayer));
    QCOMPARE(run.metrics.contextTokens, m_ids.size() + 8);
    // Nearest ranks of 8 times.
    std::vector<double> times(run.metrics.perTokenMilliseconds.begin() + 1, run.metrics.perTokenMilliseconds.end());
    std::ranges::sort(times);
    QCOMPARE(run.metrics.latencyPercentile(0.5), times[3]);
    QCOMPARE(run.metrics.latencyPercentile(0.95), times[7]);
}

void ConversationTest::agreesWithItself()
{
    const GenerationSettings settings{.maxNewTokens = 12, .ignoreEndOfSequence = true, .recordStates = true};
    const Generation full = generate(m_model, m_ids, settings);
    Conversation again(m_model, {});
    const Generation same = again.say(m_ids, settings);
    const Agreement agreement = again.agreementWith(full);
    QCOMPARE(same.emittedIds, full.emittedIds);
    QCOMPARE(agreement.tokens, std::size_t(12));
    QCOMPARE(agreement.sameNextToken, 1.0);
    QVERIFY(agreement.meanKl < 1e-12); // the same arithmetic
    QVERIFY_EXCEPTION_THROWN((void)again.agreementWith(generate(m_model, m_ids, {.maxNewTokens = 2})), Error);
    QVERIFY_EXCEPTION_THROWN((void)Conversation(m_model, {}).agreementWith(full), Error);
}

/// Against the same done by hand: FullKV's tokens fed to a compressed cache, distributions compared in double.
void ConversationTest::agreementIsThatOfForcedTokens()
{
    const GenerationSettings settings{.maxNewTokens = 12, .ignoreEndOfSequence = true, .recordStates = true};
    const Generation full = generate(m_model, m_ids, settings);
    Conversation conversation(m_model, snapKv(12));
    (void)conversation.say(m_ids, settings);
    const Agreement agreement = conversation.agreementWith(full);

    Transformer transformer(m_model);
    DenseCache whole = transformer.makeCache();
    std::vector<std::vector<float>> expected{copy(transformer.prefillAndPredict(m_ids, whole))};
    for (int i = 0; i < 11; ++i)
        expected.push_back(copy(transformer.decode(full.emittedIds[i], whole)));
    Conversation forced(m_model, snapKv(12));
    (void)forced.say(m_ids, {.maxNewTokens = 1});
    CompressedCache cache = forced.cache().copyBefore(0);
    double kl = 0; // prefill is whole under any method, so the first token does not differ
    int same = 1;
    for (int i = 1; i < 12; ++i) {
        const std::vector<float> logits = copy(transformer.decode(full.emittedIds[i - 1], cache));
        kl += divergence(expected[i], logits);
        same += std::ranges::max_element(logits) - logits.begin() == full.emittedIds[i] ? 1 : 0;
    }
    QVERIFY(agreement.meanKl > 1e-5); // or nothing is compared here
    // FullKV's cache is a dense one here and bfloat16 or float32 as asked there: float32 in both, but for the order.
    QVERIFY2(std::abs(agreement.meanKl - kl / 12) < 1e-6, qPrintable(QString::number(agreement.meanKl - kl / 12)));
    QCOMPARE(agreement.sameNextToken, same / 12.0);

    // Nothing of it is left in the conversation: it goes on as one that was not compared.
    Conversation other(m_model, snapKv(12));
    (void)other.say(m_ids, settings);
    QCOMPARE(conversation.proceed(settings).emittedIds, other.proceed(settings).emittedIds);
}

void ConversationTest::agreementByHand()
{
    // p = (½, ½), q = (¼, ¾): KL(p ‖ q) = ½ ln 2 + ½ ln ⅔.
    AgreementSum sum;
    const std::vector<float> p{std::log(0.5f), std::log(0.5f)};
    const std::vector<float> q{std::log(1.0f), std::log(3.0f)}; // not normalised
    sum.add(p, q);
    QVERIFY(std::abs(sum.mean().meanKl - 0.5 * std::log(4.0 / 3.0)) < 1e-7);
    QCOMPARE(sum.mean().sameNextToken, 0.0); // of equals, p takes the first
    sum.add(q, q);
    QCOMPARE(sum.mean().sameNextToken, 0.5);
    QVERIFY(std::abs(sum.mean().meanKl - 0.25 * std::log(4.0 / 3.0)) < 1e-7);
    QCOMPARE(AgreementSum().mean().tokens, std::size_t(0));
}

void ConversationTest::refusesBadPrompts()
{
    QVERIFY_EXCEPTION_THROWN((void)generate(m_model, {}, {}), Error);
    QVERIFY_EXCEPTION_THROWN((void)generate(m_model, {1, 99999}, {}), Error);
    QVERIFY_EXCEPTION_THROWN((void)generate(m_model, std::vector<TokenId>(m_model->info().contextLength + 1, 40), {}),
                             Error);
}

void ConversationTest::samplerFollowsTheDistribution()
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

void ConversationTest::nucleusDropsTheTail()
{
    Sampler sampler({.temperature = 1, .topP = 0.85, .seed = 5});
    const std::vector<float> logits{0.0f, std::log(6.0f), std::log(3.0f)}; // 0.6 + 0.3 reach 0.85
    for (int i = 0; i < 2000; ++i)
        QVERIFY(sampler.sample(logits) != 0);
    Sampler greedy({});
    QCOMPARE(greedy.sample(std::vector<float>{1.0f, 3.0f, 3.0f}), 1); // ties: the smaller id
}

void ConversationTest::samplerRefusesNonsense()
{
    QVERIFY_EXCEPTION_THROWN(Sampler({.temperature = -1}), Error);
    QVERIFY_EXCEPTION_THROWN(Sampler({.temperature = NAN}), Error);
    QVERIFY_EXCEPTION_THROWN(Sampler({.topP = 0}), Error);
    QVERIFY_EXCEPTION_THROWN(Sampler({.topP = 1.5}), Error);
}

QTEST_GUILESS_MAIN(ConversationTest)
#include "ConversationTest.moc"
