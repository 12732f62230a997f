// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/ReportWatch.h"
#include "core/evaluation/EvaluationRunner.h"
#include "core/model/Model.h"
#include "core/probe/ProbeReport.h"
#include "sessions/EvaluationSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "tests/sessions/EvaluationSample.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headkv;

/// Reports that grow while they are open, as another process writes them.
class ReportWatchTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void probeGrows();
    void stopsWhereTheUserSaysSo();
    void anotherReportEndsIt();
    void evaluationGrows();

private:
    void load(Session &session) const;
    /// The probe's report with its first cases.
    void writeProbe(std::size_t cases) const;
    void writeEvaluation(std::size_t answers) const;
    [[nodiscard]] QString probePath() const { return m_folder.filePath(QStringLiteral("probe.json")); }
    [[nodiscard]] QString evaluationPath() const { return m_folder.filePath(QStringLiteral("evaluation.json")); }

    QTemporaryDir m_folder;
    std::shared_ptr<const Model> m_model;
    ProbeRun m_probe;
    EvaluationRun m_evaluation;
};

void ReportWatchTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
    ProbeSettings settings = smallEvaluation().needles;
    settings.kind = ProbeKind::Enhanced;
    settings.filter.metric = ProbeFilter::Metric::None;
    settings.depths = {0, 0.25, 0.5, 0.75, 0.9, 1};
    m_probe = runProbe(m_model, settings);
    QCOMPARE(m_probe.results.size(), std::size_t(12));
    m_evaluation = planEvaluation(*m_model, smallEvaluation());
    runEvaluation(m_model, m_evaluation);
    QCOMPARE(m_evaluation.results.size(), std::size_t(20));
}

void ReportWatchTest::load(Session &session) const
{
    session.loadModel(QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf"), {.dtype = DType::Float32});
    QTRY_VERIFY(session.activity() == Session::Activity::Idle && session.modelInfo());
}

void ReportWatchTest::writeProbe(std::size_t cases) const
{
    ProbeRun part = m_probe;
    part.results.resize(cases);
    ProbeReport(probePath().toStdString(), m_model->info()).finish(part);
}

void ReportWatchTest::writeEvaluation(std::size_t answers) const
{
    EvaluationRun part = m_evaluation;
    part.results.resize(answers);
    EvaluationReport(evaluationPath().toStdString(), m_model->info(), smallEvaluation()).finish(part);
}

void ReportWatchTest::probeGrows()
{
    Session session;
    load(session);
    ProbeSession &probe = session.probe();
    QSignalSpy finished(&probe, &ProbeSession::finished), scores(&probe, &ProbeSession::scoresChanged);
    QSignalSpy changed(&probe.watch(), &ReportWatch::changed);
    writeProbe(4);
    probe.open(probePath());
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(probe.results().size(), std::size_t(4));
    QVERIFY(probe.watch().path().isEmpty()); // nobody has added anything yet
    scores.clear();
    writeProbe(7);
    QTRY_COMPARE_WITH_TIMEOUT(probe.results().size(), std::size_t(7), 20000);
    QTRY_COMPARE(scores.size(), 1);
    QCOMPARE(probe.scores().scores->examples(), std::size_t(7));
    QTRY_COMPARE(probe.watch().path(), probePath());
    QCOMPARE(finished.size(), 1);
    QVERIFY(probe.canResume());
    writeProbe(12);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, 20000);
    QCOMPARE(finished[1][0].toBool(), false);
    QCOMPARE(probe.results().size(), std::size_t(12));
    QTRY_VERIFY(probe.watch().path().isEmpty());
    QCOMPARE(changed.size(), 2);
    QCOMPARE(session.scores().sets().size(), std::size_t(1)); // the whole one, in place of the first
    QCOMPARE(session.scores().sets().front().scores->examples(), std::size_t(12));
    for (const ResultPtr &result : probe.results())
        QCOMPARE(std::ranges::count(probe.results(), result->index, [](const ResultPtr &one) { return one->index; }),
                 1);
}

void ReportWatchTest::stopsWhereTheUserSaysSo()
{
    Session session;
    load(session);
    ProbeSession &probe = session.probe();
    writeProbe(4);
    probe.open(probePath());
    QTRY_COMPARE(probe.results().size(), std::size_t(4));
    writeProbe(5);
    QTRY_VERIFY_WITH_TIMEOUT(!probe.watch().path().isEmpty(), 20000);
    probe.watch().stop();
    QVERIFY(probe.watch().path().isEmpty());
    writeProbe(9);
    QTest::qWait(2500);
    QCOMPARE(probe.results().size(), std::size_t(5));
    // A probe that goes on here goes its own way.
    QSignalSpy finished(&probe, &ProbeSession::finished);
    probe.resume();
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 60000);
    QCOMPARE(probe.results().size(), std::size_t(12));
    QCOMPARE(session.scores().sets().size(), std::size_t(1));
}

void ReportWatchTest::anotherReportEndsIt()
{
    Session session;
    load(session);
    QSignalSpy failed(&session, &Session::failed);
    writeProbe(4);
    session.probe().open(probePath());
    QTRY_COMPARE(session.probe().results().size(), std::size_t(4));
    writeProbe(2); // somebody has begun anew
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 30000);
    QVERIFY2(failed[0][0].toString().contains("another report, or none, stands there now"),
             qPrintable(failed[0][0].toString()));
    QCOMPARE(session.probe().results().size(), std::size_t(4));
    writeProbe(8);
    QTest::qWait(2500);
    QCOMPARE(session.probe().results().size(), std::size_t(4));
}

void ReportWatchTest::evaluationGrows()
{
    Session session; // without a model
    EvaluationSession &evaluation = session.evaluation();
    QSignalSpy finished(&evaluation, &EvaluationSession::finished), answered(&evaluation, &EvaluationSession::answered);
    writeEvaluation(6);
    evaluation.open(evaluationPath());
    QTRY_COMPARE(finished.size(), 1);
    QFile::remove(evaluationPath()); // for a moment only
    QTest::qWait(1500);
    writeEvaluation(11);
    QTRY_COMPARE_WITH_TIMEOUT(answered.size(), 5, 20000);
    QCOMPARE(evaluation.run().results.size(), std::size_t(11));
    QTRY_COMPARE(evaluation.watch().path(), evaluationPath());
    QVERIFY(!evaluation.canSave()); // all of it is in the file
    writeEvaluation(20);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, 20000);
    QCOMPARE(finished[1][0].toBool(), false);
    QCOMPARE(evaluation.run().results.size(), std::size_t(20));
    QTRY_VERIFY(evaluation.watch().path().isEmpty());
}

QTEST_GUILESS_MAIN(ReportWatchTest)
#include "ReportWatchTest.moc"
