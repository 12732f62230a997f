// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/common/FileOpener.h"
#include "app/explorer/common/HaystackBox.h"
#include "app/explorer/generate/GenerateCharts.h"
#include "app/explorer/generate/GeneratePanel.h"
#include "app/explorer/generate/GenerateView.h"
#include "app/explorer/generate/KeptPanel.h"
#include "app/explorer/generate/LaneBoard.h"
#include "app/explorer/generate/LaneEditor.h"
#include "app/explorer/generate/LaneView.h"
#include "app/explorer/generate/NeedleDialog.h"
#include "app/explorer/generate/PromptEdit.h"
#include "app/explorer/window/ExplorerOptions.h"
#include "app/explorer/window/MainWindow.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/LaneSession.h"
#include "sessions/LaneTableModel.h"
#include "sessions/ScoreLibrary.h"
#include "tests/app/Heartbeat.h"
#include "tests/app/Questions.h"
#include "tests/app/TestTools.h"
#include "widgets/Formats.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/PhaseBars.h"
#include "widgets/charts/StackedAreaChart.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/export/ChartExport.h"
#include "widgets/text/AnswerView.h"
#include "widgets/text/TokenView.h"
#include "widgets/theme/Resources.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;
using nlohmann::json;

namespace {

const QString tinyModel = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");
const QString words = QStringLiteral("The rain is in the reed. An otter is on the shore. The inn is on the hill. ");

LaneChoice choice(const std::string &method, int budget = 20)
{
    LaneChoice lane = laneChoice(method, {});
    lane.budget = budget;
    lane.window = 8;
    return lane;
}

/// A lane that a file might have brought.
Lane writtenLane(const std::string &method, const QString &text, StopReason reason = StopReason::EndOfSequence)
{
    Lane lane;
    lane.settings.compression.method = method;
    lane.state = LaneState::Finished;
    lane.text = text;
    lane.report.generation.stopReason = reason;
    return lane;
}

} // namespace

class GeneratePageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initWidgetResources(); }
    void init();
    void cleanup();
    void startsEmpty();
    void saysWhyItCannotStart();
    void offersLanes();
    void showsWhatTheReportSays();
    void stopsAndGoesOn();
    void goesOnBehindTheLimit();
    void sayMore();
    void asksForANeedle();
    void hidesANeedle();
    void shadesWhatIsKept();
    void countsInOrder();
    void opensAReport();
    void showsTheMemoryOfADevice();
    void opensAReportWithoutAModel();
    void showsWhatFails();
    void marksWordsThatDiffer();
    void tellsLanesApart();
    void survivesOddReports();
    void takesLongPrompts();
    void exportsAll();
    void answersWhileItGenerates();
    void leavesDuringARun();
    void loadsAnotherModelDuringARun();

private:
    [[nodiscard]] GeneratePage &page() { return *m_window->generatePage(); }
    [[nodiscard]] GeneratePanel &panel() { return *page().panel(); }
    [[nodiscard]] LaneView &lane(std::size_t i) { return *page().view()->board()->lane(i); }
    [[nodiscard]] Session &session() { return m_window->session(); }
    void loadModel();
    void openScores();
    void ask(const std::vector<LaneChoice> &lanes, int tokens);
    void run(const std::vector<LaneChoice> &lanes, int tokens = 12);
    void finish();
    [[nodiscard]] json reportOf(int lane);
    void compareFigures(const json &report, const LaneView &shown);
    void compareTable(const json &report, int i);
    void compareCharts(const json &report, int i);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MainWindow> m_window;
};

void GeneratePageTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(m_folder->filePath("settings.ini"), QSettings::IniFormat);
    m_theme = std::make_unique<Theme>();
    m_window = std::make_unique<MainWindow>(*m_theme, *m_settings);
    m_window->showPage("generate");
    m_window->show();
}

void GeneratePageTest::cleanup() { m_window.reset(); }

void GeneratePageTest::loadModel()
{
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && session().modelInfo(), 30000);
}

void GeneratePageTest::openScores()
{
    HeadScores scores(2, 4);
    for (std::size_t i = 0; i < scores.values.size(); ++i)
        scores.values[i] = {static_cast<double>(i) + 1};
    const QString path = m_folder->filePath("scores.json");
    writeHeadScores(path.toStdString(), scores, json::object());
    QSignalSpy added(&session().scores(), &ScoreLibrary::added);
    session().scores().open(path);
    QVERIFY(added.wait());
}

void GeneratePageTest::ask(const std::vector<LaneChoice> &lanes, int tokens)
{
    panel().prompt()->setText(words);
    panel().newTokens()->setValue(tokens);
    panel().ignoreEnd()->setChecked(true);
    panel().setLanes(lanes);
    QVERIFY2(page().startButton()->isEnabled(), qPrintable(page().startButton()->toolTip()));
    QTest::mouseClick(page().startButton(), Qt::LeftButton);
    QCOMPARE(session().activity(), Session::Activity::Generating);
}

void GeneratePageTest::finish() { QTRY_VERIFY_WITH_TIMEOUT(session().activity() == Session::Activity::Idle, 60000); }

void GeneratePageTest::run(const std::vector<LaneChoice> &lanes, int tokens)
{
    ask(lanes, tokens);
    finish();
}

