// SPDX-License-Identifier: GPL-3.0-or-later
// Probes and evaluations under mpirun: all ranks together give what one process gives.
#include "tests/cli/CommandTest.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QRandomGenerator>
#include <QTest>
#include <cmath>
#include <csignal>
#include <cstdio>

#ifndef HEADKV_MPIRUN
#define HEADKV_MPIRUN ""
#endif

using namespace headkv;

class ManyRanksTest : public CommandTest
{
    Q_OBJECT

private Q_SLOTS:
    void probeIsThatOfOneProcess_data();
    void probeIsThatOfOneProcess();
    void forcedProbeOfMoreRanksThanCases();
    void evaluationIsThatOfOneProcess_data();
    void evaluationIsThatOfOneProcess();
    void resumesWithOtherRanks();
    void killedRankLeavesAReportToResume();
    void interruptKeepsWhatIsDone();
    void errorsAreOneLine();
    void otherFilesOnARank();

private:
    static QStringList mpirun(int ranks, const QStringList &command);
    static CommandResult runRanks(int ranks, const QStringList &command);
    static CommandResult runProcess(const QStringList &arguments);
    /// 6 cases a depth.
    [[nodiscard]] QStringList longProbe(const QString &name, int depths = 150) const;
    [[nodiscard]] qsizetype casesIn(const QString &name) const
    {
        return readJson(path(name))[u"cases"].toArray().size();
    }
    static void compareScores(const QJsonObject &actual, const QJsonObject &expected);
    /// All but times.
    static void compareCases(const QJsonObject &actual, const QJsonObject &expected);
};

QStringList ManyRanksTest::mpirun(int ranks, const QStringList &command)
{
    return QStringList{"--oversubscribe",      "--allow-run-as-root", "--bind-to", "none", "-n",
                       QString::number(ranks), HEADKV_BIN "/headkv"} +
           command;
}

CommandResult ManyRanksTest::runProcess(const QStringList &arguments)
{
    QProcess process;
    process.start(HEADKV_MPIRUN, arguments);
    process.closeWriteChannel();
    if (!process.waitForFinished(100000))
        process.kill();
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
}

CommandResult ManyRanksTest::runRanks(int ranks, const QStringList &command)
{
    return runProcess(mpirun(ranks, command));
}

void ManyRanksTest::compareScores(const QJsonObject &actual, const QJsonObject &expected)
{
    QVERIFY(!expected.isEmpty());
    QCOMPARE(actual.keys(), expected.keys());
    for (const QString &head : expected.keys()) {
        const QJsonArray a = actual[head].toArray(), b = expected[head].toArray();
        QCOMPARE(a.size(), b.size());
        for (qsizetype i = 0; i < b.size(); ++i)
            QVERIFY2(std::abs(a[i].toDouble() - b[i].toDouble()) < 1e-6, qPrintable(head));
    }
}

void ManyRanksTest::compareCases(const QJsonObject &actual, const QJsonObject &expected)
{
    const QJsonArray a = actual[u"cases"].toArray(), b = expected[u"cases"].toArray();
    QVERIFY(!b.isEmpty());
    QCOMPARE(a.size(), b.size());
    for (qsizetype i = 0; i < b.size(); ++i) {
        for (const QString &key : {QStringLiteral("prompt_ids"), QStringLiteral("emitted_ids"), QStringLiteral("text"),
                                   QStringLiteral("length"), QStringLiteral("depth"), QStringLiteral("passed")})
            QCOMPARE(a[i][key], b[i][key]);
    }
    for (const QString &key : {QStringLiteral("cases"), QStringLiteral("passed"), QStringLiteral("nonzero_heads")})
        QCOMPARE(actual[u"totals"][key], expected[u"totals"][key]);
}

void ManyRanksTest::probeIsThatOfOneProcess_data()
{
    QTest::addColumn<int>("ranks");
    for (const int ranks : {1, 2, 3, 4})
        QTest::addRow("%d", ranks) << ranks;
}

void ManyRanksTest::probeIsThatOfOneProcess()
{
    QFETCH(int, ranks);
    const QStringList options = probe({"--kind", "enhanced", "--lengths", "60,90,200", "--depths", "10", "--filter",
                                       "none", "--max-new-tokens", "8", "--report", path("report.json"), "--json"});
    CommandResult result = run(options);
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject scores = readJson(path("scores.json")), report = readJson(path("report.json"));
    QFile::remove(path("scores.json"));
    QFile::remove(path("report.json"));
    result = runRanks(ranks, options);
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()[u"totals"][u"cases"].toInt(), 60); // one document
    compareScores(readJson(path("scores.json")), scores);
    compareCases(readJson(path("report.json")), report);
    const auto tokens = [](const QJsonObject &of) {
        return of[u"totals"][u"prefill_tokens"].toInt() + of[u"totals"][u"reused_tokens"].toInt();
    };
    QCOMPARE(tokens(readJson(path("report.json"))), tokens(report));
    QVERIFY(readJson(path("report.json"))[u"totals"][u"reused_tokens"].toInt() > 0);
}

