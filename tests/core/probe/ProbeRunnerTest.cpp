// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeRunner.h"
#include "core/base/Error.h"
#include "core/cache/DenseCache.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"
#include "core/probe/CasePlanner.h"
#include "core/probe/CaseRunner.h"
#include "core/probe/Haystack.h"
#include "core/probe/NeedleFile.h"
#include "core/probe/ProbeReport.h"
#include "core/probe/ProbeResume.h"
#include "core/text/ChatFormat.h"
#include "core/text/Tokenizer.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;

class ProbeRunnerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void promptsAreBuiltOfTheirParts();
    void needleGoesBehindASentence();
    void refusesCasesThatDoNotFit();
    void reuseDoesNotChangeScores();
    void reuseMindsTheRotation();
    void cancelKeepsFinishedCases();
    void runsOnWhereItStopped();
    void reportIsWholeAfterEachCase();
    void goesOnFromAReport();
    void refusesAnotherRunsReport();
    void forcedScoringFeedsTheAnswer();
    void groupsShareWhatTheyHaveInCommon();
    void maskedHeadsGiveNothing();
    void saysWhyNothingPassed();
    void parsesSettings();
    void readsNeedles();
    void readsHaystacks();

private:
    ProbeSettings settings(ProbeKind kind = ProbeKind::Enhanced) const;
    std::string text(std::span<const TokenId> ids) const { return m_model->tokenizer().decode(ids); }

    std::shared_ptr<const Model> m_model;
};

void ProbeRunnerTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
}

ProbeSettings ProbeRunnerTest::settings(ProbeKind kind) const
{
    ProbeSettings settings;
    settings.kind = kind;
    settings.lengths = {80, 140};
    settings.depths = {0, 0.5, 1};
    settings.needles = {{" The inn is on the hill.", "Where is the inn?", "on the hill"},
                        {" The inn is on the hill.", "What is on the hill?", "The inn"}};
    settings.haystack = "The rain is in the reed. An otter is on the shore and rests. Nobody sees it there. ";
    settings.filter = {ProbeFilter::Metric::None, 0};
    settings.maxNewTokens = 5;
    return settings;
}

void ProbeRunnerTest::promptsAreBuiltOfTheirParts()
{
    const ProbeRun run = planProbe(*m_model, settings());
    QCOMPARE(run.cases.size(), std::size_t(12));
    const ChatFormat &format = m_model->chatFormat();
    for (const ProbeCase &item : run.cases) {
        const Needle &needle = run.settings.needles[item.needleIndex];
        const std::string prompt = text(item.promptIds);
        QVERIFY(prompt.starts_with(format.prefix));
        QVERIFY(prompt.ends_with(needle.question + format.suffix));
        QVERIFY(prompt.find(needle.needle) != std::string::npos);
        QVERIFY(text(std::span(item.promptIds).subspan(item.span.begin, item.span.size())).find(needle.answer) !=
                std::string::npos);
        const std::size_t frame = m_model->tokenizer().encodePart(format.prefix).size() +
                                  m_model->tokenizer().encodePart(format.suffix).size();
        QVERIFY(item.promptIds.size() > frame + item.length); // and the question
        QCOMPARE(text(item.answerIds), needle.answer);
    }
    QVERIFY(run.cases[0].length == 80 && run.cases[2].depth == 1 && run.cases[3].length == 140 &&
            run.cases[6].needleIndex == 1);
}

void ProbeRunnerTest::needleGoesBehindASentence()
{
    const ProbeRun run = planProbe(*m_model, settings());
    const std::string &needle = run.settings.needles[0].needle;
    const std::size_t prefix = m_model->chatFormat().prefix.size();
    QCOMPARE(text(run.cases[0].promptIds).find(needle), prefix); // depth 0
    const std::string middle = text(run.cases[4].promptIds);     // 140 tokens, depth 0.5
    QCOMPARE(middle[middle.find(needle) - 1], '.');
    const std::string last = text(run.cases[5].promptIds); // depth 1: directly before the question's lead
    QCOMPARE(last.find("\n\n", last.find(needle)), last.find(needle) + needle.size());
    // The haystack is shorter than 140 tokens: it is repeated, joined by a blank line.
    QVERIFY(last.find("there. \n\nThe rain") != std::string::npos);
}

