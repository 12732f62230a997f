// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionFile.h"
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "tests/sessions/SessionSample.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <functional>
#include <nlohmann/json.hpp>

using namespace headkv;
using Json = nlohmann::ordered_json;

namespace {

const QString goldens = QStringLiteral(HEADKV_GOLDENS "/sessions/");

/// Without the lines that tell when and by which version it was written.
QString comparable(const std::string &text)
{
    QStringList lines = QString::fromStdString(text).split(QLatin1Char('\n'));
    lines.removeIf([](const QString &line) {
        return line.startsWith(QLatin1String("\"saved\":")) || line.startsWith(QLatin1String("\"program\":"));
    });
    QString whole = lines.join(QLatin1Char('\n'));
    static const QRegularExpression version(QStringLiteral("\"program\":\"headkv [0-9.]+\""));
    return whole.replace(version, QStringLiteral("\"program\":\"\"")); // of a report within
}

/// Without the reports of others, which may come to say more.
QString ownPart(const std::string &text)
{
    QStringList lines = comparable(text).split(QLatin1Char('\n'));
    lines.removeIf([](const QString &line) {
        return line.startsWith(QLatin1String("\"lanes\":")) || line.startsWith(QLatin1String("\"evaluation\":"));
    });
    return lines.join(QLatin1Char('\n'));
}

std::string errorOf(const std::function<void()> &call)
{
    try {
        call();
    } catch (const Error &error) {
        return error.kind() == ErrorKind::Input || error.kind() == ErrorKind::Failed ? error.what() : "another kind";
    }
    return {};
}

std::string contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

const QString here = QStringLiteral("/nowhere/session.hkv");

} // namespace

class SessionFileTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comesBackEqual();
    void opensWithoutForms();
    void isAsTheGolden();
    void readsVersion0();
    void refusesANewerVersion();
    void namesTheBrokenPlace_data();
    void namesTheBrokenPlace();
    void refusesWhatIsNoSession_data();
    void refusesWhatIsNoSession();
    void movesWithItsFolder();
    void keepsTheLastGoodFile();
};

void SessionFileTest::comesBackEqual()
{
    const SessionDocument session = smallSession();
    const std::string text = formatSession(session, here);
    const SessionDocument back = parseSession(text, here);
    QCOMPARE(comparable(formatSession(back, here)), comparable(text));

    QCOMPARE(back.notes, session.notes);
    QCOMPARE(back.page, session.page);
    QCOMPARE(back.docks, session.docks);
    QCOMPARE(back.model.path, QString("default"));
    QCOMPARE(back.model.kvHeads, 1);
    QCOMPARE(back.scores.size(), session.scores.size());
    for (std::size_t i = 0; i < back.scores.size(); ++i) {
        QCOMPARE(back.scores[i].name, session.scores[i].name);
        QCOMPARE(back.scores[i].origin, session.scores[i].origin);
        QVERIFY(back.scores[i].scores->values == session.scores[i].scores->values); // to the last bit
        QVERIFY(back.scores[i].summary->ranks == session.scores[i].summary->ranks);
        QCOMPARE(back.scores[i].metaJson, session.scores[i].metaJson);
    }
    QVERIFY(back.heads.sets == session.heads.sets && back.heads.pins == session.heads.pins);
    QCOMPARE(back.heads.difference, true);
    QCOMPARE(back.budgets.methods, session.budgets.methods);
    QCOMPARE(back.budgets.beta, session.budgets.beta);
    QVERIFY(back.budgets.window == session.budgets.window && back.budgets.tokens == session.budgets.tokens);
    QVERIFY(back.budgets.byKvHead && back.budgets.redistribute);
    QCOMPARE(back.budgets.scoreSet, 1);
    QVERIFY(back.probeForm == session.probeForm);
    QVERIFY(back.tasks == session.tasks);
    QVERIFY(back.variants == session.variants);
    QCOMPARE(back.prompt.text, session.prompt.text);
    QVERIFY(back.generateForm == session.generateForm);
    QCOMPARE(back.lanes.front()->generation.text, session.lanes.front()->generation.text);
    QVERIFY(back.lanes.front()->generation.contents.positions == session.lanes.front()->generation.contents.positions);
    QCOMPARE(back.evaluation->run.results.size(), std::size_t(2));
    QCOMPARE(back.evaluation->run.results[1].score, 33.3);
    QVERIFY(back.evaluation->fingerprints == session.evaluation->fingerprints);
    QVERIFY(back.probe.kept && back.probe.kept->report);
    QCOMPARE(back.probe.kept->sha256, QString("0123abcd"));
}