json GeneratePageTest::reportOf(int lane)
{
    const QString path = m_folder->filePath(QStringLiteral("report-%1.json").arg(lane));
    const QString error = session().lanes().save(lane, path);
    return error.isEmpty() ? json::parse(contentOf(path).toStdString()) : json();
}

void GeneratePageTest::startsEmpty()
{
    QVERIFY(!page().startButton()->isEnabled());
    QVERIFY(page().reason()->text().contains("model"));
    QVERIFY(page().findChild<EmptyState *>()->actionButton()->isVisible());
    QVERIFY(!page().exportChart());
    QCOMPARE(ExplorerOptions::parse({"headkv-explorer", "--page", "generate"}).error, QString());
    QCOMPARE(m_window->actions().action("page.generate")->shortcut(), QKeySequence("Ctrl+6"));
    loadModel();
    QVERIFY(page().reason()->text().contains("prompt"));
    QVERIFY(!page().stopButton()->isEnabled());
    QVERIFY(!page().continueButton()->isEnabled());
    panel().prompt()->setText(words);
    QVERIFY(page().startButton()->isEnabled());
    QCOMPARE(page().reason()->text(), QString());
}

void GeneratePageTest::saysWhyItCannotStart()
{
    loadModel();
    panel().prompt()->setText(words);
    const auto why = [this](const std::vector<LaneChoice> &lanes) {
        panel().setLanes(lanes);
        return page().startButton()->isEnabled() ? QString() : page().reason()->text();
    };
    QCOMPARE(why({choice("full")}), QString());
    QVERIFY(why({choice("full"), choice("headkv")}).contains("score set"));
    QVERIFY(why({choice("snapkv", 7)}).contains("window"));
    QVERIFY(!why({choice("snapkv", 7)}).contains('\n'));
    openScores();
    LaneChoice scored = laneChoice("headkv", session().scores().sets());
    QCOMPARE(why({scored}), QString());
    scored.beta = 1;
    QVERIFY(why({scored}).contains("β"));
    QCOMPARE(why({choice("full")}), QString());
    panel().prompt()->setText(words.repeated(30)); // more than the 512 tokens of the context
    QTRY_VERIFY(page().reason()->text().contains("context"));
    QVERIFY(!page().startButton()->isEnabled());
}

void GeneratePageTest::offersLanes()
{
    loadModel();
    QCOMPARE(panel().lanes().size(), std::size_t(2));
    QCOMPARE(panel().lanes()[1].method, std::string("snapkv"));
    openScores(); // lanes that nobody has touched follow what is open
    QCOMPARE(panel().lanes()[1].method, std::string("headkv"));
    QCOMPARE(panel().lanes()[1].scores, session().scores().sets()[0].scores);
    QVERIFY(panel().lane(1)->scoreSet()->isVisibleTo(&panel()));
    QVERIFY(!panel().lane(0)->budget()->isVisibleTo(&panel()));
    panel().lane(1)->budget()->setValue(40);
    panel().lane(1)->window()->setValue(9);
    panel().lane(1)->beta()->setValue(1.5);
    const GenerationRequest request = panel().request();
    QCOMPARE(request.lanes[1].compression.budget, 40);
    QCOMPARE(*request.lanes[1].compression.window, 9);
    QCOMPARE(*request.lanes[1].compression.beta, 1.5);
    QCOMPARE(request.lanes[1].compression.importance, session().scores().sets()[0].summary->shares);
    QVERIFY(request.lanes[0].compression.importance.empty());
    panel().addButton()->click();
    panel().addButton()->click();
    QCOMPARE(panel().lanes().size(), std::size_t(4));
    QVERIFY(!panel().addButton()->isEnabled());
    panel().lane(0)->removeButton()->click();
    QCOMPARE(panel().lanes().size(), std::size_t(3));
    QCOMPARE(panel().lanes()[0].budget, 40);
    session().scores().remove(0);
    QVERIFY(!panel().lanes()[0].scores);
    QVERIFY(!page().startButton()->isEnabled());
}

void GeneratePageTest::showsWhatTheReportSays()
{
    loadModel();
    run({choice("snapkv"), choice("full")});
    for (int i = 0; i < 2; ++i) {
        const json report = reportOf(i);
        compareFigures(report, lane(static_cast<std::size_t>(i)));
        compareTable(report, i);
        compareCharts(report, i);
    }
    const LaneTableModel *table = page().view()->summary();
    const json snap = reportOf(0);
    QCOMPARE(table->index(0, LaneTableModel::SameToken).data(LaneTableModel::SortRole).toDouble(),
             snap["agreement"]["same_next_token"].get<double>());
    QCOMPARE(table->index(0, LaneTableModel::MeanKl).data(LaneTableModel::SortRole).toDouble(),
             snap["agreement"]["mean_kl"].get<double>());
    QVERIFY(table->index(1, LaneTableModel::SameToken).data(LaneTableModel::SortRole).isNull());
}