void ProbeRunnerTest::refusesCasesThatDoNotFit()
{
    const auto planned = [&](auto change) {
        ProbeSettings changed = settings();
        change(changed);
        try {
            (void)planProbe(*m_model, changed);
        } catch (const Error &error) {
            return std::string(error.what());
        }
        return std::string("planned");
    };
    QCOMPARE(planned([](ProbeSettings &) {}), std::string("planned"));
    QVERIFY(planned([](ProbeSettings &s) { s.lengths = {3}; }).find("shorter than the needle") != std::string::npos);
    QVERIFY(planned([](ProbeSettings &s) { s.lengths = {512}; }).find("does not fit the model's context") !=
            std::string::npos);
    QVERIFY(planned([](ProbeSettings &s) { s.depths = {-0.1}; }).find("depth") != std::string::npos);
    QVERIFY(planned([](ProbeSettings &s) { s.depths = {}; }).find("at least one") != std::string::npos);
    QVERIFY(planned([](ProbeSettings &s) { s.haystack = ""; }).find("haystack is empty") != std::string::npos);
    QVERIFY(planned([](ProbeSettings &s) { s.needles[0].answer = "in the dale"; }).find("does not occur") !=
            std::string::npos);
    // The longest length is accepted, one more is not.
    const int longest = longestLength(settings().needles, 5, m_model->tokenizer(), m_model->chatFormat(), 512);
    QCOMPARE(planned([&](ProbeSettings &s) { s.lengths = {longest}; }), std::string("planned"));
    QVERIFY(planned([&](ProbeSettings &s) { s.lengths = {longest + 1}; }) != "planned");
}

void ProbeRunnerTest::reuseDoesNotChangeScores()
{
    for (const ProbeKind kind : {ProbeKind::Retrieval, ProbeKind::Enhanced}) {
        ProbeSettings without = settings(kind);
        without.prefixReuse = false;
        const ProbeRun reused = runProbe(m_model, settings(kind));
        const ProbeRun fresh = runProbe(m_model, without);
        QVERIFY(reused.totals.reusedTokens > 0);
        QCOMPARE(fresh.totals.reusedTokens, std::size_t(0));
        QCOMPARE(reused.totals.prefillTokens + reused.totals.reusedTokens, fresh.totals.prefillTokens);
        const HeadScores a = reused.scores(2, 4);
        const HeadScores b = fresh.scores(2, 4);
        QCOMPARE(a.examples(), std::size_t(12));
        double sum = 0;
        for (std::size_t head = 0; head < a.headCount(); ++head) {
            for (std::size_t i = 0; i < a.examples(); ++i) {
                QVERIFY(std::abs(a.values[head][i] - b.values[head][i]) < 1e-5);
                sum += a.values[head][i];
            }
        }
        QVERIFY(kind == ProbeKind::Retrieval || sum > 0);
    }
}

