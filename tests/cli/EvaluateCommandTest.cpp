// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/CommandTest.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>
#include <csignal>

using namespace headkv;

namespace {

const QByteArray facts = R"({"context":"The inn is on the hill. The rain is in the reed.","input":"Where is the inn?",)"
                         R"("answers":["on the hill"],"dataset":"facts"}
{"context":"The inn is on the hill. The rain is in the reed.","input":"Where is the rain?",)"
                         R"("answers":["in the reed"],"dataset":"facts"}
)";

} // namespace

class EvaluateCommandTest : public CommandTest
{
    Q_OBJECT

private Q_SLOTS:
    void needlesByMethodAndBudget();
    void answersAreThoseOfGenerate();
    void filesOfDocuments();
    void questionsShareACompressedContext();
    void interruptedRunGoesOn();
    void figuresAndReport();
    void errors_data();
    void errors();

private:
    [[nodiscard]] QStringList evaluate(const QStringList &more) const
    {
        return QStringList{"evaluate", tiny, "--dtype", "float32", "--out", path("results.json")} + more;
    }
    [[nodiscard]] QStringList needles(const QStringList &more, const QString &depths = QStringLiteral("2")) const
    {
        return evaluate(QStringList{"--tasks", "niah", "--needles", path("needles.jsonl"), "--haystack",
                                    path("hay.txt"), "--lengths", "60,90", "--depths", depths, "--max-new-tokens",
                                    "6"} +
                        more);
    }
};

void EvaluateCommandTest::needlesByMethodAndBudget()
{
    const CommandResult result = run(needles(
        {"--methods", "full,snapkv,headkv", "--budgets", "70,90", "--scores", "A=" + path("all.json"), "--json"}));
    QCOMPARE(result.status, 3); // no such file
    QVERIFY(result.err.contains("all.json"));

    CommandResult good = run(needles({"--methods", "full,snapkv", "--budgets", "70,90", "--json"}));
    QVERIFY2(good.status == 0, good.err.constData());
    const QJsonArray rows = good.json()[u"rows"].toArray();
    QCOMPARE(rows.size(), 3);
    QVERIFY(rows[0][u"budget"].isNull());
    QCOMPARE(rows[1][u"budget"].toInt(), 70);
    for (const QJsonValue &row : rows) {
        QCOMPARE(row[u"task"].toString(), "niah");
        QCOMPARE(row[u"cases"].toInt(), 8); // 2 needles × 2 lengths × 2 depths
        QCOMPARE(row[u"metric"].toString(), "rouge1_recall");
        QCOMPARE(row[u"grid"].toArray().size(), 2);
        QVERIFY(row[u"prefill_s"].toDouble() > 0 && row[u"kv_bytes_peak"].toDouble() > 0);
        QVERIFY(row[u"score"].toDouble() >= row[u"interval"][0].toDouble());
    }
    const QJsonObject stored = readJson(path("results.json"));
    QCOMPARE(stored[u"rows"].toArray(), rows);
    QCOMPARE(stored[u"answers"].toArray().size(), 24);
    good = run(needles({"--methods", "full,snapkv", "--budgets", "70,90", "--resume"})); // nothing is left to do
    QCOMPARE(good.status, 0);
    QVERIFY(good.out.contains("snapkv") && good.out.contains("24 of 24 answers"));
}