void ManyRanksTest::forcedProbeOfMoreRanksThanCases()
{
    const QStringList options =
        probe({"--kind", "reasoning", "--scoring", "forced", "--lengths", "90", "--depths", "1"});
    QCOMPARE(run(options).status, 0);
    const QJsonObject scores = readJson(path("scores.json"));
    QFile::remove(path("scores.json"));
    const CommandResult result = runRanks(4, options); // of 2 cases
    QVERIFY2(result.status == 0, result.err);
    compareScores(readJson(path("scores.json")), scores);
}

void ManyRanksTest::evaluationIsThatOfOneProcess_data()
{
    QTest::addColumn<int>("ranks");
    QTest::addColumn<QStringList>("more");
    for (const int ranks : {2, 3, 4}) {
        QTest::addRow("%d, question", ranks) << ranks << QStringList();
        QTest::addRow("%d, context", ranks) << ranks << QStringList{"--context-only"};
    }
}

void ManyRanksTest::evaluationIsThatOfOneProcess()
{
    QFETCH(int, ranks);
    QFETCH(QStringList, more);
    const QStringList options = QStringList{"evaluate",
                                            tiny,
                                            "--dtype",
                                            "float32",
                                            "--out",
                                            path("results.json"),
                                            "--tasks",
                                            "niah",
                                            "--needles",
                                            path("needles.jsonl"),
                                            "--haystack",
                                            path("hay.txt"),
                                            "--lengths",
                                            "60,90",
                                            "--depths",
                                            "5",
                                            "--max-new-tokens",
                                            "6",
                                            "--methods",
                                            "full,snapkv,headkv",
                                            "--budgets",
                                            "40,70",
                                            "--scores",
                                            "A=" + path("all.json"),
                                            "--json"} +
                                more;
    write("all.json", R"({"0-0":[1],"0-1":[8],"0-2":[2],"0-3":[3],"1-0":[4],"1-1":[5],"1-2":[6],"1-3":[7]})");
    CommandResult result = run(options);
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject one = readJson(path("results.json"));
    result = runRanks(ranks, options);
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject many = readJson(path("results.json"));
    const QJsonArray rows = one[u"rows"].toArray(), answers = one[u"answers"].toArray();
    QCOMPARE(answers.size(), 100);
    QCOMPARE(many[u"rows"].toArray().size(), rows.size());
    for (qsizetype i = 0; i < rows.size(); ++i) {
        for (const QString &key : {QStringLiteral("method"), QStringLiteral("budget"), QStringLiteral("cases"),
                                   QStringLiteral("score"), QStringLiteral("grid"), QStringLiteral("kv_bytes_peak")})
            QCOMPARE(many[u"rows"][i][key], rows[i][key]);
    }
    QCOMPARE(many[u"answers"].toArray().size(), answers.size());
    for (qsizetype i = 0; i < answers.size(); ++i) {
        for (const QString &key : {QStringLiteral("case_index"), QStringLiteral("variant_index"),
                                   QStringLiteral("emitted_ids"), QStringLiteral("window")})
            QCOMPARE(many[u"answers"][i][key], answers[i][key]);
    }
}

/// A probe that takes some seconds.
QStringList ManyRanksTest::longProbe(const QString &name, int depths) const
{
    return probe({"--kind", "enhanced", "--lengths", "90,200,300", "--depths", QString::number(depths), "--filter",
                  "none", "--max-new-tokens", "60", "--report", path(name), "--quiet", "--resume"});
}

void ManyRanksTest::resumesWithOtherRanks()
{
    QFile::remove(path("whole.json"));
    QVERIFY(run(longProbe("whole.json")).status == 0);
    const QJsonObject scores = readJson(path("scores.json")), whole = readJson(path("whole.json"));
    // What a run that was cut short would leave: every third case.
    QJsonObject part = whole;
    QJsonArray cases;
    for (qsizetype i = 0; i < whole[u"cases"].toArray().size(); i += 3)
        cases.append(whole[u"cases"][i]);
    part[u"cases"] = cases;
    write("part.json", QJsonDocument(part).toJson());
    QFile::remove(path("scores.json"));
    const CommandResult result = runRanks(3, longProbe("part.json"));
    QVERIFY2(result.status == 0, result.err);
    compareScores(readJson(path("scores.json")), scores);
    compareCases(readJson(path("part.json")), whole);
    // Nothing is left to do.
    QVERIFY(runRanks(2, longProbe("part.json")).status == 0);
    compareScores(readJson(path("scores.json")), scores);
}

/// A process's children, by the kernel's list.
static QList<pid_t> childrenOf(qint64 parent)
{
    QList<pid_t> children;
    QFile file(QStringLiteral("/proc/%1/task/%1/children").arg(parent));
    if (file.open(QIODevice::ReadOnly)) {
        for (const QByteArray &child : file.readAll().split(' ')) {
            if (child.toInt() > 0)
                children.append(child.toInt());
        }
    }
    return children;
}

