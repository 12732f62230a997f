// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/EvaluationTableModel.h"
#include "sessions/AnswerTableModel.h"
#include "sessions/EvaluationSession.h"
#include "sessions/Session.h"
#include "tests/sessions/EvaluationSample.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace headkv;

namespace {

using Table = EvaluationTableModel;

QVariant sortValue(const QAbstractItemModel &model, int row, int column)
{
    return model.index(row, column).data(Table::SortRole);
}

} // namespace

class EvaluationTableModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isEmptyAtFirst();
    void showsWhatTheSummarySays();
    void comparesWithTheBest();
    void sorts();
    void followsARun();
    void isComputedThreeTimesASecond();
    void holdsTheAnswers();

private:
    void open(Session &session, int tasks, int needles);

    QTemporaryDir m_folder;
};

void EvaluationTableModelTest::open(Session &session, int tasks, int needles)
{
    const QString path = m_folder.filePath("large.json");
    (void)writeLargeReport(path.toStdString(), tasks, needles);
    QSignalSpy finished(&session.evaluation(), &EvaluationSession::finished);
    session.evaluation().open(path);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 30000);
}

void EvaluationTableModelTest::isEmptyAtFirst()
{
    Session session;
    Table model(session.evaluation());
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.columnCount(), int(Table::ColumnCount));
    for (int column = 0; column < Table::ColumnCount; ++column) {
        QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
        QVERIFY(model.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().size() > 20);
    }
    QTRY_VERIFY(model.isSettled());
}

void EvaluationTableModelTest::showsWhatTheSummarySays()
{
    Session session;
    Table model(session.evaluation());
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy computed(&model, &Table::computed);
    open(session, 2, 1);
    QTRY_VERIFY(model.isSettled());
    QCOMPARE(computed.size(), 1); // all of it in one round
    const EvaluationRun &run = session.evaluation().run();
    const std::vector<EvaluationRow> rows = summarize(run);
    QCOMPARE(model.rowCount(), static_cast<int>(rows.size()));
    for (int row = 0; row < model.rowCount(); ++row) {
        const EvaluationRow &expected = rows[static_cast<std::size_t>(row)];
        const EvaluationVariant &variant = run.variants[expected.variant];
        const auto text = [&](int column) { return model.index(row, column).data().toString(); };
        QCOMPARE(text(Table::Task), expected.task == 0 ? QString("NIAH") : QString("Reasoning"));
        QCOMPARE(text(Table::Budget), variant.hasBudget() ? QString::number(variant.compression.budget) : QString("–"));
        QCOMPARE(sortValue(model, row, Table::Score).toDouble(), expected.score);
        QCOMPARE(text(Table::Score), QString::number(expected.score, 'f', 1));
        QCOMPARE(text(Table::Interval), QString("%1 – %2").arg(QString::number(expected.interval.low, 'f', 1),
                                                               QString::number(expected.interval.high, 'f', 1)));
        QCOMPARE(text(Table::Cases), QString("25/25"));
        QCOMPARE(sortValue(model, row, Table::Prefill).toDouble(), expected.prefillSeconds);
        QCOMPARE(sortValue(model, row, Table::Compress).toDouble(), expected.compressSeconds);
        QCOMPARE(sortValue(model, row, Table::Decode).toDouble(), expected.decodeTokensPerSecond);
        QCOMPARE(sortValue(model, row, Table::Kv).toDouble(), static_cast<double>(expected.kvBytesPrompt) / 1e6);
        QCOMPARE(model.rows()[static_cast<std::size_t>(row)].grid, expected.grid);
    }
    QCOMPARE(model.index(0, Table::Method).data().toString(), QString("FullKV"));
    QCOMPARE(model.index(36, Table::Method).data().toString(), QString("HeadKV (R2)"));
    QVERIFY(model.index(0, Table::Score).data(Qt::TextAlignmentRole).value<Qt::Alignment>() & Qt::AlignRight);
    QVERIFY(model.index(0, Table::Task).data(Qt::TextAlignmentRole).value<Qt::Alignment>() & Qt::AlignLeft);
}

void EvaluationTableModelTest::comparesWithTheBest()
{
    Session session;
    Table model(session.evaluation());
    open(session, 2, 1);
    QTRY_VERIFY(model.isSettled());
    const EvaluationRun &run = session.evaluation().run();
    const auto rowOf = [&run](std::size_t task, std::size_t variant) {
        return static_cast<int>(task * run.variants.size() + variant);
    };
    std::set<int> seen;
    for (const BudgetComparison &comparison : compareBudgets(run, summarize(run))) {
        const int best = rowOf(comparison.task, comparison.best);
        QCOMPARE(model.index(best, Table::Behind).data().toString(), QString("best"));
        QVERIFY(model.index(best, Table::Behind).data(Table::BestRole).toBool());
        seen.insert(best);
        for (std::size_t i = 0; i < comparison.others.size(); ++i) {
            const int row = rowOf(comparison.task, comparison.others[i]);
            const PairedComparison &distance = comparison.distances[i];
            QCOMPARE(sortValue(model, row, Table::Behind).toDouble(), -distance.difference);
            QCOMPARE(sortValue(model, row, Table::P).toDouble(), distance.p);
            QVERIFY(model.index(row, Table::Behind)
                        .data(Qt::ToolTipRole)
                        .toString()
                        .contains(QString::number(distance.p, 'f', 3)));
            seen.insert(row);
        }
    }
    QCOMPARE(seen.size(), std::size_t(72)); // all but FullKV, which has no peer
    QVERIFY(!sortValue(model, 0, Table::Behind).isValid());
    QCOMPARE(model.index(0, Table::Behind).data().toString(), QString("–"));
}

