// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationRunner.h"
#include "core/base/Error.h"
#include "core/compression/CompressedCache.h"
#include "core/compression/SharedPrefill.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "core/generation/Conversation.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"
#include "core/text/Tokenizer.h"

#include <QTest>
#include <algorithm>
#include <map>

using namespace headkv;

namespace {

std::vector<CompressionSettings> allMethods()
{
    std::vector<CompressionSettings> methods;
    for (const MethodInfo &info : compressionMethods()) {
        methods.emplace_back();
        methods.back().method = info.id;
        methods.back().granularity = Granularity::KvHead;
    }
    methods.back().granularity = Granularity::QueryHead; // one of another shape beside them
    return methods;
}

} // namespace

class EvaluationRunnerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void plansVariants();
    void plansNeedles();
    void sharedPrefillIsEachOnes_data();
    void sharedPrefillIsEachOnes();
    void answersAreThoseOfSingleRuns();
    void contextIsCompressedBeforeTheQuestion();
    void cancelledRunsGoOn();
    void longQuestionsDoNotStopARun();
    void refusesWhatDoesNotFit();

private:
    [[nodiscard]] EvaluationRequest request() const;

    std::shared_ptr<const Model> m_model;
};

void EvaluationRunnerTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
}

EvaluationRequest EvaluationRunnerTest::request() const
{
    EvaluationRequest request;
    request.tasks = {needleTask};
    request.methods = allMethods();
    request.budgets = {70, 90};
    std::vector<double> values(static_cast<std::size_t>(m_model->info().layers * m_model->info().queryHeads));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<double>(i % 5) / 10;
    request.scoreSets = {{"R", "r.json", values}};
    request.needles.lengths = {80, 140};
    request.needles.depths = {0.5, 1};
    request.needles.needles = {{" The inn is on the hill.", "Where is the inn?", "on the hill"}};
    request.needles.haystack = "The rain is in the reed. An otter is on the shore and rests. Nobody sees it there. ";
    request.needles.haystackName = "own";
    request.needles.maxNewTokens = 5;
    return request;
}

void EvaluationRunnerTest::plansVariants()
{
    EvaluationRequest asked = request();
    asked.scoreSets.push_back({"R2", "r2.json", asked.scoreSets[0].values});
    const std::vector<EvaluationVariant> variants = variantsOf(asked);
    std::map<std::string, int> counts;
    for (const EvaluationVariant &variant : variants)
        ++counts[variant.method()];
    QCOMPARE(counts["full"], 1); // no budget
    QCOMPARE(counts["snapkv"], 2);
    QCOMPARE(counts["headkv (R)"], 2);
    QCOMPARE(counts["headkv (R2)"], 2);
    QCOMPARE(counts["razor (R2)"], 2);
    asked.scoreSets.clear();
    QVERIFY_EXCEPTION_THROWN((void)variantsOf(asked), Error);
    asked = request();
    asked.budgets.clear();
    QVERIFY_EXCEPTION_THROWN((void)variantsOf(asked), Error);
}

void EvaluationRunnerTest::plansNeedles()
{
    const EvaluationRun run = planEvaluation(*m_model, request());
    const EvaluationTask &task = run.tasks.at(0);
    QCOMPARE(task.cases.size(), std::size_t(4));
    const Tokenizer &tokenizer = m_model->tokenizer();
    const ChatFormat &format = m_model->chatFormat();
    for (const EvaluationCase &item : task.cases) {
        const std::string context = tokenizer.decode(item.contextIds), question = tokenizer.decode(item.questionIds);
        QVERIFY(context.starts_with(format.prefix) && context.find(" The inn is on the hill.") != std::string::npos);
        QVERIFY(question.starts_with("\n\n") && question.ends_with("Where is the inn?" + format.suffix));
        QCOMPARE(item.contextIds.size() - format.prefixIds(tokenizer).size(),
                 static_cast<std::size_t>(task.lengths[*item.lengthIndex]));
        QCOMPARE(item.answers, std::vector<std::string>{"on the hill"});
    }
    EvaluationTask other = task;
    QCOMPARE(fingerprint(other), fingerprint(task));
    other.cases[1].questionIds.back() ^= 1;
    QVERIFY(fingerprint(other) != fingerprint(task));
}