/// A lane's text and figures are its report's.
void GeneratePageTest::compareFigures(const json &report, const LaneView &shown)
{
    const json &timings = report["timings"];
    const json &memory = report["memory"];
    QCOMPARE(shown.answer()->text(), QString::fromStdString(report["text"].get<std::string>()));
    QVERIFY(!shown.answer()->text().isEmpty());
    QCOMPARE(shown.state(), QString("Finished: token limit"));
    QCOMPARE(shown.figures()[0], QString("First token %1 · %2 tok/s")
                                     .arg(formatDuration(timings["first_token_s"].get<double>()))
                                     .arg(timings["decode_tokens_per_s"].get<double>(), 0, 'f', 1));
    QCOMPARE(shown.figures()[1], QString("p50 %1 · p95 %2")
                                     .arg(formatDuration(timings["token_ms_p50"].get<double>() / 1000),
                                          formatDuration(timings["token_ms_p95"].get<double>() / 1000)));
    const double end = memory["kv_bytes_end"].get<double>();
    QCOMPARE(shown.figures()[2],
             QString("KV %1 · %2 of FullKV")
                 .arg(formatBytes(end), formatPercent(end / memory["full_kv_bytes"].get<double>())));
    QCOMPARE(shown.figures()[3], QString("Context %1 of 512").arg(memory["context_tokens"].get<int>()));
}

void GeneratePageTest::compareTable(const json &report, int i)
{
    const LaneTableModel *table = page().view()->summary();
    const json &timings = report["timings"];
    const json &memory = report["memory"];
    const auto value = [&](int column) { return table->index(i, column).data(LaneTableModel::SortRole).toDouble(); };
    QCOMPARE(value(LaneTableModel::FirstToken), timings["first_token_s"].get<double>());
    QCOMPARE(value(LaneTableModel::Prefill), timings["prefill_s"].get<double>());
    QCOMPARE(value(LaneTableModel::Compression), timings["compress_s"].get<double>());
    QCOMPARE(value(LaneTableModel::Rate), timings["decode_tokens_per_s"].get<double>());
    QCOMPARE(value(LaneTableModel::P50), timings["token_ms_p50"].get<double>());
    QCOMPARE(value(LaneTableModel::P95), timings["token_ms_p95"].get<double>());
    QCOMPARE(value(LaneTableModel::PeakKv), memory["kv_bytes_peak"].get<double>());
    QCOMPARE(value(LaneTableModel::RealShare), report["compression"]["real_share"].get<double>());
    QCOMPARE(value(LaneTableModel::NominalShare), report["compression"]["nominal_share"].get<double>());
    QCOMPARE(value(LaneTableModel::Tokens), 12.0);
}

void GeneratePageTest::compareCharts(const json &report, int i)
{
    const json &timings = report["timings"];
    const json &memory = report["memory"];
    const GenerateCharts &charts = *page().view()->charts();
    const auto times = timings["per_token_ms"].get<std::vector<double>>();
    const LineSeries &latency = charts.latency()->series()[static_cast<std::size_t>(i)];
    QCOMPARE(latency.y, std::vector<double>(times.begin() + 1, times.end()));
    QCOMPARE(latency.x.front(), 2.0);
    QCOMPARE(charts.layers()->series()[static_cast<std::size_t>(i)].y,
             memory["entries_by_layer"].get<std::vector<double>>());
    const PhaseRow &phases = charts.phases()->rows()[static_cast<std::size_t>(i)];
    QCOMPARE(phases.seconds, (std::vector<double>{timings["prefill_s"], timings["compress_s"], timings["decode_s"]}));
    QCOMPARE(phases.firstTokenSeconds, timings["first_token_s"].get<double>());
    const json &samples = memory["samples"];
    const StackedAreaChart &chart = *lane(static_cast<std::size_t>(i)).memory();
    QCOMPARE(chart.pointCount(), samples["seconds"].size());
    for (std::size_t point = 0; point < chart.pointCount(); ++point) {
        QCOMPARE(chart.value(point, 0), memory["weight_bytes"].get<double>());
        QCOMPARE(chart.value(point, 1), samples["kv_bytes"][point].get<double>());
        QCOMPARE(chart.value(point, 0) + chart.value(point, 1) + chart.value(point, 2),
                 samples["rss_bytes"][point].get<double>());
    }
}

void GeneratePageTest::stopsAndGoesOn()
{
    // The tiny model would be done before a click comes.
    m_window->openFiles({QStringLiteral("default")});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && session().modelInfo(), 60000);
    const std::vector<LaneChoice> lanes{choice("full"), choice("snapkv")};
    constexpr int all = 150;
    run(lanes, all);
    std::vector<std::vector<TokenId>> whole;
    for (const Lane &lane : session().lanes().all())
        whole.push_back(lane.report.generation.emittedIds);
    const auto tokens = [this] { return session().lanes().all()[1].report.generation.emittedIds.size(); };
    const auto connection = connect(&session().lanes(), &LaneSession::changed, &page(), [&](int index) {
        if (index == 1 && tokens() > 20)
            QTest::mouseClick(page().stopButton(), Qt::LeftButton);
    });
    run(lanes, all);
    disconnect(connection);
    QVERIFY(tokens() < all);
    QVERIFY2(lane(1).state().startsWith("Stopped after"), qPrintable(lane(1).state()));
    QCOMPARE(lane(1).answer()->text(), session().lanes().all()[1].text);
    QVERIFY(page().continueButton()->isEnabled());
    const std::size_t stoppedAt = lane(1).memory()->pointCount();
    QTest::mouseClick(page().continueButton(), Qt::LeftButton);
    finish();
    for (std::size_t i = 0; i < 2; ++i) {
        QCOMPARE(session().lanes().all()[i].report.generation.emittedIds, whole[i]);
        QCOMPARE(lane(i).answer()->text(), QString::fromStdString(session().lanes().all()[i].report.generation.text));
    }
    // The charts went on, too.
    const RunMetrics &metrics = session().lanes().all()[1].report.generation.metrics;
    QVERIFY(lane(1).memory()->pointCount() > stoppedAt);
    QCOMPARE(lane(1).memory()->pointCount(), metrics.memory.size());
    QVERIFY(std::ranges::is_sorted(metrics.memory, {}, &MemorySample::seconds));
    QCOMPARE(page().view()->charts()->latency()->series()[1].y.size(), whole[1].size() - 1);
}