/// LongRoPE rotates keys by the length of the sequence: what a shorter prompt left may be of no use.
void ProbeRunnerTest::reuseMindsTheRotation()
{
    const QTemporaryDir folder;
    const std::filesystem::path source = HEADKV_GOLDENS "/families/phi3-longrope";
    const std::filesystem::path copy = folder.path().toStdString();
    std::filesystem::copy_file(source / "model.safetensors", copy / "model.safetensors");
    nlohmann::json config = nlohmann::json::parse(std::ifstream(source / "config.json"));
    config["max_position_embeddings"] = 400;
    config["rope_parameters"]["original_max_position_embeddings"] = 150;
    std::ofstream(copy / "config.json") << config;
    nlohmann::json letters; // one token a letter
    for (const char *letter : {"\u0120", "\u010A", ".", ",", "?", "T", "A", "N", "W", "I"})
        letters[letter] = letters.size();
    for (char letter = 'a'; letter <= 'z'; ++letter)
        letters[std::string(1, letter)] = letters.size();
    std::ofstream(copy / "tokenizer.json")
        << nlohmann::json{{"model", {{"type", "BPE"}, {"vocab", letters}, {"merges", nlohmann::json::array()}}},
                          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}},
                          {"decoder", {{"type", "ByteLevel"}}}};
    const auto model = Model::load(copy, {.dtype = DType::Float32});
    ProbeSettings with = settings();
    with.lengths = {30, 60, 140};
    ProbeSettings without = with;
    without.prefixReuse = false;
    const ProbeRun reused = runProbe(model, with);
    const HeadScores a = reused.scores(2, 4), b = runProbe(model, without).scores(2, 4);
    QVERIFY(reused.totals.reusedTokens > 0); // among prompts of one kind
    for (std::size_t head = 0; head < a.values.size(); ++head) {
        for (std::size_t i = 0; i < a.values[head].size(); ++i)
            QVERIFY(std::abs(a.values[head][i] - b.values[head][i]) < 1e-5);
    }
}

void ProbeRunnerTest::cancelKeepsFinishedCases()
{
    const JobControl control;
    const ProbeRun run = runProbe(m_model, settings(), control, [&](const ProbeRun &soFar) {
        if (soFar.results.size() == 4)
            control.cancellation.cancel();
    });
    QVERIFY(run.cancelled);
    QCOMPARE(run.results.size(), std::size_t(4));
    QCOMPARE(run.scores(2, 4).examples(), std::size_t(4));
}

void ProbeRunnerTest::runsOnWhereItStopped()
{
    const JobControl control;
    ProbeRun run = runProbe(m_model, settings(), control, [&](const ProbeRun &soFar) {
        if (soFar.results.size() == 4)
            control.cancellation.cancel();
    });
    run.cancelled = false;
    runCases(m_model, run);
    QCOMPARE(run.results.size(), std::size_t(12));
    const HeadScores whole = runProbe(m_model, settings()).scores(2, 4);
    const HeadScores pieced = run.scores(2, 4);
    for (std::size_t head = 0; head < whole.headCount(); ++head)
        for (std::size_t i = 0; i < whole.examples(); ++i)
            QVERIFY(std::abs(whole.values[head][i] - pieced.values[head][i]) < 1e-5);
}

void ProbeRunnerTest::reportIsWholeAfterEachCase()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath("report.json").toStdString();
    ProbeReport report(path, m_model->info());
    const ProbeRun run = runProbe(m_model, settings(), {}, [&](const ProbeRun &soFar) {
        report.update(soFar);
        const auto json = nlohmann::json::parse(std::ifstream(path));
        if (json["cases"].size() > soFar.results.size() || json["totals"]["cases"] != json["cases"].size())
            qFatal("the report has a case too many");
    });
    report.finish(run);
    const auto json = nlohmann::json::parse(std::ifstream(path));
    QCOMPARE(json["cases"].size(), std::size_t(12));
    for (std::size_t i = 0; i < 12; ++i) { // in case order, whatever the order of work was
        QVERIFY(json["cases"][i]["prompt_ids"] == run.cases[i].promptIds);
        QVERIFY(json["cases"][i]["span"][0] == run.cases[i].span.begin);
    }
    QVERIFY(json["model"]["layers"] == 2 && json["settings"]["kind"] == "enhanced");
}