void EvaluateCommandTest::answersAreThoseOfGenerate()
{
    QCOMPARE(run(needles({"--methods", "snapkv", "--budgets", "40", "--window", "12"})).status, 0);
    const QJsonObject stored = readJson(path("results.json"));
    QCOMPARE(run(probe({"--kind", "retrieval", "--lengths", "60,90", "--depths", "2", "--filter", "none",
                        "--max-new-tokens", "6", "--report", path("report.json")}))
                 .status,
             0);
    const QJsonArray cases = readJson(path("report.json"))[u"cases"].toArray();
    QCOMPARE(cases.size(), 8);
    for (int i = 0; i < cases.size(); ++i) {
        write("prompt.json", QJsonDocument(cases[i][u"prompt_ids"].toArray()).toJson());
        const CommandResult single = run({"generate", tiny, "--dtype", "float32", "--ids-file", path("prompt.json"),
                                          "--method", "snapkv", "--budget", "40", "--window", "12", "--granularity",
                                          "kv-head", "--max-new-tokens", "6", "--report", path("single.json")});
        QVERIFY2(single.status == 0, single.err.constData());
        const QJsonValue answer = stored[u"answers"][i];
        QCOMPARE(answer[u"case_index"].toInt(), i);
        QCOMPARE(answer[u"emitted_ids"].toArray(), readJson(path("single.json"))[u"emitted_ids"].toArray());
    }
}

void EvaluateCommandTest::filesOfDocuments()
{
    write("facts.jsonl", facts);
    const QStringList command = evaluate({"--tasks", path("facts.jsonl"), "--methods", "full", "--json"});
    const CommandResult result = run(command);
    QVERIFY2(result.status == 0, result.err.constData());
    const QJsonValue row = result.json()[u"rows"][0];
    QCOMPARE(row[u"task"].toString(), "facts");
    QCOMPARE(row[u"cases"].toInt(), 2);
    QVERIFY(row[u"grid"].isUndefined());

    write("facts.jsonl", facts + "{\"context\": 3}\n" + facts);
    const CommandResult refused = run(command);
    QCOMPARE(refused.status, 3);
    QVERIFY2(refused.err.contains("facts.jsonl:3: "), refused.err.constData());
    QCOMPARE(refused.err.count('\n'), 1);
    const CommandResult skipped = run(command + QStringList{"--skip-malformed"});
    QVERIFY2(skipped.status == 0, skipped.err.constData());
    QVERIFY(skipped.err.contains("facts.jsonl:3: "));
    QCOMPARE(skipped.json()[u"rows"][0][u"cases"].toInt(), 4);
}

void EvaluateCommandTest::questionsShareACompressedContext()
{
    write("facts.jsonl", facts);
    const CommandResult result = run(evaluate(
        {"--tasks", path("facts.jsonl"), "--methods", "full,snapkv", "--budgets", "24", "--context-only", "--json"}));
    QVERIFY2(result.status == 0, result.err.constData());
    const QJsonArray answers = readJson(path("results.json"))[u"answers"].toArray();
    QCOMPARE(answers.size(), 4);
    QCOMPARE(answers[1][u"prefill_s"], answers[3][u"prefill_s"]); // one prefill
    QCOMPARE(answers[1][u"kv_bytes_prompt"], answers[3][u"kv_bytes_prompt"]);
    QVERIFY(answers[1][u"kv_bytes_prompt"].toDouble() < answers[0][u"kv_bytes_prompt"].toDouble());
}

void EvaluateCommandTest::interruptedRunGoesOn()
{
    const QStringList command = needles({"--methods", "full,h2o", "--budgets", "40,70"}, "50");
    QFile::remove(path("results.json"));
    QProcess process;
    process.start(HEADKV_BIN "/headkv", command);
    QTRY_VERIFY_WITH_TIMEOUT(readJson(path("results.json"))[u"answers"].toArray().size() > 3, 60000);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), 130);
    QVERIFY(process.readAllStandardError().contains("--resume goes on"));
    const qsizetype before = readJson(path("results.json"))[u"answers"].toArray().size();
    QVERIFY(before > 3 && before < 600);
    QCOMPARE(run(command + QStringList{"--resume"}).status, 0);
    const QJsonObject resumed = readJson(path("results.json"));
    QCOMPARE(run(command).status, 0);
    const QJsonObject whole = readJson(path("results.json"));
    QCOMPARE(resumed[u"answers"].toArray().size(), 600);
    for (int i = 0; i < 3; ++i) {
        for (const QString &key : {QStringLiteral("score"), QStringLiteral("interval"), QStringLiteral("grid"),
                                   QStringLiteral("cases"), QStringLiteral("kv_bytes_peak")})
            QCOMPARE(resumed[u"rows"][i][key], whole[u"rows"][i][key]);
    }
    const CommandResult other = run(needles({"--methods", "full,h2o", "--budgets", "40", "--resume"}, "50"));
    QCOMPARE(other.status, 3);
    QVERIFY(other.err.contains("its settings have another budgets"));
    QCOMPARE(readJson(path("results.json")), whole); // what is refused is not touched
}