void GeneratePageTest::goesOnBehindTheLimit()
{
    loadModel();
    run({choice("streaming")}, 5);
    QVERIFY(page().continueButton()->isEnabled());
    panel().newTokens()->setValue(7);
    QTest::mouseClick(page().continueButton(), Qt::LeftButton);
    finish();
    QCOMPARE(session().lanes().all()[0].report.generation.emittedIds.size(), std::size_t(12));
    QCOMPARE(lane(0).answer()->text(), session().lanes().all()[0].text);
}

void GeneratePageTest::sayMore()
{
    loadModel();
    QVERIFY(!page().sayLine()->isEnabled());
    run({choice("full"), choice("snapkv")}, 6);
    const QString first = lane(1).answer()->text();
    const std::size_t before = session().lanes().all()[1].prompt->ids.size();
    QVERIFY(page().sayLine()->isEnabled());
    QVERIFY(!page().sayButton()->isEnabled()); // there is nothing to say yet
    page().sayLine()->setText("Where is the inn?");
    panel().newTokens()->setValue(9);
    QTest::keyClick(page().sayLine(), Qt::Key_Return);
    QCOMPARE(session().activity(), Session::Activity::Generating);
    finish();
    QCOMPARE(page().sayLine()->text(), QString());
    for (std::size_t i = 0; i < 2; ++i) {
        QCOMPARE(session().lanes().all()[i].turn, 1);
        QCOMPARE(lane(i).answer()->text(), session().lanes().all()[i].text);
        QCOMPARE(session().lanes().all()[i].report.generation.emittedIds.size(), std::size_t(9));
    }
    QVERIFY(page().summary().contains("turn 2"));
    // What was kept shows the whole conversation.
    QVERIFY(session().lanes().all()[1].prompt->ids.size() > before + 6);
    QCOMPARE(page().view()->kept()->tokens()->tokens(), session().lanes().all()[1].prompt->pieces);
}

void GeneratePageTest::asksForANeedle()
{
    NeedleDialog dialog(512);
    QCOMPARE(dialog.length()->maximum(), 512);
    QCOMPARE(dialog.problem(), QString());
    QVERIFY(dialog.hideButton()->isEnabled());
    QVERIFY(dialog.needles()->count() > 5);
    dialog.needles()->setCurrentIndex(1);
    Q_EMIT dialog.needles()->activated(1);
    const Needle second = dialog.request().needle;
    QVERIFY(second.needle.find(second.answer) != std::string::npos);
    QCOMPARE(dialog.question()->text(), QString::fromStdString(second.question).trimmed());
    dialog.depth()->setValue(30);
    QCOMPARE(dialog.request().depth, 0.3);
    QVERIFY(!dialog.request().haystack.isEmpty());
    dialog.answer()->clear();
    QTest::keyClicks(dialog.answer(), "nowhere");
    QCOMPARE(dialog.needles()->currentIndex(), dialog.needles()->count() - 1); // the user's own
    QVERIFY(dialog.problem().contains("needle"));
    QVERIFY(!dialog.hideButton()->isEnabled());
    dialog.needle()->setPlainText(" It is nowhere.");
    QCOMPARE(dialog.problem(), QString());
    QCOMPARE(dialog.request().needle.needle, std::string(" It is nowhere."));
}