void ProbeRunnerTest::goesOnFromAReport()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath("report.json").toStdString();
    ProbeReport report(path, m_model->info());
    const JobControl control;
    ProbeRun killed = runProbe(m_model, settings(), control, [&](const ProbeRun &soFar) {
        if (soFar.results.size() == 5)
            control.cancellation.cancel();
    });
    QVERIFY(killed.results.size() >= 5 && killed.results.size() < 12);
    report.finish(killed);

    ProbeRun resumed = planProbe(*m_model, settings());
    resumeProbe(resumed, m_model->info(), path);
    QCOMPARE(resumed.results.size(), killed.results.size());
    QCOMPARE(resumed.totals.passed, killed.totals.passed);
    QCOMPARE(resumed.totals.prefillTokens, killed.totals.prefillTokens);
    for (const ProbeCaseResult &result : resumed.results) {
        const auto same = std::ranges::find(killed.results, result.index, &ProbeCaseResult::index);
        QVERIFY(same != killed.results.end());
        QVERIFY(same->scores == result.scores && same->emittedIds == result.emittedIds && same->f1 == result.f1);
    }
    runCases(m_model, resumed);
    const HeadScores whole = runProbe(m_model, settings()).scores(2, 4), pieced = resumed.scores(2, 4);
    QCOMPARE(pieced.examples(), std::size_t(12));
    for (std::size_t head = 0; head < whole.headCount(); ++head)
        for (std::size_t i = 0; i < whole.examples(); ++i)
            QVERIFY(std::abs(whole.values[head][i] - pieced.values[head][i]) < 1e-6);
}

void ProbeRunnerTest::refusesAnotherRunsReport()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath("report.json").toStdString();
    ProbeReport(path, m_model->info()).finish(runProbe(m_model, settings()));
    const auto refusal = [&](auto change, const std::string &file) {
        ProbeSettings changed = settings();
        change(changed);
        ProbeRun run = planProbe(*m_model, changed);
        try {
            resumeProbe(run, m_model->info(), file);
        } catch (const Error &error) {
            return std::string(error.what());
        }
        return std::string("resumed");
    };
    QCOMPARE(refusal([](ProbeSettings &) {}, path), std::string("resumed"));
    QVERIFY(refusal([](ProbeSettings &s) { s.depths = {0, 1}; }, path).find("depths") != std::string::npos);
    QVERIFY(refusal([](ProbeSettings &s) { s.kind = ProbeKind::Retrieval; }, path).find("kind") != std::string::npos);
    QVERIFY(refusal([](ProbeSettings &s) { s.maskedHeads = {{0, 1}}; }, path).find("masked") != std::string::npos);
    QVERIFY(refusal([](ProbeSettings &s) { s.haystack = "A reed. The wind. "; }, path).find("haystack") !=
            std::string::npos);
    const std::string broken = folder.filePath("broken.json").toStdString();
    auto json = nlohmann::json::parse(std::ifstream(path));
    json["cases"][3]["scores"][0][0] = -1;
    std::ofstream(broken) << json;
    QVERIFY(refusal([](ProbeSettings &) {}, broken).find("case 4") != std::string::npos);
    json["cases"][3].erase("scores");
    std::ofstream(broken) << json;
    QVERIFY(refusal([](ProbeSettings &) {}, broken).find("lack their scores") != std::string::npos);
    std::ofstream(broken) << json.dump().substr(0, 2000);
    QVERIFY(refusal([](ProbeSettings &) {}, broken).find("cut short") != std::string::npos);
}

/// One pass over the answer gives what feeding it token by token gives.
void ProbeRunnerTest::forcedScoringFeedsTheAnswer()
{
    for (const ProbeKind kind : {ProbeKind::Retrieval, ProbeKind::Enhanced}) {
        ProbeSettings forced = settings(kind);
        forced.scoring = ProbeScoring::Forced;
        forced.filter = defaultFilter(kind); // does not matter: every case counts
        const ProbeRun run = runProbe(m_model, forced);
        QCOMPARE(run.totals.passed, std::size_t(12));
        Transformer transformer(m_model);
        for (const ProbeCaseResult &result : run.results) {
            const ProbeCase &item = run.cases[result.index];
            DenseCache cache = transformer.makeCache();
            transformer.prefill(std::span(item.promptIds).first(item.promptIds.size() - 1), cache);
            HeadScorer scorer(kind, 2, 4, item);
            TokenId last = item.promptIds.back();
            for (const TokenId next : item.answerIds) {
                (void)transformer.decode(last, cache, &scorer);
                scorer.finishStep(last = next);
            }
            QCOMPARE(result.emittedIds.size(), item.answerIds.size());
            for (std::size_t head = 0; head < result.scores.size(); ++head)
                QVERIFY(std::abs(result.scores[head] - scorer.scores()[head]) < 1e-5);
        }
    }
}