void EvaluateCommandTest::figuresAndReport()
{
    QCOMPARE(run(needles({"--methods", "full,snapkv", "--budgets", "40,70"})).status, 0);
    QCOMPARE(run({"figure", "accuracy", path("results.json"), "--out", path("a.csv")}).status, 0);
    QFile csv(path("a.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = csv.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 5); // a header, FullKV from end to end, SnapKV at two budgets
    QVERIFY(lines[3].startsWith("NIAH,SnapKV,40,"));
    QCOMPARE(lines[3].split(',')[3].toDouble(), readJson(path("results.json"))[u"rows"][1][u"score"].toDouble());
    QCOMPARE(run({"figure", "niah", path("results.json"), "--out", path("n.svg")}).status, 0);
    QVERIFY(QFile(path("n.svg")).size() > 1000);
    QCOMPARE(run({"report", path("results.json"), "--out", path("r.html")}).status, 0);
    QFile page(path("r.html"));
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QByteArray html = page.readAll();
    QVERIFY(html.startsWith("<!doctype html>") && html.contains("SnapKV") && html.contains("data:image/svg+xml"));
    QVERIFY(!html.contains("src=\"http") && !html.contains("href=")); // it needs nothing else
    write("no.json", "{}");
    QCOMPARE(run({"report", path("no.json"), "--out", path("r2.html")}).status, 3);
    QCOMPARE(run({"figure", "niah", path("no.json"), "--out", path("n2.svg")}).status, 3);
}

void EvaluateCommandTest::errors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char *name, const QStringList &arguments, int status, const char *reason) {
        QTest::addRow("%s", name) << arguments << status << QByteArray(reason);
    };
    row("no task", evaluate({"--methods", "full"}), 2, "--tasks");
    row("unknown method", needles({"--methods", "full,nap"}), 2, "nap");
    row("method twice", needles({"--methods", "snapkv,snapkv"}), 2, "is there twice");
    row("no scores", needles({"--methods", "headkv"}), 2, "needs the importance of heads");
    row("budget below the window", needles({"--methods", "snapkv", "--budgets", "40,7", "--window", "8"}), 2, "budget");
    row("budget that is none", needles({"--budgets", "40,x"}), 2, "--budgets");
    row("file that is none", evaluate({"--tasks", path("none.jsonl"), "--methods", "full"}), 3, "none.jsonl");
    row("output over an input", evaluate({"--tasks", path("results.json"), "--methods", "full"}), 2, "--out");
    row("score set of another model", needles({"--methods", "headkv", "--scores", "S=" + path("small.json")}), 3,
        "small.json");
    row("score set twice",
        needles({"--methods", "headkv", "--scores", "S=" + path("small.json") + ",S=" + path("hand.json")}), 2,
        "twice");
}

void EvaluateCommandTest::errors()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, status);
    QFETCH(QByteArray, reason);
    const CommandResult result = run(arguments);
    QCOMPARE(result.status, status);
    QVERIFY2(result.err.contains(reason), result.err.constData());
    QCOMPARE(result.err.trimmed().count('\n'), 0);
}

QTEST_GUILESS_MAIN(EvaluateCommandTest)
#include "EvaluateCommandTest.moc"