/// Sessions of before there were these parts.
void SessionFileTest::opensWithoutForms()
{
    Json document = Json::parse(formatSession(smallSession(), here));
    for (const char *part : {"probe_form", "tasks", "variants", "generate_form"})
        QCOMPARE(document.erase(part), std::size_t(1));
    const SessionDocument session = parseSession(document.dump(), here);
    QVERIFY(session.probeForm == SessionProbeForm());
    QVERIFY(session.tasks == SessionTasks());
    QVERIFY(session.variants == SessionVariants());
    QVERIFY(session.generateForm == SessionGenerateForm());
    QCOMPARE(session.prompt.text, smallSession().prompt.text);
}

/// The layout is a promise: whoever changes what is there has to raise the version and to write a step. A part that
/// older programs may do without is added to this file.
void SessionFileTest::isAsTheGolden()
{
    const QString path = goldens + QStringLiteral("version-1.hkv");
    if (qEnvironmentVariableIsSet("HEADKV_WRITE_GOLDENS"))
        writeFileAtomically(path.toStdString(), formatSession(smallSession(), here));
    QCOMPARE(ownPart(formatSession(smallSession(), here)), ownPart(contentOf(path)));
    const SessionDocument read = parseSession(contentOf(path), here);
    QCOMPARE(ownPart(formatSession(read, here)), ownPart(contentOf(path)));
    QCOMPARE(read.lanes.front()->generation.text, smallSession().lanes.front()->generation.text);
    QCOMPARE(read.evaluation->run.results.size(), std::size_t(2));
}

void SessionFileTest::readsVersion0()
{
    const SessionDocument session = readSession(goldens + QStringLiteral("version-0.hkv"));
    QCOMPARE(session.scores.size(), std::size_t(1));
    const HeadScores &scores = *session.scores.front().scores;
    QCOMPARE(scores.layers, 2);
    QCOMPARE(scores.heads, 2);
    QVERIFY(scores.values == (std::vector<std::vector<double>>{{0.5, 0.25}, {0, 1}, {0.125, 0.75}, {0, 0}}));
    QVERIFY(session.heads.pins.at(0) == (std::vector<HeadId>{{1, 0}, {0, 1}}));
    QVERIFY(formatSession(session, here).starts_with("{\"headkv_session\":1,"));
}

void SessionFileTest::refusesANewerVersion()
{
    const std::string error = errorOf([] { (void)parseSession("{\"headkv_session\":2,\"score_sets\":7}", here); });
    QVERIFY2(error.find("newer HeadKV Explorer (layout 2") != std::string::npos, error.c_str());
    QVERIFY(error.find("/nowhere/session.hkv: ") == 0);
}