/// Questions about one context are decoded side by side, each behind its own prompt.
void ProbeRunnerTest::groupsShareWhatTheyHaveInCommon()
{
    ProbeSettings many = settings();
    const Needle needle = many.needles.front();
    for (const char *question : {"Where does the inn stand?", "Where may one rest?", "Which place has the inn?"})
        many.needles.push_back({needle.needle, question, needle.answer});
    const ProbeRun run = planProbe(*m_model, many);
    CaseRunner runner(m_model, run.settings, run.cases);
    const std::vector<std::size_t> sameContext{5, 11, 17, 23, 29}; // 140 tokens, depth 1
    QCOMPARE(runner.groupSize(sameContext), std::size_t(4));
    QCOMPARE(runner.groupSize(std::vector<std::size_t>{5, 0}), std::size_t(1)); // another length and depth
    ProbeTotals totals;
    const auto results = runner.run(std::span(sameContext).first(4), totals, {}, [](double) {});
    std::size_t prompts = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        prompts += run.cases[sameContext[i]].promptIds.size() - 1;
        ProbeTotals own;
        const auto alone =
            CaseRunner(m_model, run.settings, run.cases).run(std::span(sameContext).subspan(i, 1), own, {}, [](double) {
            });
        QVERIFY(alone.front().emittedIds == results[i].emittedIds);
        for (std::size_t head = 0; head < 8; ++head)
            QVERIFY(std::abs(alone.front().scores[head] - results[i].scores[head]) < 1e-5);
    }
    QCOMPARE(totals.prefillTokens + totals.reusedTokens, prompts);
    QVERIFY(totals.reusedTokens > 3 * 140);
}

void ProbeRunnerTest::maskedHeadsGiveNothing()
{
    const std::vector<TokenId> ids = m_model->tokenizer().encode("The rain is in the reed.");
    const auto stateOf = [&](std::vector<HeadId> masked) {
        Transformer transformer(m_model);
        transformer.maskHeads(std::move(masked));
        DenseCache cache = transformer.makeCache();
        (void)transformer.prefillAndPredict(ids, cache);
        (void)transformer.decode(ids.front(), cache);
        return std::vector<float>(transformer.state().begin(), transformer.state().end());
    };
    QVERIFY(stateOf({{1, 2}}) != stateOf({}));
    QVERIFY(stateOf({{1, 2}}) != stateOf({{1, 3}}));
    // Without any head's output a layer's attention adds nothing: what was seen before does not matter.
    std::vector<HeadId> all;
    for (int head = 0; head < 8; ++head)
        all.push_back({head / 4, head % 4});
    Transformer transformer(m_model);
    transformer.maskHeads(all);
    DenseCache cache = transformer.makeCache();
    (void)transformer.prefillAndPredict(std::span(ids).first(1), cache);
    const std::vector<float> alone(transformer.state().begin(), transformer.state().end());
    const std::vector<float> behind = stateOf(all); // the same token behind others
    for (std::size_t i = 0; i < alone.size(); ++i)
        QVERIFY(std::abs(alone[i] - behind[i]) < 1e-5F);
    QVERIFY_THROWS_EXCEPTION(Error, Transformer(m_model).maskHeads({{2, 0}}));
    QVERIFY_THROWS_EXCEPTION(Error, Transformer(m_model).maskHeads({{0, 4}}));
}