void GeneratePageTest::hidesANeedle()
{
    QVERIFY(!panel().hideButton()->isEnabled());
    loadModel();
    NeedleRequest wanted;
    wanted.needle = {" The lamp is in the boat.", "Where is the lamp?", "in the boat"};
    wanted.haystack = words;
    wanted.length = 90;
    QTimer::singleShot(0, [&wanted] {
        auto *dialog = qobject_cast<NeedleDialog *>(QApplication::activeModalWidget());
        QVERIFY(dialog);
        dialog->setRequest(wanted);
        dialog->haystack()->setHaystack({"rain.txt", words.repeated(4).toStdString()});
        dialog->hideButton()->click();
    });
    QSignalSpy hidden(&session().lanes(), &LaneSession::needleHidden);
    QTest::mouseClick(panel().hideButton(), Qt::LeftButton);
    QTRY_COMPARE(hidden.size(), 1);
    QVERIFY(panel().prompt()->text().contains("The lamp is in the boat."));
    QVERIFY(panel().prompt()->text().endsWith("Where is the lamp?"));
    QCOMPARE(panel().prompt()->needle(), QString(" The lamp is in the boat."));
    // The mark stays on the words while text before them comes.
    panel().prompt()->moveCursor(QTextCursor::Start);
    panel().prompt()->insertPlainText("Read this. ");
    QCOMPARE(panel().prompt()->needle(), QString(" The lamp is in the boat."));
    panel().newTokens()->setValue(4);
    panel().setLanes({choice("snapkv")});
    QTest::mouseClick(page().startButton(), Qt::LeftButton);
    finish();
    QVERIFY(page().summary().contains("in the boat"));
    const QStringList pieces = page().view()->kept()->tokens()->tokens();
    const TokenRange range = tokensOfText(pieces, panel().prompt()->needle());
    QVERIFY(range.end > range.begin);
    QVERIFY(pieces.mid(range.begin, range.end - range.begin).join(QString()).contains("The lamp is in the boat."));
    // Without a needle of its own, the next prompt has none.
    panel().prompt()->setText(words);
    QCOMPARE(panel().prompt()->needle(), QString());
}

void GeneratePageTest::shadesWhatIsKept()
{
    loadModel();
    run({choice("full"), choice("snapkv")}, 3);
    page().view()->tabs()->setCurrentIndex(1);
    KeptPanel &kept = *page().view()->kept();
    QCOMPARE(kept.laneBox()->currentIndex(), 1); // not the one that keeps everything
    const json cache = reportOf(1)["cache"];
    const auto tokens = static_cast<std::size_t>(kept.tokens()->tokenCount());
    QCOMPARE(tokens, reportOf(1)["prompt_ids"].size());
    const auto counted = [&](int layer, int head) {
        std::vector<int> held(tokens, 0);
        for (int l = 0; l < static_cast<int>(cache["kept"].size()); ++l) {
            for (int h = 0; h < static_cast<int>(cache["kept"][l].size()); ++h) {
                for (const auto &position : cache["kept"][l][h])
                    held[position.get<std::size_t>()] += (layer < 0 || layer == l) && (head < 0 || head == h) ? 1 : 0;
            }
        }
        return held;
    };
    const auto choose = [&kept](int layer, int head) {
        kept.layerBox()->setCurrentIndex(layer + 1);
        kept.headBox()->setCurrentIndex(head + 1);
    };
    QCOMPARE(kept.layerBox()->count(), 3);
    QCOMPARE(kept.headBox()->count(), 5);
    QVERIFY(!kept.headBox()->isEnabled()); // of which layer?
    QCOMPARE(kept.counts().held, counted(-1, -1));
    QCOMPARE(kept.counts().lists, 8);
    for (std::size_t token = 0; token < tokens; ++token)
        QCOMPARE(kept.tokens()->shades()[token], static_cast<float>(kept.counts().held[token]) / 8.0F);
    QVERIFY(kept.note().contains("kept"));
    choose(1, -1);
    QCOMPARE(kept.counts().held, counted(1, -1));
    QCOMPARE(kept.counts().lists, 4);
    choose(1, 2);
    QCOMPARE(kept.counts().held, counted(1, 2));
    QCOMPARE(kept.counts().lists, 1);
    QCOMPARE(std::ranges::count(kept.tokens()->shades(), 1.0F), 20); // its budget
    Q_EMIT kept.tokens()->tokenHovered(static_cast<int>(tokens) - 1);
    QVERIFY2(kept.note().endsWith("held by 1 of 1 heads"), qPrintable(kept.note())); // the window is always kept
    kept.laneBox()->setCurrentIndex(0);
    Q_EMIT kept.laneBox()->activated(0);
    QVERIFY(kept.note().contains("every token"));
}

void GeneratePageTest::countsInOrder()
{
    CacheContents contents;
    contents.layers = 2;
    contents.lists = 2;
    contents.positions = {{0, 2}, {2}, {1, 2}, {9}}; // the last beyond the prompt
    contents.lengths = {2, 2, 2, 1};                 // the second list has a mean of what it dropped
    const KeptCounts all = countKept(contents, 3, {});
    QCOMPARE(all.held, (std::vector<int>{1, 1, 3}));
    QCOMPARE(all.lists, 4);
    QCOMPARE(all.compensating, 1);
    QCOMPARE(all.total, std::int64_t(5));
    QVERIFY(!all.keepsEverything());
    QCOMPARE(all.shares(), (std::vector<float>{0.25F, 0.25F, 0.75F}));
    QCOMPARE(countKept(contents, 3, {1, 0}).held, (std::vector<int>{0, 1, 1}));
    QCOMPARE(countKept(contents, 3, {5, {}}).lists, 0);
    contents.positions = {{0}, {0}, {0}, {0}};
    QVERIFY(countKept(contents, 1, {}).keepsEverything());

    const QStringList pieces{"The", " in", "n", " is", " on"};
    const TokenRange range = tokensOfText(pieces, "inn is");
    QCOMPARE(range.begin, 1);
    QCOMPARE(range.end, 4);
    QCOMPARE(tokensOfText(pieces, "otter").end, 0);
    QCOMPARE(tokensOfText(pieces, "").end, 0);
}

