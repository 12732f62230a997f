// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/LaneTableModel.h"
#include "sessions/LaneText.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace headkv;

namespace {

Lane finishedLane()
{
    Lane lane;
    lane.settings.compression.method = "headkv";
    lane.settings.compression.budget = 64;
    lane.settings.compression.beta = 1.2;
    lane.report.compression = lane.settings.compression;
    lane.state = LaneState::Finished;
    Generation &generation = lane.report.generation;
    generation.promptIds.resize(256);
    generation.emittedIds = {5, 6, 7, 8, 9};
    generation.stopReason = StopReason::EndOfSequence;
    RunMetrics &metrics = generation.metrics;
    metrics.prefillSeconds = 1.5;
    metrics.compressSeconds = 0.25;
    metrics.firstTokenSeconds = 1.875;
    metrics.decodeSeconds = 0.1;
    metrics.perTokenMilliseconds = {1, 10, 40, 20, 30};
    metrics.kvBytesPeak = 3 * 1024 * 1024;
    metrics.kvBytesAfterPrefill = 250;
    metrics.fullKvBytesAfterPrefill = 1000;
    lane.report.agreement = Agreement{5, 0.8, 0.0625};
    return lane;
}

} // namespace

class LaneTableModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsWhatWasMeasured();
    void followsItsLanes();
    void writesAllDigits();
    void tellsOfTheDevice();
    void namesLanesAndStates();
};

void LaneTableModelTest::showsWhatWasMeasured()
{
    const std::vector<Lane> lanes{finishedLane()};
    const LaneTableModel model(lanes);
    const QAbstractItemModelTester tester(const_cast<LaneTableModel *>(&model),
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 1);
    const auto shown = [&model](int column) { return model.index(0, column).data().toString(); };
    const auto value = [&model](int column) {
        return model.index(0, column).data(LaneTableModel::SortRole).toDouble();
    };
    QCOMPARE(shown(LaneTableModel::Title), QString("HeadKV, B 64, β 1.2"));
    QCOMPARE(shown(LaneTableModel::FirstToken), QString("1.875"));
    QCOMPARE(shown(LaneTableModel::Prefill), QString("1.500"));
    QCOMPARE(shown(LaneTableModel::Compression), QString("0.250"));
    QCOMPARE(value(LaneTableModel::Rate), lanes[0].report.generation.metrics.decodeTokensPerSecond());
    QCOMPARE(shown(LaneTableModel::Rate), QString("40.0"));
    QCOMPARE(shown(LaneTableModel::P50), QString("20.0")); // of 10, 20, 30, 40; the first token does not count
    QCOMPARE(shown(LaneTableModel::P95), QString("40.0"));
    QCOMPARE(shown(LaneTableModel::PeakKv), QString("3.00"));
    QCOMPARE(shown(LaneTableModel::RealShare), QString("25.0"));
    QCOMPARE(shown(LaneTableModel::NominalShare), QString("25.0"));
    QCOMPARE(shown(LaneTableModel::SameToken), QString("80.0"));
    QCOMPARE(shown(LaneTableModel::MeanKl), QString("0.0625"));
    QCOMPARE(shown(LaneTableModel::Tokens), QString("5"));
    QCOMPARE(shown(LaneTableModel::Stop), QString("end of text"));
}

void LaneTableModelTest::followsItsLanes()
{
    std::vector<Lane> lanes(2);
    LaneTableModel model(lanes);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (int column = LaneTableModel::FirstToken; column <= LaneTableModel::Tokens; ++column) {
        QCOMPARE(model.index(0, column).data().toString(), QString("–")); // nothing is known: no number stands for it
        QVERIFY(model.index(0, column).data(LaneTableModel::SortRole).isNull());
    }
    QSignalSpy changed(&model, &LaneTableModel::dataChanged);
    lanes[1] = finishedLane();
    model.laneChanged(1);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().row(), 1);
    QCOMPARE(model.index(1, LaneTableModel::Tokens).data().toString(), QString("5"));
    model.laneChanged(2);
    QCOMPARE(changed.size(), 1);
    lanes.pop_back(); // before the model hears of it
    QVERIFY(!model.index(1, LaneTableModel::Tokens).data().isValid());
    model.reset();
    QCOMPARE(model.rowCount(), 1);
}

void LaneTableModelTest::writesAllDigits()
{
    std::vector<Lane> lanes{finishedLane(), {}};
    lanes[0].report.generation.metrics.prefillSeconds = 0.1 + 0.2;
    const QStringList lines = LaneTableModel(lanes).csv().split('\n');
    QCOMPARE(lines.size(), 4); // the last is empty
    QCOMPARE(lines[0].split(',').size(), int(LaneTableModel::ColumnCount));
    QVERIFY(
        lines[1].startsWith("\"HeadKV, B 64, β 1.2\",1.875,0.30000000000000004,0.25,40,20,40,3145728,,,0.25,0.25,"));
    QVERIFY(lines[1].endsWith(",0.8,0.0625,5,\"end of text\""));
    QCOMPARE(lines[2], "\"FullKV\"" + QString(15, ','));
}

void LaneTableModelTest::tellsOfTheDevice()
{
    std::vector<Lane> lanes{finishedLane()};
    QVERIFY(!lanes[0].isOnDevice());
    RunMetrics &metrics = lanes[0].report.generation.metrics;
    constexpr std::uint64_t mebi = 1 << 20;
    lanes[0].report.weightBytes = 100 * mebi;
    metrics.kvAllocatedPeak = 4 * mebi;
    metrics.devicePeakBytes = 125 * mebi;
    QVERIFY(lanes[0].isOnDevice());
    const LaneTableModel model(lanes);
    QCOMPARE(model.index(0, LaneTableModel::PeakDevice).data().toString(), QString("125"));
    QCOMPARE(model.index(0, LaneTableModel::Workspace).data().toString(), QString("21"));
    QVERIFY(model.csv().contains(",3145728,131072000,22020096,"));
    metrics.devicePeakBytes = 50 * mebi; // less than what is known to be there: a part of it lies elsewhere
    QCOMPARE(model.index(0, LaneTableModel::Workspace).data().toString(), QString("0"));
}

void LaneTableModelTest::namesLanesAndStates()
{
    Lane lane = finishedLane();
    lane.settings.compression.granularity = Granularity::KvHead;
    QCOMPARE(laneTitle(lane.settings), QString("HeadKV, B 64, β 1.2, KV heads"));
    lane.settings.compression = {};
    QCOMPARE(laneTitle(lane.settings), QString("FullKV"));
    QCOMPARE(methodName("of the future"), QString("of the future"));
    QCOMPARE(stateText(lane), QString("Finished: end of text"));
    lane.state = LaneState::Stopped;
    QCOMPARE(stateText(lane), QString("Stopped after 5 tokens"));
    lane.report.generation.emittedIds = {1};
    QCOMPARE(stateText(lane), QString("Stopped after 1 token"));
    lane.report.generation.emittedIds.clear();
    QCOMPARE(stateText(lane), QString("Stopped before the first token"));
}

QTEST_GUILESS_MAIN(LaneTableModelTest)
#include "LaneTableModelTest.moc"
