// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/WorkCut.h"
#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/parallel/Message.h"

#include <QTest>

using namespace headkv;

class WorkCutTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneRankHasOneTask();
    void tasksAreWholeAndShrink();
    void cutsWhereLeastIsShared();
    void dearPiecesStandAlone();
    void messagesComeBack();

private:
    static std::vector<WorkPiece> equalPieces(std::size_t count) { return std::vector<WorkPiece>(count, {10, 5}); }
};

void WorkCutTest::oneRankHasOneTask()
{
    QCOMPARE(cutWork(equalPieces(7), 1), (std::vector<WorkRange>{{0, 7}}));
    QVERIFY(cutWork({}, 1).empty());
    QVERIFY(cutWork({}, 4).empty());
}

/// Whatever pieces cost, each is in one task, in order; the first task has half of a rank's share, about.
void WorkCutTest::tasksAreWholeAndShrink()
{
    Random random(3);
    for (const int ranks : {2, 3, 16, 1000}) {
        std::vector<WorkPiece> pieces = equalPieces(400);
        for (WorkPiece &piece : pieces)
            piece = {static_cast<double>(drawBelow(random, 20)), static_cast<double>(drawBelow(random, 9))};
        std::size_t at = 0;
        for (const WorkRange &task : cutWork(pieces, ranks)) {
            QCOMPARE(task.begin, at);
            QVERIFY(task.end > task.begin);
            at = task.end;
        }
        QCOMPARE(at, pieces.size());
    }
    const std::vector<WorkRange> tasks = cutWork(equalPieces(400), 4);
    QVERIFY(tasks.front().end >= 25 && tasks.front().end <= 75);
    QVERIFY(tasks.back().end - tasks.back().begin <= 2); // so that all ranks end together
    for (std::size_t i = 4; i < tasks.size(); ++i)
        QVERIFY(tasks[i].end - tasks[i].begin <= tasks[i - 4].end - tasks[i - 4].begin);
}

void WorkCutTest::cutsWhereLeastIsShared()
{
    std::vector<WorkPiece> pieces = equalPieces(100);
    pieces[18].saved = 1; // 25 pieces are aimed at, 13 to 37 will do
    QCOMPARE(cutWork(pieces, 2).front(), (WorkRange{0, 18}));
    pieces[9].saved = 0; // too soon
    QCOMPARE(cutWork(pieces, 2).front(), (WorkRange{0, 18}));
}

void WorkCutTest::dearPiecesStandAlone()
{
    std::vector<WorkPiece> pieces = equalPieces(40);
    pieces[0].cost = 1e6;
    QCOMPARE(cutWork(pieces, 8).front(), (WorkRange{0, 1}));
    pieces[0].cost = 10;
    pieces[1].cost = 1e6;
    const std::vector<WorkRange> tasks = cutWork(pieces, 8);
    QCOMPARE(tasks[0], (WorkRange{0, 2})); // with the little that stands before it
}

void WorkCutTest::messagesComeBack()
{
    const std::vector<double> scores{0.1, -1e300, 0};
    const std::string bytes =
        MessageWriter().put(7).put(std::string("half \xE2 of it")).put(true).put(scores).put(std::vector<int>()).take();
    MessageReader reader(bytes);
    int number = 0;
    std::string text;
    bool flag = false;
    std::vector<double> list;
    std::vector<int> none{1};
    reader.get(number);
    reader.get(text);
    reader.get(flag);
    reader.get(list);
    reader.get(none);
    QVERIFY(number == 7 && text == "half \xE2 of it" && flag && list == scores && none.empty());
    QVERIFY_EXCEPTION_THROWN(reader.get(number), Error); // there is no more
    MessageReader shorter(std::string_view(bytes).substr(0, 20));
    shorter.get(number);
    QVERIFY_EXCEPTION_THROWN(shorter.get(text), Error); // its length says more than is there
}

QTEST_GUILESS_MAIN(WorkCutTest)
#include "WorkCutTest.moc"