/// A report as a run on a device leaves it: what it says is shown, and nothing of it for lanes of the CPU.
void GeneratePageTest::showsTheMemoryOfADevice()
{
    loadModel();
    run({choice("snapkv")});
    const auto *table = page().view()->findChild<QTableView *>();
    QVERIFY(table->isColumnHidden(LaneTableModel::PeakDevice) && table->isColumnHidden(LaneTableModel::Workspace));
    QCOMPARE(lane(0).figures().size(), 4);
    QCOMPARE(lane(0).memory()->layers().last(), QString("Other"));
    json report = reportOf(0);
    json &memory = report["memory"], &samples = memory["samples"];
    constexpr std::uint64_t mebi = 1 << 20, weights = 64 * mebi;
    memory["weight_bytes"] = weights;
    for (std::size_t i = 0; i < samples["seconds"].size(); ++i)
        samples["device_bytes"][i] = weights + samples["kv_bytes"][i].get<std::uint64_t>() + (i + 1) * mebi;
    memory["device_peak_bytes"] = 200 * mebi;
    memory["rss_peak_bytes"] = 5000 * mebi; // not the chart's matter any more
    report["settings"]["device"] = "cuda:0";
    const QString file = m_folder->filePath("device.json");
    std::ofstream(file.toStdString()) << report;
    m_window->openFiles({file});
    QTRY_VERIFY(m_window->isIdle() && session().lanes().all().back().isOnDevice());
    const StackedAreaChart &chart = *lane(1).memory();
    QCOMPARE(chart.layers(), (QStringList{"Weights", "KV cache", "Workspace"}));
    const std::size_t last = samples["seconds"].size() - 1;
    QCOMPARE(chart.pointCount(), last + 1);
    QCOMPARE(chart.value(last, 0), static_cast<double>(weights));
    QCOMPARE(chart.value(last, 1), samples["kv_bytes"][last].get<double>());
    QCOMPARE(chart.value(last, 2), static_cast<double>((last + 1) * mebi));
    QVERIFY(chart.csv().startsWith("Seconds,Weights,KV cache,Workspace"));
    QCOMPARE(lane(1).figures().last(),
             QString("Device %1 · peak 200 MiB").arg(formatBytes(samples["device_bytes"][last].get<double>())));
    QVERIFY(!table->isColumnHidden(LaneTableModel::PeakDevice) && !table->isColumnHidden(LaneTableModel::Workspace));
    QCOMPARE(lane(0).memory()->layers().last(), QString("Other")); // beside it, a lane of the CPU
    run({choice("snapkv")});
    QVERIFY(table->isColumnHidden(LaneTableModel::PeakDevice));
    QCOMPARE(lane(0).figures().size(), 4);
    QCOMPARE(lane(0).memory()->layers().last(), QString("Other"));
}

void GeneratePageTest::opensAReport()
{
    loadModel();
    run({choice("snapkv")});
    const json saved = reportOf(0);
    const QString text = lane(0).answer()->text();
    const QStringList figures = lane(0).figures();
    const QString file = m_folder->filePath("report-0.json");
    QVERIFY(FileOpener::kindOf(file) == FileOpener::Kind::Generation);
    session().lanes().clear();
    QVERIFY(page().view()->figures().empty());
    m_window->showPage("start");
    m_window->openFiles({file});
    QTRY_VERIFY(m_window->isIdle() && session().lanes().all().size() == 1);
    QVERIFY(m_window->openFailures().isEmpty());
    QCOMPARE(static_cast<QWidget *>(m_window->currentPage()), static_cast<QWidget *>(&page()));
    QVERIFY(lane(0).state().startsWith("From a file"));
    QCOMPARE(lane(0).answer()->text(), text);
    QCOMPARE(lane(0).figures(), figures);
    QCOMPARE(page().view()->charts()->latency()->series()[0].y.size(), std::size_t(11));
    QCOMPARE(page().view()->kept()->counts().lists, 8);
    // A score file still opens as one.
    openScores();
    QVERIFY(FileOpener::kindOf(m_folder->filePath("scores.json")) == FileOpener::Kind::Scores);
    m_window->openFiles({m_folder->filePath("scores.json")});
    QTRY_COMPARE(session().scores().sets().size(), std::size_t(2));
    QVERIFY(page().againButton()->isEnabled());
    QTest::mouseClick(page().againButton(), Qt::LeftButton);
    finish();
    QCOMPARE(session().lanes().all()[0].report.generation.emittedIds, saved["emitted_ids"].get<std::vector<TokenId>>());
    QCOMPARE(lane(0).answer()->text(), text);
}

