// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/EvaluationSession.h"
#include "core/evaluation/EvaluationRunner.h"
#include "core/model/Model.h"
#include "sessions/Session.h"
#include "tests/sessions/EvaluationSample.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

using namespace headkv;

namespace {

const QString tiny = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");

using Answers = std::map<std::tuple<std::size_t, std::size_t, std::size_t>, std::pair<std::vector<TokenId>, double>>;

Answers answersOf(const EvaluationRun &run)
{
    Answers answers;
    for (const EvaluationResult &result : run.results)
        answers[{result.task, result.item, result.variant}] = {result.emittedIds, result.score};
    return answers;
}

void load(Session &session, DType dtype = DType::Float32)
{
    session.loadModel(tiny, {.dtype = dtype});
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    QVERIFY(session.modelInfo());
}

} // namespace

class EvaluationSessionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answersAsTheCoreDoes();
    void cancelsAndResumes();
    void savesAndOpens();
    void resumesAReportOfItsModelOnly();
    void refusesWhatItCannotPlan();
    void leavesQuickly();

private:
    void run(Session &session, const EvaluationRequest &request);

    EvaluationRun m_expected; ///< of smallEvaluation(), without a session
    QTemporaryDir m_folder;
};

void EvaluationSessionTest::initTestCase()
{
    const auto model = Model::load(tiny.toStdString(), {.dtype = DType::Float32});
    m_expected = planEvaluation(*model, smallEvaluation());
    runEvaluation(model, m_expected);
}

void EvaluationSessionTest::run(Session &session, const EvaluationRequest &request)
{
    QSignalSpy finished(&session.evaluation(), &EvaluationSession::finished);
    session.evaluation().start(request);
    QCOMPARE(session.activity(), Session::Activity::Evaluating);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 60000);
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
}

void EvaluationSessionTest::answersAsTheCoreDoes()
{
    Session session;
    QSignalSpy started(&session.evaluation(), &EvaluationSession::started);
    QSignalSpy answered(&session.evaluation(), &EvaluationSession::answered);
    session.evaluation().start(smallEvaluation()); // without a model: ignored
    QCOMPARE(session.activity(), Session::Activity::Idle);
    QVERIFY(!session.evaluation().canSave() && !session.evaluation().canResume());
    load(session);
    run(session, smallEvaluation());
    QCOMPARE(started.size(), 1);
    const EvaluationRun &found = session.evaluation().run();
    QCOMPARE(found.answers(), std::size_t(20));
    QCOMPARE(found.results.size(), found.answers());
    QCOMPARE(answered.size(), 20);
    QCOMPARE(answered.last()[0].toInt(), 19);
    QVERIFY(answersOf(found) == answersOf(m_expected));
    QVERIFY(!found.cancelled);
    QVERIFY(found.tasks[0].cases[0].contextIds.empty()); // prompts stay with the engine
    QVERIFY(session.evaluation().canSave());
    QVERIFY(!session.evaluation().canResume()); // nothing is left
    QCOMPARE(session.evaluation().evaluation().model.dtype, std::string("float32"));
}

void EvaluationSessionTest::cancelsAndResumes()
{
    Session session;
    load(session);
    QSignalSpy finished(&session.evaluation(), &EvaluationSession::finished);
    const auto stop = connect(&session.evaluation(), &EvaluationSession::answered, &session, [&](int result) {
        if (result == 2)
            session.cancel();
    });
    run(session, longEvaluation());
    QCOMPARE(finished.last()[0].toBool(), true);
    QVERIFY(session.evaluation().run().cancelled);
    const std::size_t first = session.evaluation().run().results.size();
    QVERIFY2(first >= 3 && first < 600, qPrintable(QString::number(first)));
    disconnect(stop);
    QVERIFY(session.evaluation().canResume());
    QSignalSpy resumed(&session.evaluation(), &EvaluationSession::resumed);
    finished.clear();
    session.evaluation().resume();
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 60000);
    QCOMPARE(resumed.size(), 1);
    const auto model = Model::load(tiny.toStdString(), {.dtype = DType::Float32});
    EvaluationRun expected = planEvaluation(*model, longEvaluation());
    runEvaluation(model, expected);
    QVERIFY(answersOf(session.evaluation().run()) == answersOf(expected));
}