void ProbeRunnerTest::saysWhyNothingPassed()
{
    ProbeSettings strict = settings();
    strict.filter = {ProbeFilter::Metric::Rouge1Recall, 99.5};
    const ProbeRun run = runProbe(m_model, strict);
    QCOMPARE(run.totals.passed, std::size_t(0));
    QCOMPARE(run.scores(2, 4).examples(), std::size_t(0));
    const QString line = QString::fromStdString(explainNoPass(run));
    QVERIFY(line.contains("none of 12 cases passed the filter rouge1:99.5") && !line.contains('\n'));

    // A model's text and a needle's answer may hold line breaks of any kind, and the cut may fall inside a character.
    ProbeRun odd = run;
    for (ProbeCaseResult &result : odd.results)
        result.text = "a\r\nb\v\x1b[0m" + std::string(50, 'x') + "\u20ac\u20ac";
    for (Needle &needle : odd.settings.needles)
        needle.answer = "two\nlines";
    const std::string why = explainNoPass(odd);
    QVERIFY2(std::ranges::none_of(why, [](unsigned char c) { return c < ' '; }), why.c_str());
    QCOMPARE(QString::fromStdString(why).toStdString(), why); // whole characters only
}

void ProbeRunnerTest::parsesSettings()
{
    for (const char *filter : {"none", "f1:50", "rouge1:12.5"})
        QCOMPARE(toString(*probeFilterFrom(filter)), std::string(filter));
    for (const char *filter : {"", "f1", "f1:", "f1:x", "f1:101", "rouge1:-1", "f1:50 ", "bleu:5"})
        QVERIFY(!probeFilterFrom(filter));
    QVERIFY(!ProbeFilter{}.passes(100, 50) && ProbeFilter{}.passes(0, 50.1));
    QVERIFY(probeKindFrom("reasoning") == ProbeKind::Reasoning && !probeKindFrom("r2"));
    QVERIFY((evenLengths(5, 8000) == std::vector<int>{1600, 3200, 4800, 6400, 8000}));
    QVERIFY((evenDepths(3) == std::vector<double>{0, 0.5, 1}) && (evenDepths(1) == std::vector<double>{0.5}));
}

void ProbeRunnerTest::readsNeedles()
{
    const auto needles = parseNeedles("\n{\"needle\":\"a b\",\"question\":\"q\",\"real_needle\":\"b\"}\r\n", "f");
    QVERIFY((needles == std::vector<Needle>{{"a b", "q", "b"}}));
    QVERIFY(parseNeedles(formatNeedles(needles), "f") == needles);
    for (const char *bad :
         {"", "\n", "x", "[1]", "{\"needle\":\"a\"}", "{\"needle\":\"a\",\"question\":\"q\",\"answer\":\"c\"}",
          "{\"needle\":\"a\",\"question\":1,\"answer\":\"a\"}"})
        QVERIFY_EXCEPTION_THROWN((void)parseNeedles(bad, "f"), Error);
    QVERIFY(builtInNeedles(ProbeKind::Retrieval).size() >= 6);
    QVERIFY(builtInNeedles(ProbeKind::Reasoning).size() >= 12); // three, with reverses and swapped orders
}

void ProbeRunnerTest::readsHaystacks()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    QVERIFY_EXCEPTION_THROWN((void)readHaystack(path), Error);
    std::ofstream(path / "b.txt") << "two";
    std::ofstream(path / "a.txt") << "one";
    std::ofstream(path / "c.md") << "not this";
    QCOMPARE(readHaystack(path).text, std::string("one\n\ntwo"));
    QCOMPARE(readHaystack(path / "b.txt").text, std::string("two"));
    std::ofstream(path / "blank.txt") << " \n";
    QVERIFY_EXCEPTION_THROWN((void)readHaystack(path / "blank.txt"), Error);
    QVERIFY(builtInHaystack().text.size() > 5000);
}

QTEST_GUILESS_MAIN(ProbeRunnerTest)
#include "ProbeRunnerTest.moc"