void EvaluationRunnerTest::sharedPrefillIsEachOnes_data()
{
    QTest::addColumn<int>("tokens");
    QTest::addRow("shorter than the window") << 5;
    QTest::addRow("below the budget") << 20;
    QTest::addRow("odd") << 77;
    QTest::addRow("more than a chunk") << 300;
}

/// What each cache keeps and decodes is what it keeps and decodes alone, to the bit.
void EvaluationRunnerTest::sharedPrefillIsEachOnes()
{
    QFETCH(int, tokens);
    std::vector<TokenId> ids;
    for (int i = 0; i < tokens; ++i)
        ids.push_back((i * 37 + i * i) % 200 + 3);
    EvaluationRequest asked = request();
    asked.budgets = {24, 40};
    const ModelInfo &info = m_model->info();
    const HeadShape shape{info.layers, info.queryHeads, info.kvHeads};
    std::vector<CompressedCache> caches;
    for (const EvaluationVariant &variant : variantsOf(asked)) {
        caches.emplace_back(*m_model, granularityOf(variant.compression));
        // Windows of two widths: each takes its own queries.
        caches.back().setMethod(makeCompressionMethod(shape, variant.compression, caches.size() % 2 == 0 ? 8 : 11));
    }
    std::vector<CompressedCache *> pointers;
    for (CompressedCache &cache : caches)
        pointers.push_back(&cache);
    Transformer transformer(m_model);
    SharedPrefill shared(pointers);
    const std::span<const float> logits = transformer.prefillAndPredict(ids, shared);
    const std::vector<float> together(logits.begin(), logits.end());

    std::size_t index = 0;
    for (const EvaluationVariant &variant : variantsOf(asked)) {
        CompressedCache alone(*m_model, granularityOf(variant.compression));
        alone.setMethod(makeCompressionMethod(shape, variant.compression, index % 2 == 1 ? 8 : 11));
        const std::span<const float> own = transformer.prefillAndPredict(ids, alone);
        QVERIFY(std::ranges::equal(own, together));
        QVERIFY2(alone.contents() == caches[index].contents(), variant.method().c_str());
        QCOMPARE(caches[index].bytes().used, alone.bytes().used);
        QCOMPARE(caches[index].peakBytes().used, alone.peakBytes().used);
        const std::span<const float> next = transformer.decode(7, alone);
        const std::vector<float> expected(next.begin(), next.end());
        QVERIFY(std::ranges::equal(transformer.decode(7, caches[index]), expected));
        ++index;
    }
}

void EvaluationRunnerTest::answersAreThoseOfSingleRuns()
{
    EvaluationRun run = planEvaluation(*m_model, request());
    std::size_t heard = 0;
    runEvaluation(m_model, run, {}, [&](const EvaluationRun &soFar) { QCOMPARE(soFar.results.size(), ++heard); });
    QCOMPARE(heard, run.answers());
    for (const EvaluationResult &result : run.results) {
        const EvaluationCase &item = run.tasks[result.task].cases[result.item];
        std::vector<TokenId> prompt = item.contextIds;
        prompt.insert(prompt.end(), item.questionIds.begin(), item.questionIds.end());
        CompressionSettings settings = run.variants[result.variant].compression;
        settings.window = result.window;
        const Generation single = generate(m_model, prompt, {.maxNewTokens = 5}, settings);
        QCOMPARE(result.emittedIds, single.emittedIds);
        QCOMPARE(result.text, single.text);
        QCOMPARE(result.kvBytesPrompt, single.metrics.kvBytesAfterPrefill);
        QCOMPARE(result.score, scoreAnswer(AnswerMetric::Rouge1Recall, single.text, item.answers));
        QVERIFY(result.item == 0 ? result.decodeTokensPerSecond > 0 : result.decodeTokensPerSecond == 0);
        if (compressionMethod(settings.method).hasWindow)
            QCOMPARE(result.window, automaticWindow(item.questionIds.size()));
    }
}