void SessionFileTest::namesTheBrokenPlace_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("place");
    const auto row = [](const char *pointer, const char *value, const char *place) {
        QTest::newRow(pointer) << QString(pointer) << QString(value) << QString(place);
    };
    row("/score_sets/1/values/3/0", "-1", "$.score_sets[1].values[3]");
    row("/score_sets/0/values/2", "[0.5]", "$.score_sets[0].values[2]");
    row("/score_sets/0/values/2/1", "\"x\"", "$.score_sets[0].values[2]");
    row("/score_sets/0/values/0", "[]", "$.score_sets[0].values[0]");
    row("/score_sets/0/layers", "1000000", "$.score_sets[0].values");
    row("/score_sets/0/heads", "2000000000", "$.score_sets[0].heads");
    row("/score_sets/0/name", "null", "$.score_sets[0].name");
    row("/score_sets", "{}", "$.score_sets");
    row("/model/layers", "0", "$.model.layers");
    row("/model/path", "{\"relative\":5}", "$.model.path.relative");
    row("/heads/sets/0", "2", "$.heads.sets[0]");
    row("/heads/pins/0/heads/1", "\"0\"", "$.heads.pins[0].heads[1]");
    row("/heads/difference", "1", "$.heads.difference");
    row("/budgets/beta", "\"1.2\"", "$.budgets.beta");
    row("/budgets/budget", "1.5", "$.budgets.budget");
    row("/budgets/score_set", "-1", "$.budgets.score_set");
    row("/budgets/granularity", "\"head\"", "$.budgets.granularity");
    row("/probe_form/kind", "\"magic\"", "$.probe_form.kind");
    row("/probe_form/scoring", "1", "$.probe_form.scoring");
    row("/probe_form/lengths", "[512]", "$.probe_form.lengths");
    row("/probe_form/haystack", "\"hay.txt\"", "$.probe_form.haystack");
    row("/probe_form/new_tokens", "0", "$.probe_form.new_tokens");
    row("/probe_form/filter", "\"f1:101\"", "$.probe_form.filter");
    row("/probe_form/needles/1/answer", "null", "$.probe_form.needles[1].answer");
    row("/tasks/niah", "0", "$.tasks.niah");
    row("/tasks/files/0", "7", "$.tasks.files[0]");
    row("/tasks/needles", "0", "$.tasks.needles");
    row("/tasks/haystack/absolute", "null", "$.tasks.haystack.absolute");
    row("/tasks/questions", "1e3", "$.tasks.questions");
    row("/tasks/prompts", "[]", "$.tasks.prompts");
    row("/variants/methods/0", "{}", "$.variants.methods[0]");
    row("/variants/without_sets/0", "2", "$.variants.without_sets[0]");
    row("/variants/granularity", "\"head\"", "$.variants.granularity");
    row("/variants/window", "-1", "$.variants.window");
    row("/variants/beta", "0.5", "$.variants.beta");
    row("/variants/compress_once", "\"never\"", "$.variants.compress_once");
    row("/generate_form/raw", "null", "$.generate_form.raw");
    row("/generate_form/new_tokens", "0", "$.generate_form.new_tokens");
    row("/generate_form/temperature", "11", "$.generate_form.temperature");
    row("/generate_form/top_p", "-0.5", "$.generate_form.top_p");
    row("/generate_form/seed", "-1", "$.generate_form.seed");
    row("/generate_form/lanes/0/method", "4", "$.generate_form.lanes[0].method");
    row("/generate_form/lanes/0/score_set", "2", "$.generate_form.lanes[0].score_set");
    row("/generate_form/lanes/1/budget", "0", "$.generate_form.lanes[1].budget");
    row("/layout/docks", "\"notes\"", "$.layout.docks");
    row("/notes", "[]", "$.notes");
    row("/lanes/0/prompt_ids", "\"x\"", "$.lanes[0]: prompt_ids");
    row("/lanes/0/method", "\"magic\"", "$.lanes[0] holds a report that cannot be read");
    row("/evaluation/answers/1/score", "200", "$.evaluation: its answer 2");
    row("/evaluation/tasks/0/lengths", "[1,\"x\"]", "$.evaluation: not a report");
    row("/probe/report", "null", "$.probe.report");
}

