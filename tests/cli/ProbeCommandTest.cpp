// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/CommandTest.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QTest>
#include <cmath>
#include <csignal>

using namespace headkv;

class ProbeCommandTest : public CommandTest
{
    Q_OBJECT

private Q_SLOTS:
    void probeScoresAndReport();
    void probeWithoutAPassWritesNoScores();
    void interruptedProbeKeepsItsCases();
    void killedProbeResumes();
    void forcedProbeCountsEveryCase();
    void maskedHeadsChangeTheScores();
    void maskTestsAScoreSet();
    void needlesForAProbe();
    void scoresAgainstThemselves();
    void scoresSayHowSureTheyAre();
};

void ProbeCommandTest::probeScoresAndReport()
{
    const CommandResult result =
        run(probe({"--kind", "enhanced", "--lengths", "40,90", "--depths", "3", "--filter", "none", "--max-new-tokens",
                   "4", "--report", path("report.json"), "--json"}));
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject scores = readJson(path("scores.json"));
    QCOMPARE(scores.size(), 8);
    QCOMPARE(scores[u"1-3"].toArray().size(), 12);
    const QJsonObject meta = readJson(path("scores.meta.json"));
    QCOMPARE(meta[u"model"][u"sha256"].toString().size(), 64);
    const QJsonObject report = readJson(path("report.json"));
    const QJsonArray cases = report[u"cases"].toArray();
    QCOMPARE(cases.size(), 12);
    QCOMPARE(report[u"totals"][u"cases"].toInt(), 12);
    QVERIFY(report[u"totals"][u"reused_tokens"].toInt() > 0);
    QCOMPARE(cases[0][u"length"].toInt(), 40);
    QCOMPARE(cases[3][u"length"].toInt(), 90); // needle, then length, then depth
    QCOMPARE(cases[1][u"depth"].toDouble(), 0.5);
    // The span holds the answer.
    QStringList span;
    for (int i = cases[2][u"span"][0].toInt(); i < cases[2][u"span"][1].toInt(); ++i)
        span << QString::number(cases[2][u"prompt_ids"][i].toInt());
    QVERIFY(run({"detokenize", tiny, "--ids", span.join(',')}).out.contains("on the hill"));
}

void ProbeCommandTest::probeWithoutAPassWritesNoScores()
{
    QFile::remove(path("scores.json"));
    const CommandResult result =
        run(probe({"--kind", "retrieval", "--lengths", "40,", "--depths", "1", "--max-new-tokens", "2"}));
    if (result.status == 2) // "40," has an empty entry
        QVERIFY(result.err.contains("--lengths"));
    const CommandResult failed = run(probe(
        {"--kind", "retrieval", "--lengths", "70", "--depths", "1", "--max-new-tokens", "2", "--filter", "rouge1:99"}));
    QCOMPARE(failed.status, 1);
    QVERIFY2(failed.err.contains("none of 2 cases passed"), failed.err);
    QVERIFY(!QFile::exists(path("scores.json")));
}

void ProbeCommandTest::interruptedProbeKeepsItsCases()
{
    QProcess process;
    process.start(HEADKV_BIN "/headkv",
                  probe({"--kind", "enhanced", "--lengths", "90,200,300", "--depths", "200", "--filter", "none",
                         "--max-new-tokens", "40", "--report", path("cut.json")}));
    QVERIFY(process.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(readJson(path("cut.json"))[u"cases"].toArray().size() > 2, 20000);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(5000));
    QCOMPARE(process.exitCode(), 130);
    const QJsonObject report = readJson(path("cut.json"));
    const qsizetype cases = report[u"cases"].toArray().size();
    QVERIFY(cases > 2 && cases < 1200);
    QCOMPARE(readJson(path("scores.json"))[u"0-0"].toArray().size(), cases);
}

/// Killed again and again, each time at another moment, and resumed: the report is whole each time, and the scores end
/// up as those of a run that nobody stopped.
void ProbeCommandTest::killedProbeResumes()
{
    const QStringList options = probe({"--kind", "enhanced", "--lengths", "90,200,300", "--depths", "40", "--filter",
                                       "none", "--max-new-tokens", "20", "--report", path("killed.json"), "--quiet"});
    QVERIFY(run(options).status == 0);
    const QJsonObject whole = readJson(path("scores.json"));
    QFile::remove(path("killed.json"));
    QFile::remove(path("scores.json"));
    qsizetype done = 0;
    for (int kill = 0; kill < 4; ++kill) {
        QProcess process;
        process.start(HEADKV_BIN "/headkv", options + QStringList{"--resume"});
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(readJson(path("killed.json"))[u"cases"].toArray().size() > done ||
                                     process.state() == QProcess::NotRunning,
                                 20000);
        QTest::qWait(7 * kill);
        process.kill();
        process.waitForFinished();
        const qsizetype cases = readJson(path("killed.json"))[u"cases"].toArray().size();
        QVERIFY(cases > done || cases == 240);
        done = cases;
    }
    QVERIFY(run(options + QStringList{"--resume"}).status == 0);
    const QJsonObject resumed = readJson(path("scores.json"));
    QCOMPARE(resumed.size(), whole.size());
    for (const QString &head : whole.keys()) {
        const QJsonArray expected = whole[head].toArray(), actual = resumed[head].toArray();
        QCOMPARE(actual.size(), expected.size());
        for (qsizetype i = 0; i < expected.size(); ++i)
            QVERIFY(std::abs(actual[i].toDouble() - expected[i].toDouble()) < 1e-6);
    }
    // Another probe's report is not gone on with, and stays.
    const CommandResult other = run(probe({"--kind", "retrieval", "--report", path("killed.json"), "--lengths",
                                           "90,200,300", "--depths", "40", "--resume"}));
    QCOMPARE(other.status, 3);
    QVERIFY2(other.err.contains("another kind"), other.err);
    QCOMPARE(readJson(path("killed.json"))[u"cases"].toArray().size(), 240);
}