void EvaluationSessionTest::savesAndOpens()
{
    const QString path = m_folder.filePath("whole.json");
    {
        Session session;
        load(session);
        run(session, smallEvaluation());
        QSignalSpy saved(&session.evaluation(), &EvaluationSession::saved);
        session.evaluation().save(path);
        QTRY_COMPARE(saved.size(), 1);
        QSignalSpy failed(&session, &Session::failed);
        session.evaluation().save("/no/such/folder/x.json");
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(failed[0][0].toString().contains("/no/such/folder"));
    }
    Session session; // without a model
    QSignalSpy finished(&session.evaluation(), &EvaluationSession::finished);
    session.evaluation().open(path);
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished[0][0].toBool(), false);
    QVERIFY(answersOf(session.evaluation().run()) == answersOf(m_expected));
    QCOMPARE(session.evaluation().run().tasks[0].lengths, (std::vector<int>{80, 140}));
    QVERIFY(!session.evaluation().canSave()); // it is a file already
    QVERIFY(!session.evaluation().canResume());
    QSignalSpy failed(&session, &Session::failed);
    session.evaluation().open(m_folder.filePath("none.json"));
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(failed[0][0].toString().contains("none.json"));
    QVERIFY(!session.evaluation().run().tasks.empty()); // what was open stays
}

void EvaluationSessionTest::resumesAReportOfItsModelOnly()
{
    auto report = nlohmann::ordered_json::parse(std::ifstream(m_folder.filePath("whole.json").toStdString()));
    report["answers"].erase(report["answers"].begin() + 7, report["answers"].end());
    const QString path = m_folder.filePath("part.json");
    std::ofstream(path.toStdString()) << report;
    Session session;
    QSignalSpy finished(&session.evaluation(), &EvaluationSession::finished);
    session.evaluation().open(path);
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished[0][0].toBool(), true);
    QVERIFY(!session.evaluation().canResume()); // no model
    load(session, DType::BFloat16);
    QVERIFY(!session.evaluation().canResume()); // another one: it computes otherwise
    session.evaluation().resume();
    QCOMPARE(session.activity(), Session::Activity::Idle);
    load(session);
    QVERIFY(session.evaluation().canResume());
    finished.clear();
    session.evaluation().resume();
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 60000);
    QVERIFY(answersOf(session.evaluation().run()) == answersOf(m_expected));
    QVERIFY(session.evaluation().canSave());
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    QSignalSpy saved(&session.evaluation(), &EvaluationSession::saved);
    session.evaluation().save(m_folder.filePath("again.json"));
    QTRY_COMPARE(saved.size(), 1);
}

void EvaluationSessionTest::refusesWhatItCannotPlan()
{
    Session session;
    load(session);
    run(session, smallEvaluation());
    QFile file(m_folder.filePath("broken.jsonl"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"context\": \"The inn is on the hill.\", \"input\": \"Where is it?\", \"answers\": [\"hill\"]}\n"
               "{\"context\": \"The inn is\n");
    file.close();
    EvaluationRequest request = smallEvaluation();
    request.tasks = {file.fileName().toStdString()};
    QSignalSpy failed(&session, &Session::failed);
    QSignalSpy started(&session.evaluation(), &EvaluationSession::started);
    run(session, request);
    QCOMPARE(failed.size(), 1);
    QVERIFY2(failed[0][0].toString().contains("broken.jsonl:2"), qPrintable(failed[0][0].toString()));
    QVERIFY(started.isEmpty());
    QCOMPARE(session.evaluation().run().results.size(), std::size_t(20)); // the last one stays
    request.documents.skipMalformed = true;
    run(session, request);
    QCOMPARE(session.evaluation().run().skipped.size(), std::size_t(1));
    QCOMPARE(session.evaluation().run().results.size(), std::size_t(5));
}

void EvaluationSessionTest::leavesQuickly()
{
    QElapsedTimer clock;
    {
        Session session;
        load(session);
        EvaluationRequest request = smallEvaluation();
        request.needles.depths = evenDepths(200);
        QSignalSpy answered(&session.evaluation(), &EvaluationSession::answered);
        session.evaluation().start(request);
        QTRY_VERIFY_WITH_TIMEOUT(!answered.isEmpty(), 30000);
        clock.start();
    }
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));
}

QTEST_GUILESS_MAIN(EvaluationSessionTest)
#include "EvaluationSessionTest.moc"