void EvaluationTableModelTest::sorts()
{
    Session session;
    Table model(session.evaluation());
    open(session, 1, 1);
    QTRY_VERIFY(model.isSettled());
    QSortFilterProxyModel proxy;
    proxy.setSourceModel(&model);
    proxy.setSortRole(Table::SortRole);
    for (const int column : {Table::Score, Table::Budget, Table::Kv, Table::P}) {
        proxy.sort(column);
        for (int row = 1; row < proxy.rowCount(); ++row) {
            const QVariant before = sortValue(proxy, row - 1, column), here = sortValue(proxy, row, column);
            QVERIFY(!here.isValid() || (before.isValid() && before.toDouble() <= here.toDouble()));
        }
    }
}

void EvaluationTableModelTest::followsARun()
{
    Session session;
    Table model(session.evaluation());
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    session.loadModel(QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf"), {.dtype = DType::Float32});
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    EvaluationSession &evaluation = session.evaluation();
    QSignalSpy finished(&evaluation, &EvaluationSession::finished);
    const auto stop = connect(&evaluation, &EvaluationSession::answered, &session, [&](int result) {
        if (result == 5)
            session.cancel();
    });
    connect(&evaluation, &EvaluationSession::started, this, [&] {
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(model.index(0, Table::Score).data().toString(), QString("–"));
        QCOMPARE(model.index(0, Table::Cases).data().toString(), QString("0/120"));
    });
    evaluation.start(longEvaluation());
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 60000);
    QTRY_VERIFY(model.isSettled());
    const auto cases = [&] {
        std::size_t sum = 0;
        for (const EvaluationRow &row : model.rows())
            sum += row.cases;
        return sum;
    };
    QCOMPARE(cases(), evaluation.run().results.size());
    QVERIFY(cases() < 600);
    disconnect(stop);
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    connect(&evaluation, &EvaluationSession::resumed, this, [&] { // p is of answers that are no longer all
        for (int row = 0; row < 5; ++row)
            QVERIFY(!sortValue(model, row, Table::P).isValid());
    });
    evaluation.resume();
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, 60000);
    QTRY_VERIFY(model.isSettled());
    QCOMPARE(cases(), std::size_t(600));
    const std::vector<EvaluationRow> rows = summarize(evaluation.run());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        QCOMPARE(model.rows()[row].score, rows[row].score);
        QVERIFY(model.rows()[row].interval == rows[row].interval);
    }
    int withP = 0;
    for (int row = 0; row < 5; ++row)
        withP += sortValue(model, row, Table::P).isValid() ? 1 : 0;
    QCOMPARE(withP, 2); // two budgets of two methods: one of each is the best
}

/// However fast answers come.
void EvaluationTableModelTest::isComputedThreeTimesASecond()
{
    Session session;
    Table model(session.evaluation());
    open(session, 1, 2);
    QTRY_VERIFY(model.isSettled());
    Q_EMIT session.evaluation().resumed();
    QSignalSpy changes(&model, &Table::dataChanged);
    QSignalSpy computed(&model, &Table::computed);
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 1500) {
        for (int result = 0; result < 37; ++result)
            Q_EMIT session.evaluation().answered(result);
        QTest::qWait(5);
    }
    int first = 0;
    for (const QList<QVariant> &change : changes)
        first += change[0].toModelIndex().row() == 0 ? 1 : 0;
    const int most = static_cast<int>(clock.elapsed() / 334) + 1;
    QVERIFY2(first >= 2 && first <= most, qPrintable(QString("%1 in %2 ms").arg(first).arg(clock.elapsed())));
    QVERIFY(computed.size() >= 2 && computed.size() <= most);
}

void EvaluationTableModelTest::holdsTheAnswers()
{
    Session session;
    AnswerTableModel model(session.evaluation());
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    open(session, 1, 1);
    const EvaluationRun &run = session.evaluation().run();
    QCOMPARE(model.rowCount(), static_cast<int>(run.results.size()));
    const auto text = [&](int column) { return model.index(1, column).data().toString(); };
    QCOMPARE(text(AnswerTableModel::Case), QString("needle 1"));
    QCOMPARE(text(AnswerTableModel::Expected), QString("eat a sandwich and sit in the park"));
    QCOMPARE(text(AnswerTableModel::Answer), QString("sit in the park"));
    QCOMPARE(sortValue(model, 1, AnswerTableModel::Score).toDouble(), run.results[1].score);
    QCOMPARE(sortValue(model, 1, AnswerTableModel::Budget).toInt(),
             run.variants[run.results[1].variant].compression.budget);
}

QTEST_GUILESS_MAIN(EvaluationTableModelTest)
#include "EvaluationTableModelTest.moc"