void ProbeCommandTest::forcedProbeCountsEveryCase()
{
    const CommandResult result = run(probe({"--kind", "reasoning", "--scoring", "forced", "--lengths", "90", "--depths",
                                            "3", "--report", path("forced.json"), "--json"}));
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject report = readJson(path("forced.json"));
    QCOMPARE(report[u"settings"][u"scoring"].toString(), QString("forced"));
    QCOMPARE(report[u"totals"][u"passed"].toInt(), 6);
    for (const QJsonValue &item : report[u"cases"].toArray())
        QCOMPARE(item[u"emitted_ids"].toArray().size(), item[u"answer_ids"].toArray().size());
    QCOMPARE(readJson(path("scores.json"))[u"0-0"].toArray().size(), 6);
}

void ProbeCommandTest::maskedHeadsChangeTheScores()
{
    const auto scoresWith = [&](const QStringList &more) {
        const CommandResult result = run(probe(
            QStringList{"--kind", "enhanced", "--scoring", "forced", "--lengths", "90", "--depths", "2", "--quiet"} +
            more));
        return result.status == 0 ? readJson(path("scores.json")) : QJsonObject();
    };
    write("heads.txt", "0-1\n0-3\n");
    write("heads.json", R"(["0-1", "0-3"])");
    const QJsonObject plain = scoresWith({}), masked = scoresWith({"--mask-heads", "0-1,0-3"});
    QCOMPARE(masked.size(), 8);
    QCOMPARE(masked[u"0-1"], plain[u"0-1"]); // a masked head still looks: its own layer sees nothing of the mask
    QVERIFY(masked[u"1-0"] != plain[u"1-0"]);
    QCOMPARE(scoresWith({"--mask-heads", path("heads.txt")}), masked);
    QCOMPARE(scoresWith({"--mask-heads", path("heads.json")}), masked);
}

void ProbeCommandTest::maskTestsAScoreSet()
{
    write("own.json", R"({"0-0":[1],"0-1":[8],"0-2":[2],"0-3":[3],"1-0":[4],"1-1":[5],"1-2":[6],"1-3":[7]})");
    const QStringList options{"mask",
                              tiny,
                              "--scores",
                              path("own.json"),
                              "--needles",
                              path("needles.jsonl"),
                              "--haystack",
                              path("hay.txt"),
                              "--lengths",
                              "90",
                              "--depths",
                              "2",
                              "--max-new-tokens",
                              "6",
                              "--counts",
                              "4,1,9",
                              "--draws",
                              "2",
                              "--json",
                              "--seed",
                              "5"};
    const CommandResult result = run(options);
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()[u"cases"].toInt(), 4);
    const QJsonArray rows = result.json()[u"rows"].toArray();
    QCOMPARE(rows.size(), 2); // rising; 9 heads of 8 fall away
    QCOMPARE(rows[0][u"heads"].toInt(), 1);
    QCOMPARE(rows[1][u"heads"].toInt(), 4);
    for (const QJsonValue &row : rows) {
        const QJsonArray draws = row[u"random"].toArray();
        QCOMPARE(draws.size(), 2);
        QCOMPARE(row[u"random_mean"].toDouble(), (draws[0].toDouble() + draws[1].toDouble()) / 2);
        for (const double recall : {row[u"top"].toDouble(), draws[0].toDouble(), draws[1].toDouble()})
            QVERIFY(recall >= 0 && recall <= 100);
    }
    QCOMPARE(run(options).json(), result.json()); // a seed's draws are always the same
}

