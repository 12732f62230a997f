// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/Session.h"
#include "core/probe/Haystack.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/CaseTableModel.h"
#include "sessions/HeadTableModel.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/SessionFile.h"
#include "tests/sessions/SessionSample.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

const QString tiny = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");

ProbeSettings smallProbe(int depths = 3)
{
    ProbeSettings settings;
    settings.kind = ProbeKind::Enhanced;
    settings.lengths = {60, 110};
    settings.depths = evenDepths(depths);
    settings.needles = {{" The inn is on the hill.", "Where is the inn?", "on the hill"}};
    settings.haystack = "The rain is in the reed. An otter is on the shore. ";
    settings.filter = {ProbeFilter::Metric::None, 0};
    settings.maxNewTokens = 4;
    return settings;
}

} // namespace

class SessionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void loadingFailsWithOneLine();
    void loadsAndTokenizes();
    void probeFillsModelsAndAddsASet();
    void estimateCountsCases();
    void noPassIsANotice();
    void cancelKeepsWhatIsDone();
    void leavesQuicklyDuringAProbe();
    void theGuiThreadNeverWaits();
    void opensAndSavesScores();
    void aSessionDoesNotDisturbAProbe();
    void needlesAreChecked();

private:
    static void load(Session &session);
};

void SessionTest::load(Session &session)
{
    session.loadModel(tiny, {.dtype = DType::Float32});
    QCOMPARE(session.activity(), Session::Activity::Loading);
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    QVERIFY(session.modelInfo());
}

void SessionTest::loadingFailsWithOneLine()
{
    Session session;
    QSignalSpy failed(&session, &Session::failed);
    session.loadModel("/no/such.gguf");
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(failed[0][0].toString().contains("/no/such.gguf"));
    QVERIFY(!failed[0][0].toString().contains('\n'));
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    QVERIFY(!session.modelInfo());
}

void SessionTest::loadsAndTokenizes()
{
    Session session;
    QSignalSpy tokenized(&session, &Session::tokenized);
    load(session);
    QCOMPARE(session.modelInfo()->layers, 2);
    session.tokenize("the inn<|im_end|>");
    QTRY_COMPARE(tokenized.size(), 1);
    QCOMPARE(tokenized[0][1].value<QVector<int>>().last(), 2);
    QCOMPARE(tokenized[0][2].toStringList().join(""), QString("the inn<|im_end|>"));
}

void SessionTest::probeFillsModelsAndAddsASet()
{
    Session session;
    load(session);
    CaseTableModel cases(session.probe());
    const QAbstractItemModelTester tester(&cases, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    QSignalSpy added(&session.scores(), &ScoreLibrary::added);
    session.probe().start(smallProbe());
    session.probe().start(smallProbe()); // while one runs: ignored
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished[0][0].toBool(), false);
    QCOMPARE(added.size(), 1);
    QCOMPARE(session.probe().results().size(), std::size_t(6));
    QCOMPARE(session.scores().sets().front().scores->examples(), std::size_t(6));
    QCOMPARE(session.probe().scores().scores->examples(), std::size_t(6));

    QCOMPARE(cases.rowCount(), 6);
    const int index = cases.index(0, 0).data(CaseTableModel::CaseIndexRole).toInt();
    QCOMPARE(cases.index(0, CaseTableModel::Length).data().toInt(), (*session.probe().cases())[index].length);
    QCOMPARE(cases.index(0, CaseTableModel::Needle).data().toString(), QString("The inn is on the hill."));
    QCOMPARE(cases.index(0, CaseTableModel::Passed).data().toString(), QString("yes"));
    QCOMPARE(cases.index(0, CaseTableModel::Rouge).data(CaseTableModel::SortRole).toDouble(),
             session.probe().results()[0]->rouge1Recall);

    HeadTableModel heads;
    const QAbstractItemModelTester headTester(&heads, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const ScoreSet &set = session.scores().sets().front();
    heads.setSets({{set.name, set.scores, set.summary, nullptr}});
    QCOMPARE(heads.rowCount(), 8);
    QCOMPARE(heads.index(5, HeadTableModel::Layer).data().toInt(), 1);
    QCOMPARE(heads.index(5, HeadTableModel::Head).data().toInt(), 1);
    QCOMPARE(heads.index(5, HeadTableModel::Score).data(HeadTableModel::SortRole).toDouble(),
             session.scores().sets().front().summary->means[5]);
    heads.setSets({});
    QCOMPARE(heads.rowCount(), 0);

    session.probe().start(smallProbe(1)); // twice in a row
    QTRY_COMPARE(finished.size(), 2);
    QCOMPARE(cases.rowCount(), 2);
    QCOMPARE(session.scores().sets().size(), std::size_t(2));
}

void SessionTest::estimateCountsCases()
{
    Session session;
    load(session);
    QSignalSpy estimated(&session.probe(), &ProbeSession::estimated);
    session.probe().estimate(smallProbe());
    QTRY_COMPARE(estimated.size(), 1);
    const auto estimate = estimated[0][0].value<ProbeEstimate>();
    QCOMPARE(estimate.cases, std::size_t(6));
    QCOMPARE(estimate.decodeTokens, std::size_t(24));
    QVERIFY(estimate.prefillTokens > 100 && estimate.prefillTokens < 6 * 300);
    QVERIFY(!estimate.measured && estimate.seconds > 0);
}

void SessionTest::noPassIsANotice()
{
    Session session;
    load(session);
    QSignalSpy notice(&session, &Session::notice);
    QSignalSpy added(&session.scores(), &ScoreLibrary::added);
    ProbeSettings settings = smallProbe(1);
    settings.filter = {ProbeFilter::Metric::Rouge1Recall, 99};
    session.probe().start(settings);
    QTRY_COMPARE(notice.size(), 1);
    QVERIFY(notice[0][0].toString().contains("none of 2 cases passed"));
    QCOMPARE(added.size(), 0);
}

void SessionTest::cancelKeepsWhatIsDone()
{
    Session session;
    load(session);
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    connect(&session.probe(), &ProbeSession::caseDone, &session, [&](int index) {
        if (index == 2)
            session.cancel();
    });
    ProbeSettings settings = smallProbe(500);
    settings.maxNewTokens = 30;
    session.probe().start(settings);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 20000);
    QCOMPARE(finished[0][0].toBool(), true);
    QVERIFY(session.probe().results().size() >= 3 && session.probe().results().size() < 1000);
    QCOMPARE(session.scores().sets().size(), std::size_t(1));
    QCOMPARE(session.scores().sets().front().scores->examples(), session.probe().results().size());
}