void GeneratePageTest::opensAReportWithoutAModel()
{
    loadModel();
    run({choice("snapkv")});
    (void)reportOf(0);
    cleanup();
    m_window = std::make_unique<MainWindow>(*m_theme, *m_settings);
    m_window->show();
    m_window->openFiles({m_folder->filePath("report-0.json")});
    QTRY_COMPARE(session().lanes().all().size(), std::size_t(1));
    QCOMPARE(lane(0).answer()->text(), session().lanes().all()[0].text);
    QVERIFY(!page().againButton()->isEnabled());
    QVERIFY(page().againButton()->toolTip().contains("model"));
    // Ids stand for the words, shaded all the same.
    QCOMPARE(page().view()->kept()->tokens()->tokenCount(),
             static_cast<int>(session().lanes().all()[0].report.generation.promptIds.size()));
    QCOMPARE(page().view()->kept()->counts().lists, 8);

    // What is no report says so.
    QFile broken(m_folder->filePath("broken.json"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("{\"method\": \"snapkv\"}");
    broken.close();
    m_window->openFiles({broken.fileName()});
    QTRY_COMPARE(m_window->openFailures().size(), 1);
    QVERIFY(page().messages()->isVisible());
    QVERIFY(page().messages()->text().contains("broken.json"));
}

void GeneratePageTest::showsWhatFails()
{
    loadModel();
    LaneChoice small = choice("snapkv", 10);
    small.window.reset(); // which turns out to be longer than the budget
    run({choice("full"), small}, 4);
    QVERIFY(session().lanes().all()[1].state == LaneState::Failed);
    QVERIFY2(lane(1).state().startsWith("Failed: A budget of 10"), qPrintable(lane(1).state()));
    QVERIFY(lane(1).answer()->placeholderText().contains("use a budget of at least"));
    QVERIFY(page().messages()->isVisible());
    QVERIFY(page().messages()->text().startsWith("SnapKV, B 10: "));
    QCOMPARE(lane(0).state(), QString("Finished: token limit")); // the other has run
    QCOMPARE(page().view()->summary()->index(1, LaneTableModel::Stop).data().toString(), QString("failure"));
    run({choice("full")}, 4);
    QVERIFY(!page().messages()->isVisible());
    QVERIFY(!panel().loadPrompt(m_folder->filePath("none.txt")).isEmpty());
}

void GeneratePageTest::marksWordsThatDiffer()
{
    const Lane full = writtenLane("full", "The inn is on the hill.");
    LaneView view;
    Lane other = writtenLane("snapkv", "The inn is by the hill.");
    view.begin(other, {"SnapKV", "SnapKV", "snapkv"}, {});
    view.compareWith(full, other, true);
    QCOMPARE(view.answer()->differences(), (std::vector<TextRange>{{11, 13}}));
    // Cut off at its limit: what FullKV had said after that is no difference; what it had not, neither.
    other = writtenLane("snapkv", "The inn is", StopReason::TokenLimit);
    view.begin(other, {"SnapKV", "SnapKV", "snapkv"}, {});
    view.compareWith(full, other, true);
    QVERIFY(view.answer()->differences().empty());
    other = writtenLane("snapkv", "The inn is on the hill. An otter", StopReason::TokenLimit);
    view.begin(other, {"SnapKV", "SnapKV", "snapkv"}, {});
    view.compareWith(full, other, true);
    QVERIFY(view.answer()->differences().empty());
    // A word that still grows is none yet.
    other = writtenLane("snapkv", "The inn is b");
    other.state = LaneState::Decoding;
    view.begin(other, {"SnapKV", "SnapKV", "snapkv"}, {});
    view.compareWith(full, other, true);
    QVERIFY(view.answer()->differences().empty());
    other.text += "y the";
    view.showText(other);
    view.compareWith(full, other, true);
    QCOMPARE(view.answer()->differences(), (std::vector<TextRange>{{11, 13}}));
}

void GeneratePageTest::tellsLanesApart()
{
    std::vector<Lane> lanes(4);
    for (std::size_t i = 1; i < 4; ++i)
        lanes[i].settings.compression.method = "headkv";
    lanes[1].settings.compression.budget = 64;
    const std::vector<LaneName> names = laneNames(lanes);
    QCOMPARE(names[0].brief, QString("FullKV"));
    QCOMPARE(names[1].method, QString("headkv")); // the first keeps its colour
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = i + 1; j < 4; ++j) {
            QVERIFY(names[i].method != names[j].method);
            QVERIFY(names[i].title != names[j].title);
            QVERIFY(names[i].brief != names[j].brief);
        }
    }
}

void GeneratePageTest::survivesOddReports()
{
    Lane lane = writtenLane("snapkv", "so");
    lane.state = LaneState::Opened;
    RunMetrics &metrics = lane.report.generation.metrics;
    metrics.memory = {{5, 1, 2, 0}, {1, 9, 3, 0}}; // back in time; more in the cache than in the process
    metrics.prefillSeconds = 1;
    metrics.decodeSeconds = -1;
    metrics.perTokenMilliseconds = {1, 2};
    metrics.entriesByLayer = {0, 5};
    const std::vector<Lane> lanes{lane};
    GenerateView view(lanes, *m_settings, new QLabel);
    view.begin({}, {});
    view.refresh({0}, true);
    QCOMPARE(view.board()->lane(0)->memory()->pointCount(), std::size_t(2));
    QCOMPARE(view.board()->lane(0)->memory()->value(1, 2), 0.0);
    QVERIFY(std::isnan(view.charts()->phases()->rows()[0].seconds[2]));
    QCOMPARE(view.charts()->layers()->series()[0].y, (std::vector<double>{0, 5}));
}