void SessionFileTest::namesTheBrokenPlace()
{
    QFETCH(const QString, pointer);
    QFETCH(const QString, value);
    QFETCH(const QString, place);
    Json document = Json::parse(contentOf(goldens + QStringLiteral("version-1.hkv")));
    document[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    const std::string error = errorOf([&] { (void)parseSession(document.dump(), here); });
    QVERIFY2(error.find(place.toStdString()) != std::string::npos, error.c_str());
    QVERIFY2(error.find('\n') == std::string::npos, error.c_str());
    QVERIFY2(error.find("/nowhere/session.hkv: ") == 0, error.c_str());
}

void SessionFileTest::refusesWhatIsNoSession_data()
{
    QTest::addColumn<QByteArray>("text");
    const std::string whole = contentOf(goldens + QStringLiteral("version-1.hkv"));
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut short") << QByteArray::fromStdString(whole.substr(0, whole.size() / 2));
    QTest::newRow("a list") << QByteArray("[1]");
    QTest::newRow("another object") << QByteArray("{\"model\":1}");
    QTest::newRow("no version") << QByteArray("{\"headkv_session\":\"1\"}");
    QTest::newRow("version 0 that is not") << QByteArray("{\"headkv_session\":0,\"score_sets\":[5]}");
    QTest::newRow("deep") << "{\"headkv_session\":1,\"x\":" + QByteArray(1000000, '[');
    QTest::newRow("deep and whole") << "{\"headkv_session\":1,\"x\":" + QByteArray(100000, '[') +
                                           QByteArray(100000, ']') + "}";
    QTest::newRow("many rows") << QByteArray::fromStdString([whole] { // 3 short lists make a long one
        Json document = Json::parse(whole);
        Json &settings = document["evaluation"]["settings"];
        for (const char *list : {"methods", "budgets", "scores"}) {
            const Json item = settings[list].back();
            for (int i = 0; i < 1000; ++i)
                settings[list].push_back(item);
        }
        return document.dump();
    }());
}

void SessionFileTest::refusesWhatIsNoSession()
{
    QFETCH(const QByteArray, text);
    const std::string error = errorOf([&] { (void)parseSession(text.toStdString(), here); });
    QVERIFY2(error.find("/nowhere/session.hkv: ") == 0 && error.find('\n') == std::string::npos, error.c_str());
}

void SessionFileTest::movesWithItsFolder()
{
    const QTemporaryDir folder;
    const QDir top(folder.path());
    QVERIFY(top.mkpath("a/models") && top.mkpath("c"));
    const QString model = top.filePath("a/models/m.gguf"), scores = top.filePath("a/r.json");
    for (const QString &file : {model, scores})
        writeFileAtomically(file.toStdString(), "x");
    SessionDocument session = smallSession();
    session.model.path = model;
    session.scores.front().origin = scores;
    session.probe.kept->report.reset();
    session.probe.kept->source = scores;
    writeSession(session, top.filePath("a/s.hkv"));

    // Alone, it finds them where they were.
    QVERIFY(QFile::copy(top.filePath("a/s.hkv"), top.filePath("c/s.hkv")));
    QCOMPARE(readSession(top.filePath("c/s.hkv")).model.path, model);
    // With its folder, it finds them there.
    QVERIFY(QDir().rename(top.filePath("a"), top.filePath("b")));
    const SessionDocument moved = readSession(top.filePath("b/s.hkv"));
    QCOMPARE(moved.model.path, top.filePath("b/models/m.gguf"));
    QCOMPARE(moved.scores.front().origin, top.filePath("b/r.json"));
    QCOMPARE(moved.probe.kept->source, top.filePath("b/r.json"));
    QVERIFY(!moved.probe.kept->report);
}

void SessionFileTest::keepsTheLastGoodFile()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("s.hkv");
    writeSession(smallSession(), path);
    const std::string good = contentOf(path);
    // A full disk, a folder that takes nothing, one that is not there.
    for (const QString &bad : {QString("/dev/full"), QString("/proc/s.hkv"), folder.filePath("none/s.hkv")}) {
        const std::string error = errorOf([&] { writeSession(smallSession(), bad); });
        QVERIFY2(error.find(bad.toStdString() + ": cannot be written") == 0, error.c_str());
    }
    QVERIFY(errorOf([&] { (void)readSession(folder.filePath("none.hkv")); }).find("none.hkv: cannot be read") !=
            std::string::npos);
    QCOMPARE(contentOf(path), good);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{"s.hkv"});
}

QTEST_GUILESS_MAIN(SessionFileTest)
#include "SessionFileTest.moc"