/// What the command makes, a probe takes; the same seed makes the same file.
void ProbeCommandTest::needlesForAProbe()
{
    const QStringList make{"needles", "--kind", "reasoning", "--count", "6", "--seed", "5", "--answer", "long"};
    const CommandResult made = run(make + QStringList{"--out", path("made.jsonl"), "--json"});
    QVERIFY2(made.status == 0, made.err);
    const QJsonArray needles = made.json()[u"needles"].toArray();
    QCOMPARE(needles.size(), 6);
    QCOMPARE(needles[0][u"needle"], needles[1][u"needle"]);
    QVERIFY(needles[0][u"answer"] != needles[1][u"answer"]);
    QFile file(path("made.jsonl"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(run(make).out, file.readAll());
    QVERIFY(run(make + QStringList{"--layout", "headkv"}).out.contains("\"real_needle\":"));
    const CommandResult single = run(make + QStringList{"--no-reverse", "--no-swap", "--json"});
    QVERIFY(single.json()[u"needles"][0][u"needle"] != single.json()[u"needles"][1][u"needle"]);

    const CommandResult probed = run({"probe", tiny, "--kind", "reasoning", "--needles", path("made.jsonl"),
                                      "--haystack", path("hay.txt"), "--out", path("made.json"), "--filter", "none",
                                      "--lengths", "300", "--depths", "2", "--max-new-tokens", "2", "--json"});
    QVERIFY2(probed.status == 0, probed.err);
    QCOMPARE(probed.json()[u"totals"][u"cases"].toInt(), 12);
}

void ProbeCommandTest::scoresAgainstThemselves()
{
    const CommandResult result =
        run({"scores", path("hand.json"), "--compare", path("hand.json"), "--top", "2", "--json"});
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject document = result.json();
    QCOMPARE(document[u"layers"].toInt(), 2);
    QCOMPARE(document[u"examples"].toInt(), 2);
    QCOMPARE(document[u"zero_share"].toDouble(), 0.25);
    QCOMPARE(document[u"top"][0][u"layer"].toInt(), 1);
    QCOMPARE(document[u"top"][0][u"mean"].toDouble(), 0.6);
    QVERIFY(std::abs(document[u"top"][1][u"share"].toDouble() - 0.5 / 1.2) < 1e-12);
    QVERIFY(std::abs(document[u"spearman"].toDouble() - 1) < 1e-12);
    QCOMPARE(document[u"top_k_overlap"][u"10"].toDouble(), 1.0);
    QCOMPARE(document[u"difference"][1][1].toDouble(), 0.0);
    QCOMPARE(document[u"lorenz"].toArray().size(), 5);
    QCOMPARE(document[u"top_k_overlap"].toObject().keys(), (QStringList{"10", "100", "20", "50"}));
}

void ProbeCommandTest::scoresSayHowSureTheyAre()
{
    write("sure.json", R"({"0-0":[0,0.2,0.1,0.1],"0-1":[0.5,0.5,0.4,0.6],"1-0":[0,0,0,0],"1-1":[1,0.9,0.8,0.9]})");
    const auto scores = [this](const QStringList &more) {
        return run(QStringList{"scores", path("sure.json"), "--top", "2", "--json"} + more);
    };
    const CommandResult result = scores({"--kv-heads", "1"});
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject document = result.json();
    // Means 0.1, 0.5, 0, 0.9: Σ(2i − 5)·x / (4·1.5) over 0, 0.1, 0.5, 0.9
    QVERIFY(std::abs(document[u"gini"].toDouble() - (-0.1 + 0.5 + 3 * 0.9) / 6) < 1e-12);
    QCOMPARE(document[u"nonzero_heads"].toInt(), 3);
    const QJsonObject first = document[u"top"][0].toObject();
    QVERIFY(std::abs(first[u"standard_error"].toDouble() - std::sqrt(0.02 / 3 / 4)) < 1e-12);
    const double low = first[u"interval"][0].toDouble(), high = first[u"interval"][1].toDouble();
    QVERIFY(low >= 0.8 && low < 0.9 && high > 0.9 && high <= 1);
    QCOMPARE(first[u"rank_interval"].toArray(), (QJsonArray{1, 1})); // above the second in every case
    const QJsonObject half = document[u"split_half"].toObject();
    QCOMPARE(half[u"cases"].toInt(), 2);
    QCOMPARE(half[u"splits"].toInt(), 100);
    QVERIFY(half[u"correlation"].toDouble() > 0.9);
    QCOMPARE(half[u"curve"].toArray().size(), 2);
    QVERIFY(half[u"cases_for"][u"0.9"].toDouble() >= 1);
    QVERIFY(std::abs(document[u"group_share"][0][0].toDouble() - 0.4) < 1e-12);
    QCOMPARE(scores({"--kv-heads", "1"}).out, result.out); // the same seed, the same figures
    QVERIFY(scores({"--kv-heads", "1", "--seed", "1"}).out != result.out);
    const QJsonObject bare = scores({"--resamples", "0", "--splits", "0"}).json();
    QVERIFY(!bare.contains(u"split_half") && !bare[u"top"][0].toObject().contains(u"interval"));
    const CommandResult table = run({"scores", path("sure.json"), "--compare", path("hand.json")});
    QVERIFY2(table.out.contains("two halves of 2 cases") && table.out.contains("Gini 0.517"), table.out);
    QVERIFY2(table.out.contains("overlap of the top 10 / 20 / 50 / 100: 1.00 / "), table.out);
}

QTEST_GUILESS_MAIN(ProbeCommandTest)
#include "ProbeCommandTest.moc"