void GeneratePageTest::takesLongPrompts()
{
    PromptEdit &prompt = *panel().prompt();
    const QString odd = QStringLiteral("A\u00a0b\tc\n\nd");
    prompt.setText(odd);
    QCOMPARE(prompt.text(), odd);               // as it was given
    const QString book = words.repeated(14000); // some 200,000 tokens in a paragraph
    QElapsedTimer clock;
    clock.start();
    auto *clip = new QMimeData;
    clip->setText(book);
    QApplication::clipboard()->setMimeData(clip);
    prompt.selectAll();
    prompt.paste();
    QCoreApplication::processEvents();
    QVERIFY2(sanitized || clock.elapsed() < 250, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(prompt.isHeld());
    QCOMPARE(prompt.text(), book);
    QVERIFY(prompt.toPlainText().size() < 10000);
    QCOMPARE(panel().request().words, book);
    prompt.setText(QString(book).replace(". ", ".\n")); // many short ones can be edited
    QVERIFY(!prompt.isHeld());
    QVERIFY(!prompt.isReadOnly());

    QFile file(m_folder->filePath("prompt.txt"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("Grüße\n");
    file.close();
    QCOMPARE(panel().loadPrompt(file.fileName()), QString());
    QCOMPARE(prompt.text(), QStringLiteral("Grüße\n"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("a\0b\xff", 4);
    file.close();
    QVERIFY(panel().loadPrompt(file.fileName()).contains("UTF-8"));
    QCOMPARE(prompt.text(), QStringLiteral("Grüße\n"));
}

void GeneratePageTest::exportsAll()
{
    loadModel();
    run({choice("full"), choice("snapkv")});
    QVERIFY(page().exportChart());
    const QDir folder(m_folder->filePath("all/of it"));
    page().exportAll(folder.path());
    QTRY_VERIFY_WITH_TIMEOUT(!page().isExporting(), 30000);
    QCOMPARE(page().messages()->kind(), MessageBar::Kind::Info);
    QCOMPARE(contentOf(folder.filePath("summary.csv")), page().view()->summary()->csv().toUtf8());
    const json report = json::parse(contentOf(folder.filePath("lane-2-snapkv.json")).toStdString());
    QCOMPARE(QString::fromStdString(report["text"].get<std::string>()), lane(1).answer()->text());
    QVERIFY(folder.exists("lane-1-full.json"));
    const std::vector<GenerateView::Figure> figures = page().view()->figures();
    QCOMPARE(figures.size(), std::size_t(5)); // two of memory, and three of all lanes
    for (const auto &[name, chart] : figures) {
        const QString base = folder.filePath(ChartExport::fileName(name));
        QCOMPARE(QImage(base + ".png").size(), ChartExport::pixelSize(*chart, {}));
        QVERIFY(contentOf(base + ".svg").contains("<svg"));
        QCOMPARE(contentOf(base + ".csv"), chart->csv().toUtf8());
    }
    QCOMPARE(folder.entryList(QDir::Files).size(), 2 + 1 + 3 * 5); // each has a name of its own
    page().exportAll("/proc/nowhere");
    QTRY_COMPARE(page().messages()->kind(), MessageBar::Kind::Error);
}

void GeneratePageTest::answersWhileItGenerates()
{
    loadModel();
    const MachinePause machine;
    const Heartbeat heartbeat;
    for (int tab = 0; tab < 3; ++tab) {
        page().view()->tabs()->setCurrentIndex(tab);
        run({choice("full"), choice("snapkv"), choice("streaming"), choice("h2o")}, 400);
    }
    if (!sanitized)
        QVERIFY2(heartbeat.longest() <= 250 + machine.longest(),
                 qPrintable(QString("%1 ms without an answer, the machine paused %2 ms")
                                .arg(heartbeat.longest())
                                .arg(machine.longest())));
    QCOMPARE(lane(3).answer()->text(), session().lanes().all()[3].text);
}

void GeneratePageTest::leavesDuringARun()
{
    loadModel();
    ask({choice("full"), choice("snapkv")}, 400);
    answerQuestions({"Stay"});
    QVERIFY(!m_window->close());
    answerQuestions({"Leave now", "Discard"});
    QVERIFY(m_window->close());
    QElapsedTimer clock;
    clock.start();
    m_window.reset(); // joins the worker: the run was cancelled
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));
}

void GeneratePageTest::loadsAnotherModelDuringARun()
{
    loadModel();
    ask({choice("full"), choice("snapkv")}, 400);
    QVERIFY(m_window->actions().action("file.open")->isEnabled());
    answerQuestions({"Let it run"});
    m_window->openFiles({tinyModel});
    QCOMPARE(session().activity(), Session::Activity::Generating);
    answerQuestions({"Stop the run and load"});
    QSignalSpy loaded(&session(), &Session::modelChanged);
    m_window->openFiles({tinyModel});
    QTRY_COMPARE_WITH_TIMEOUT(loaded.size(), 1, 20000);
    QTRY_VERIFY(m_window->isIdle());
    QVERIFY(session().lanes().all()[1].state != LaneState::Finished); // it was not waited for
    QVERIFY(!page().continueButton()->isEnabled());                   // the conversations went with their model
    QCOMPARE(lane(0).answer()->text(), session().lanes().all()[0].text);
    run({choice("full")}, 4);
}

QTEST_MAIN(GeneratePageTest)
#include "GeneratePageTest.moc"