/// Any rank, at any moment: the report is whole each time, and other ranks go on with it. HEADKV_KILLS: how often.
void ManyRanksTest::killedRankLeavesAReportToResume()
{
    QFile::remove(path("whole.json"));
    QFile::remove(path("killed.json"));
    QVERIFY(run(longProbe("whole.json")).status == 0);
    const QJsonObject scores = readJson(path("scores.json")), whole = readJson(path("whole.json"));
    bool given = false;
    const int asked = qEnvironmentVariableIntValue("HEADKV_KILLS", &given);
    QRandomGenerator random = QRandomGenerator::securelySeeded();
    for (int kill = 0; kill < (given ? asked : 3); ++kill) {
        const int ranks = 2 + kill % 3;
        if (casesIn("killed.json") == 900)
            QFile::remove(path("killed.json")); // nothing is left to kill
        QProcess process;
        process.start(HEADKV_MPIRUN, mpirun(ranks, longProbe("killed.json")));
        QVERIFY(process.waitForStarted());
        const qsizetype before = casesIn("killed.json");
        QTRY_VERIFY_WITH_TIMEOUT(casesIn("killed.json") > before || process.state() == QProcess::NotRunning, 60000);
        QTest::qWait(random.bounded(30));
        const QList<pid_t> processes = childrenOf(process.processId());
        if (processes.size() == ranks)
            ::kill(processes[random.bounded(ranks)], SIGKILL);
        QVERIFY(process.state() == QProcess::NotRunning || process.waitForFinished(30000));
        const qsizetype cases = casesIn("killed.json"); // 0: not whole
        qInfo("killed one of %d ranks: %lld of 900 cases, exit status %d", ranks, static_cast<long long>(cases),
              process.exitCode());
        QVERIFY(cases > 0 && cases >= before);
        QVERIFY(process.exitCode() != 0 || cases == 900);
    }
    QFile::remove(path("scores.json"));
    const CommandResult result = runRanks(2, longProbe("killed.json"));
    QVERIFY2(result.status == 0, result.err);
    compareScores(readJson(path("scores.json")), scores);
    compareCases(readJson(path("killed.json")), whole);
}

void ManyRanksTest::interruptKeepsWhatIsDone()
{
    QFile::remove(path("cut.json"));
    QFile::remove(path("scores.json"));
    QProcess process;
    constexpr int depths = 300; // long enough for a signal to come in time on fast machines
    process.start(HEADKV_MPIRUN, mpirun(2, longProbe("cut.json", depths)));
    QTRY_VERIFY_WITH_TIMEOUT(casesIn("cut.json") > 2, 60000);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(30000));
    QVERIFY(process.exitCode() != 0);
    const qsizetype cases = casesIn("cut.json");
    QVERIFY2(cases > 2 && cases < 6 * depths, qPrintable(QString::number(cases)));
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(said.contains("headkv: cancelled after "), said);
    QCOMPARE(readJson(path("scores.json"))[u"0-0"].toArray().size(), cases);
}

void ManyRanksTest::errorsAreOneLine()
{
    const auto lines = [](const CommandResult &result) { return result.err.count("headkv: "); };
    CommandResult result = runRanks(3, {"probe", tiny, "--kind", "nonsense", "--out", path("scores.json")});
    QCOMPARE(result.status, 2);
    QVERIFY2(lines(result) == 1 && result.err.contains("see headkv probe --help"), result.err);
    result = runRanks(3, {"probe", path("none.gguf"), "--kind", "enhanced", "--out", path("scores.json")});
    QCOMPARE(result.status, 3);
    QVERIFY2(lines(result) == 1 && result.err.contains("rank ") && result.err.contains("none.gguf"), result.err);
    QFile::remove(path("scores.json"));
    result = runRanks(2, probe({"--kind", "retrieval", "--lengths", "70", "--depths", "1", "--max-new-tokens", "2",
                                "--filter", "rouge1:99"}));
    QCOMPARE(result.status, 1);
    QVERIFY2(lines(result) == 1 && result.err.contains("none of 2 cases passed"), result.err);
}

/// A rank that got another haystack says so, and all leave.
void ManyRanksTest::otherFilesOnARank()
{
    write("other.txt", "A tiny other text. It is not that of the first rank.");
    const QStringList options = probe({"--kind", "enhanced", "--lengths", "90", "--depths", "4", "--filter", "none"});
    QStringList others = options;
    others[others.indexOf(path("hay.txt"))] = path("other.txt");
    const QStringList arguments = mpirun(1, options) + QStringList{":", "-n", "1", HEADKV_BIN "/headkv"} + others;
    const CommandResult result = runProcess(arguments);
    QCOMPARE(result.status, 3);
    QVERIFY2(result.err.count("headkv: ") == 1 && result.err.contains("headkv: rank 1 on "), result.err);
    QVERIFY2(result.err.contains("differs from that of rank 0"), result.err);
}

int main(int argc, char **argv)
{
    if (!QFile::exists(QStringLiteral(HEADKV_MPIRUN))) {
        std::puts("skipped: this build has no MPI");
        return 77;
    }
    const QCoreApplication application(argc, argv);
    ManyRanksTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "ManyRanksTest.moc"