void SessionTest::leavesQuicklyDuringAProbe()
{
    QElapsedTimer timer;
    {
        Session session;
        load(session);
        ProbeSettings settings = smallProbe(500);
        QSignalSpy done(&session.probe(), &ProbeSession::caseDone);
        session.probe().start(settings);
        QTRY_VERIFY(!done.isEmpty());
        timer.start();
    }
    QVERIFY(timer.elapsed() < 2000);
}

void SessionTest::theGuiThreadNeverWaits()
{
    Session session;
    load(session);
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    QElapsedTimer sinceBeat;
    qint64 largestGap = 0;
    QTimer heart;
    connect(&heart, &QTimer::timeout, this, [&] { largestGap = std::max(largestGap, sinceBeat.restart()); });
    sinceBeat.start();
    heart.start(5);
    session.probe().start(smallProbe(40));
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 30000);
    QVERIFY2(largestGap < 100, qPrintable(QString("a gap of %1 ms").arg(largestGap)));
}

void SessionTest::opensAndSavesScores()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("hand.json");
    HeadScores scores(1, 2);
    scores.values = {{0.25, 0.5}, {0, 1}};
    writeHeadScores(path.toStdString(), scores, nlohmann::json{{"note", "by hand"}});
    Session session;
    QSignalSpy added(&session.scores(), &ScoreLibrary::added);
    session.scores().open(path);
    QTRY_COMPARE(added.size(), 1);
    QCOMPARE(session.scores().sets()[0].name, QString("hand"));
    QVERIFY(session.scores().sets()[0].metaJson.contains("by hand"));
    QCOMPARE(session.scores().save(0, folder.filePath("copy.json")), QString());
    QVERIFY(readHeadScores(folder.filePath("copy.json").toStdString()).values == scores.values);
    QVERIFY(session.scores().save(0, "/no/such/folder/x.json").contains("/no/such/folder"));
    QVERIFY(!session.scores().save(7, path).isEmpty());
    QSignalSpy failed(&session, &Session::failed);
    session.scores().open(tiny);
    QTRY_COMPARE(failed.size(), 1);
    session.scores().remove(0);
    QVERIFY(session.scores().sets().empty());
}

/// One that is started while a session's file is still being read.
void SessionTest::aSessionDoesNotDisturbAProbe()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("s.hkv");
    writeSession(smallSession(), path);
    Session session;
    load(session);
    QSignalSpy failed(&session, &Session::failed), opened(&session, &Session::documentOpened);
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    session.openDocument(path);
    session.probe().start(smallProbe());
    QVERIFY(finished.wait(30000));
    QCOMPARE(failed.size(), 1);
    QVERIFY2(failed[0][0].toString().startsWith(path + ": something was started meanwhile"),
             qPrintable(failed[0][0].toString()));
    QCOMPARE(opened.size(), 0);
    QCOMPARE(session.probe().results().size(), std::size_t(6));
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    session.openDocument(path);
    QVERIFY(opened.wait(5000));
    QVERIFY(session.probe().results().empty());
}

void SessionTest::needlesAreChecked()
{
    NeedleTableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(!model.problem().isEmpty());
    model.setNeedles({{"The inn is on the hill.", "Where?", "on the hill"}});
    QVERIFY(model.problem().isEmpty());
    QVERIFY(model.setData(model.index(0, NeedleTableModel::Answer), "in the dale", Qt::EditRole));
    QVERIFY(model.problem().contains("does not occur"));
    QVERIFY(!model.index(0, 0).data(NeedleTableModel::ProblemRole).toString().isEmpty());
    model.appendNeedle({"Ten is even.", "Is ten even?", "even"});
    QVERIFY(model.removeRows(0, 1));
    QVERIFY(!model.removeRows(5, 1));
    QVERIFY(model.problem().isEmpty());
    QCOMPARE(model.needles().front().answer, std::string("even"));
}

QTEST_GUILESS_MAIN(SessionTest)
#include "SessionTest.moc"