/// Several questions on one compressed context: as if the context had been a turn of its own, and the question fed
/// behind it.
void EvaluationRunnerTest::contextIsCompressedBeforeTheQuestion()
{
    EvaluationRequest asked = request();
    asked.moment = CompressionMoment::Context;
    asked.needles.needles.push_back({" The inn is on the hill.", "What is on the hill?", "The inn"});
    EvaluationRun run = planEvaluation(*m_model, asked);
    runEvaluation(m_model, run);
    QCOMPARE(run.results.size(), run.answers());
    const ModelInfo &info = m_model->info();
    Transformer transformer(m_model);
    for (const EvaluationResult &result : run.results) {
        const EvaluationCase &item = run.tasks[0].cases[result.item];
        const CompressionSettings &settings = run.variants[result.variant].compression;
        CompressedCache cache(*m_model, granularityOf(settings));
        cache.setMethod(makeCompressionMethod({info.layers, info.queryHeads, info.kvHeads}, settings, 8));
        transformer.prefill(item.contextIds, cache);
        QCOMPARE(result.kvBytesPrompt, cache.bytes().used);
        std::span<const float> logits;
        for (const TokenId id : item.questionIds)
            logits = transformer.decode(id, cache);
        for (const TokenId emitted : result.emittedIds) {
            QCOMPARE(emitted, static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin()));
            logits = transformer.decode(emitted, cache);
        }
    }
}

void EvaluationRunnerTest::cancelledRunsGoOn()
{
    EvaluationRun whole = planEvaluation(*m_model, request());
    runEvaluation(m_model, whole);
    for (const std::size_t stop : {std::size_t{1}, std::size_t{13}, std::size_t{30}}) {
        EvaluationRun run = planEvaluation(*m_model, request());
        JobControl control;
        runEvaluation(m_model, run, control, [&](const EvaluationRun &soFar) {
            if (soFar.results.size() >= stop)
                control.cancellation.cancel();
        });
        QVERIFY(run.cancelled && run.results.size() >= stop && run.results.size() < run.answers());
        runEvaluation(m_model, run);
        QVERIFY(!run.cancelled);
        QCOMPARE(run.results.size(), whole.results.size());
        for (const EvaluationResult &result : run.results) {
            const auto same = std::ranges::find_if(whole.results, [&](const EvaluationResult &other) {
                return other.item == result.item && other.variant == result.variant;
            });
            QVERIFY(same != whole.results.end() && same->emittedIds == result.emittedIds);
        }
    }
}

/// A question that would fill the budget leaves some of it to what it asks about.
void EvaluationRunnerTest::longQuestionsDoNotStopARun()
{
    EvaluationRequest asked = request();
    asked.budgets = {16};
    EvaluationRun run = planEvaluation(*m_model, asked);
    QVERIFY(run.tasks[0].cases[0].questionIds.size() > 16);
    runEvaluation(m_model, run);
    for (const EvaluationResult &result : run.results) {
        if (compressionMethod(run.variants[result.variant].compression.method).hasWindow)
            QCOMPARE(result.window, 8);
    }
    QCOMPARE(run.results.size(), run.answers());
}

void EvaluationRunnerTest::refusesWhatDoesNotFit()
{
    EvaluationRun run = planEvaluation(*m_model, request());
    run.tasks[0].cases[1].contextIds.resize(5000, 3);
    try {
        runEvaluation(m_model, run);
        QFAIL("was not refused");
    } catch (const Error &error) {
        QVERIFY(std::string(error.what()).find(run.tasks[0].cases[1].name + ": the prompt has") == 0);
        QVERIFY(!run.results.empty()); // what was answered before is kept
    }
    EvaluationRequest asked = request();
    asked.tasks.clear();
    QVERIFY_EXCEPTION_THROWN((void)planEvaluation(*m_model, asked), Error);
}

QTEST_GUILESS_MAIN(EvaluationRunnerTest)
#include "EvaluationRunnerTest.moc"
