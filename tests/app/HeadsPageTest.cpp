// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/common/TableCopy.h"
#include "app/explorer/heads/AgreementPanel.h"
#include "app/explorer/heads/HeadAnalysisPanel.h"
#include "app/explorer/heads/HeadInspector.h"
#include "app/explorer/heads/HeadMapsView.h"
#include "app/explorer/heads/HeadSetBar.h"
#include "app/explorer/heads/HeadTablePanel.h"
#include "app/explorer/heads/HeadViewBar.h"
#include "app/explorer/heads/MaskingPanel.h"
#include "app/explorer/heads/StabilityPanel.h"
#include "app/explorer/window/MainWindow.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/HeadTableModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "tests/app/WindowTest.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/LayerShareView.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/LorenzView.h"
#include "widgets/charts/SortedBarsView.h"
#include "widgets/export/ChartExport.h"
#include "widgets/theme/Resources.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

using namespace headkv;

namespace {

/// Scores whose means follow a fixed order of strength, with noise between cases.
HeadScores invented(int layers, int heads, int examples, unsigned seed)
{
    HeadScores scores(layers, heads);
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < scores.headCount(); ++i) {
        const double strength = i % 3 == 0 ? 0 : static_cast<double>((i * 7 + seed) % scores.headCount()) / 100;
        for (int example = 0; example < examples; ++example)
            scores.values[i].push_back(strength * (1 + static_cast<double>(random() % 100) / 100));
    }
    return scores;
}

} // namespace

class HeadsPageTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initWidgetResources(); }
    void init();
    void cleanup();
    void opensWithoutAModel();
    void showsSetsSideBySide();
    void showsADifference();
    void otherShapesStandApart();
    void showsKvGroups();
    void groupsComeFromTheFile();
    void pinsByKeyboard();
    void pointsAtTheSameHeadEverywhere();
    void scalesByPercentiles();
    void filtersAndCopiesTheTable();
    void saysHowManyCasesAreEnough();
    void saysThatAnswersAreShort();
    void exportsWhatItShows();
    void closesSets();
    void testsHeadsByMasking();

private:
    void open(const QString &name, const HeadScores &scores, const nlohmann::json &meta = {{"origin", "test"}});
    /// A tab is drawn when it is looked at.
    template <typename Tab>
    Tab *look(Tab *tab)
    {
        m_page->analysis()->setCurrentWidget(tab);
        return tab;
    }
    [[nodiscard]] const HeadTableModel *table() { return look(m_page->analysis()->tablePanel())->model(); }
    void choose(std::size_t place, int row) { m_page->setBar()->chooser(place)->setCurrentIndex(row); }

    HeadsPage *m_page = nullptr;
};

void HeadsPageTest::init()
{
    openWindow("heads");
    m_page = m_window->headsPage();
}

void HeadsPageTest::cleanup() { closeWindow(); }

void HeadsPageTest::open(const QString &name, const HeadScores &scores, const nlohmann::json &meta)
{
    const auto before = m_window->session().scores().sets().size();
    const QString path = m_folder->filePath(name + ".json");
    writeHeadScores(path.toStdString(), scores, meta);
    m_window->openFiles({path});
    QTRY_COMPARE_WITH_TIMEOUT(m_window->session().scores().sets().size(), before + 1, 20000);
}

void HeadsPageTest::opensWithoutAModel()
{
    const HeadScores scores = invented(5, 6, 20, 1);
    open("a", scores);
    QVERIFY(!m_window->session().modelInfo());
    QCOMPARE(m_page->currentSet(), 0);
    QCOMPARE(m_page->heatmap()->data().values, summarize(scores).means);
    QCOMPARE(m_page->heatmap()->title(), QString("a"));
    QCOMPARE(m_page->maps()->count(), std::size_t(1));
    QCOMPARE(table()->rowCount(), 30);
    QCOMPARE(look(m_page->analysis()->bars())->csv().count('\n'), 21);
    QVERIFY(m_page->hoverText().contains("5 layers × 6 heads, 20 cases"));
    QVERIFY(!m_page->setBar()->differenceButton()->isEnabled());
    QVERIFY(m_page->setBar()->differenceButton()->toolTip().contains("second set"));

    // Intervals and stability come from the worker.
    const auto interval = [this] { return table()->index(1, HeadTableModel::Interval).data().toString(); };
    QTRY_VERIFY_WITH_TIMEOUT(!interval().isEmpty(), 20000);
    const ValueInterval expected = bootstrapIntervals(scores).means[1];
    QCOMPARE(interval(), QString("%1 – %2").arg(expected.low, 0, 'f', 4).arg(expected.high, 0, 'f', 4));
}

void HeadsPageTest::showsSetsSideBySide()
{
    const HeadScores first = invented(5, 6, 20, 1), second = invented(5, 6, 12, 2), third = invented(5, 6, 8, 3);
    open("a", first);
    open("b", second);
    open("c", third);
    choose(0, 0);
    choose(1, 2); // after "none" and a: b
    QCOMPARE(m_page->setBar()->chosen(), (std::vector<int>{0, 1}));
    QCOMPARE(m_page->maps()->count(), std::size_t(2));
    QVERIFY(m_page->maps()->map(1)->isVisible());
    QCOMPARE(m_page->maps()->map(1)->data().values, summarize(second).means);
    QCOMPARE(m_page->maps()->map(0)->range(), m_page->maps()->map(1)->range());
    QCOMPARE(look(m_page->analysis()->lorenz())->series().size(), std::size_t(3)); // and the diagonal
    QVERIFY(look(m_page->analysis()->layers())->csv().startsWith("layer,a,b\n"));
    QCOMPARE(table()->columnCount(), HeadTableModel::FirstOther + 2);
    QCOMPARE(table()->headerData(9, Qt::Horizontal, Qt::DisplayRole).toString(), QString("Rank in b"));

    const HeadScoreComparison comparison = compare(first, second);
    const QTableWidget *agreement = look(m_page->analysis()->agreement())->table();
    QCOMPARE(agreement->rowCount(), 1);
    QCOMPARE(agreement->item(0, 1)->data(Qt::UserRole).toDouble(), comparison.spearman);
    QCOMPARE(agreement->item(0, 3)->data(Qt::UserRole).toDouble(), comparison.topOverlap(10));
    const LineSeries curve = look(m_page->analysis()->agreement())->chart()->series().front();
    for (const std::size_t k : {1, 7, 30})
        QVERIFY(std::abs(curve.y[k - 1] - comparison.topOverlap(k)) < 1e-12);
    QVERIFY(AgreementPanel::summary({m_page->shownSets()[0], m_page->shownSets()[1]}).startsWith("a and b: Spearman"));

    choose(2, 3);
    QCOMPARE(m_page->maps()->count(), std::size_t(3));
    QCOMPARE(agreement->rowCount(), 3);
    QCOMPARE(m_page->maps()->map(2)->range(), m_page->maps()->map(0)->range());
    const auto all = summarize(third).means;
    QVERIFY(m_page->maps()->map(0)->range().high >= *std::ranges::max_element(all));
    choose(2, 1); // the first once more: shown once
    QCOMPARE(m_page->maps()->count(), std::size_t(2));
}

void HeadsPageTest::showsADifference()
{
    const HeadScores first = invented(5, 6, 20, 1), second = invented(5, 6, 12, 2);
    open("a", first);
    open("b", second);
    choose(0, 0);
    choose(1, 2);
    m_page->setBar()->differenceButton()->click();
    QVERIFY(m_page->setBar()->showsDifference());
    QCOMPARE(m_page->maps()->count(), std::size_t(1));
    const HeatmapView *map = m_page->heatmap();
    QCOMPARE(map->title(), QString("a less b"));
    QCOMPARE(map->colorMap(), ColorMap::Name::Diverging);
    QCOMPARE(map->range().low, -map->range().high);
    QCOMPARE(map->topK(), 0);
    const auto expected = compare(first, second).difference;
    for (int layer = 0; layer < 5; ++layer) {
        for (int head = 0; head < 6; ++head)
            QVERIFY(std::abs(map->data().values[map->data().index(layer, head)] - expected[layer][head]) < 1e-15);
    }
    QVERIFY(map->describe({1, 2}).contains("Share in a") && map->describe({1, 2}).contains("Rank in b"));
    QVERIFY(!m_page->viewBar()->scaleBox()->isEnabled() && !m_page->viewBar()->colorBox()->isEnabled());
    m_page->setBar()->differenceButton()->click();
    QCOMPARE(m_page->maps()->count(), std::size_t(2));
    QCOMPARE(map->colorMap(), ColorMap::Name::Viridis);
    QCOMPARE(map->topK(), 10);
}

void HeadsPageTest::otherShapesStandApart()
{
    open("a", invented(5, 6, 20, 1));
    open("other", invented(4, 8, 9, 1));
    choose(0, 0);
    choose(1, 2);
    QCOMPARE(m_page->maps()->count(), std::size_t(2));
    QCOMPARE(m_page->maps()->map(1)->data().heads, 8);
    QCOMPARE(m_page->maps()->map(0)->range(), m_page->maps()->map(1)->range());
    QVERIFY(!m_page->setBar()->differenceButton()->isEnabled());
    QCOMPARE(look(m_page->analysis()->agreement())->table()->rowCount(), 0);
    QCOMPARE(table()->columnCount(), int(HeadTableModel::FirstOther));
    QVERIFY(look(m_page->analysis()->layers())->csv().startsWith("layer,a\n"));
}

void HeadsPageTest::showsKvGroups()
{
    const HeadScores scores = invented(5, 6, 20, 1);
    open("a", scores);
    QComboBox *rows = m_page->viewBar()->rowsBox();
    // Not known: each number that divides six.
    QCOMPARE(rows->count(), 4);
    rows->setCurrentIndex(rows->findData(2));
    const HeadScoreSummary groups = summarize(groupHeads(scores, 2));
    QCOMPARE(m_page->heatmap()->data().values, groups.means);
    QCOMPARE(m_page->heatmap()->data().headLabel, QString("KV group"));
    QVERIFY(m_page->heatmap()->describe({1, 1}).startsWith("Layer 1, KV group 1"));
    QCOMPARE(table()->rowCount(), 10);
    QCOMPARE(table()->headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QString("KV group"));
    rows->setCurrentIndex(0);
    QCOMPARE(m_page->heatmap()->data().values, summarize(scores).means);
}

void HeadsPageTest::groupsComeFromTheFile()
{
    open("a", invented(5, 6, 20, 1), {{"model", {{"kv_heads", 3}}}});
    QComboBox *rows = m_page->viewBar()->rowsBox();
    QCOMPARE(rows->count(), 2);
    QCOMPARE(rows->itemText(1), QString("3 KV groups a layer"));
    rows->setCurrentIndex(1);
    open("b", invented(5, 8, 9, 2)); // whose groups are not known: the choice does not fit
    QCOMPARE(m_page->heatmap()->data().heads, 8);
    open("c", invented(5, 6, 9, 3), {{"model", {{"kv_heads", 6}}}});
    QVERIFY(!rows->isEnabled());
}

void HeadsPageTest::pinsByKeyboard()
{
    const HeadScores scores = invented(5, 6, 20, 1);
    open("a", scores);
    open("b", invented(5, 6, 12, 2));
    choose(0, 0);
    choose(1, 2);
    HeatmapView *map = m_page->heatmap();
    map->setFocus(Qt::TabFocusReason);
    QTest::keyClick(map, Qt::Key_Home);
    QTest::keyClick(map, Qt::Key_Right);
    QTest::keyClick(map, Qt::Key_Down);
    QTest::keyClick(map, Qt::Key_Return);
    QCOMPARE(m_page->pins(), (std::vector<HeadCell>{{1, 1}}));
    QCOMPARE(m_page->maps()->map(1)->pins(), m_page->pins());
    auto *inspector = m_window->findChild<HeadInspector *>();
    QTRY_VERIFY(inspector->isVisible());
    const HeadScoreSummary summary = summarize(scores);
    const std::size_t index = scores.index(1, 1);
    QTRY_VERIFY_WITH_TIMEOUT(inspector->figures()[1].contains("–"), 20000);
    QVERIFY(inspector->figures()[3].startsWith(QString("%1 of 30 (").arg(summary.ranks[index])));
    QVERIFY(inspector->figures()[5].startsWith("b: rank "));

    QTest::keyClick(m_page->maps()->map(1), Qt::Key_End);
    QTest::keyClick(m_page->maps()->map(1), Qt::Key_Space);
    QCOMPARE(m_page->pins(), (std::vector<HeadCell>{{1, 1}, {4, 5}}));
    QCOMPARE(map->pins(), m_page->pins());
    QTest::keyClick(map, Qt::Key_Return); // the current one of this map: its pin goes
    QCOMPARE(m_page->pins(), (std::vector<HeadCell>{{4, 5}}));
    m_page->viewBar()->clearButton()->click();
    QVERIFY(m_page->pins().empty() && map->pins().empty());
    QVERIFY(!m_page->viewBar()->clearButton()->isEnabled());
}

void HeadsPageTest::pointsAtTheSameHeadEverywhere()
{
    open("a", invented(5, 6, 20, 1));
    open("b", invented(5, 6, 12, 2));
    choose(0, 0);
    choose(1, 2);
    HeatmapView *map = m_page->heatmap();
    QTRY_VERIFY(map->cellRect({2, 3}).isValid());
    Q_EMIT map->hovered(2, 3);
    QVERIFY(m_page->hoverText().startsWith("Layer 2, query head 3  ·  a: "));
    QVERIFY(m_page->hoverText().contains("b: "));
    Q_EMIT map->hoverEnded();
    QVERIFY(m_page->hoverText().contains("Point at one"));

    // Zooming one zooms the other.
    QTest::keyClick(map, Qt::Key_Plus);
    QVERIFY(map->visibleCells().width() < 5);
    QCOMPARE(m_page->maps()->map(1)->visibleCells(), map->visibleCells());
    QTest::keyClick(m_page->maps()->map(1), Qt::Key_0);
    QCOMPARE(map->visibleCells(), QRectF(-0.5, -0.5, 5, 6));
}

void HeadsPageTest::scalesByPercentiles()
{
    const HeadScores scores = invented(5, 6, 20, 1);
    open("a", scores);
    HeadViewBar *bar = m_page->viewBar();
    QVERIFY(!bar->lowBox()->isVisible());
    bar->scaleBox()->setCurrentIndex(bar->scaleBox()->findData(static_cast<int>(HeatmapScale::Kind::Percentile)));
    QVERIFY(bar->lowBox()->isVisible() && bar->highBox()->isVisible());
    bar->lowBox()->setValue(10);
    bar->highBox()->setValue(80);
    const std::vector<double> means = summarize(scores).means;
    QCOMPARE(m_page->heatmap()->range().high, percentile(means, 80));
    bar->lowBox()->setValue(95); // never above the highest
    QVERIFY(bar->lowBox()->value() < bar->highBox()->value());
    bar->scaleBox()->setCurrentIndex(bar->scaleBox()->findData(static_cast<int>(HeatmapScale::Kind::Log)));
    QVERIFY(!bar->lowBox()->isVisible());
    QCOMPARE(m_page->heatmap()->scale().kind, HeatmapScale::Kind::Log);
    bar->colorBox()->setCurrentIndex(bar->colorBox()->findData("magma"));
    QCOMPARE(m_page->heatmap()->colorMap(), ColorMap::Name::Magma);
    bar->topBox()->setValue(3);
    QCOMPARE(m_page->heatmap()->topK(), 3);
}

void HeadsPageTest::filtersAndCopiesTheTable()
{
    const HeadScores scores = invented(5, 6, 20, 1);
    open("a", scores);
    HeadTablePanel *panel = look(m_page->analysis()->tablePanel());
    const QAbstractItemModel *rows = panel->view()->model();
    const auto filtered = [&](const char *text) {
        panel->filterEdit()->setText(text);
        return rows->rowCount();
    };
    QCOMPARE(filtered(""), 30);
    QCOMPARE(rows->index(0, HeadTableModel::Rank).data().toInt(), 1); // sorted by rank
    QCOMPARE(filtered("3-4"), 1);
    QCOMPARE(filtered("3-"), 6);
    QCOMPARE(filtered("-4"), 5);
    QCOMPARE(filtered("layer=3 head >= 4"), 2);
    QCOMPARE(filtered("rank <= 7"), 7);
    QCOMPARE(filtered("score>0"), static_cast<int>(summarize(scores).nonzeroHeads));
    QVERIFY(panel->problem().isEmpty());
    for (const char *const bad : {"magic", "score>", "rank<x", "-", "3-4-5"}) {
        QCOMPARE(filtered(bad), static_cast<int>(summarize(scores).nonzeroHeads)); // as it was
        QVERIFY2(panel->problem().contains("no filter"), bad);
    }
    QCOMPARE(filtered("rank<=2"), 2);
    m_page->analysis()->setCurrentWidget(panel);
    panel->view()->selectRow(1);
    panel->view()->setFocus();
    QTest::keySequence(panel->view(), QKeySequence::Copy);
    const QStringList copied = QGuiApplication::clipboard()->text().split('\n');
    QCOMPARE(copied.size(), 3); // header, the row, what follows the last end of line
    QVERIFY(copied[0].startsWith("Layer\tHead\tScore\t"));
    QCOMPARE(copied[1].split('\t')[2].toDouble(),
             rows->index(1, HeadTableModel::Score).data(HeadTableModel::SortRole).toDouble());
    QCOMPARE(tableText(*rows, {0, 1}, false).count('\n'), qsizetype(3));
    QSignalSpy chosen(panel, &HeadTablePanel::headChosen);
    QTest::keyClick(panel->view(), Qt::Key_Return);
    QCOMPARE(m_page->pins().size(), std::size_t(1));
}

void HeadsPageTest::saysHowManyCasesAreEnough()
{
    const HeadScores scores = invented(5, 6, 20, 1);
    open("a", scores);
    StabilityPanel *panel = look(m_page->analysis()->stability());
    QTRY_VERIFY_WITH_TIMEOUT(panel->text().contains("two halves of 10 cases"), 20000);
    const RankStability stability = rankStability(scores);
    const LineSeries curve = panel->chart()->series().front();
    QCOMPARE(curve.y.size(), stability.curve.size());
    QCOMPARE(curve.y.back(), stability.splitHalf());
    QCOMPARE(curve.errors.front(), stability.curve.front().deviation);
    open("one", invented(5, 6, 1, 2));
    QTRY_VERIFY_WITH_TIMEOUT(panel->text().contains("one case does not tell"), 20000);
    QVERIFY(panel->chart()->isEmpty());
}

void HeadsPageTest::saysThatAnswersAreShort()
{
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().modelInfo(), 30000);
    ProbeSettings settings;
    settings.lengths = {96};
    settings.depths = evenDepths(2);
    settings.needles = {{"The key is under the mat.", "Where is the key?", "mat"}};
    settings.haystack = "The rain fell on the town. People went home early. A dog slept by the door. ";
    settings.filter.metric = ProbeFilter::Metric::None;
    settings.maxNewTokens = 4;
    QSignalSpy finished(&m_window->session().probe(), &ProbeSession::finished);
    settings.kind = ProbeKind::Retrieval;
    m_window->session().probe().start(settings);
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 10000);
    QCOMPARE(m_page->note(), QString()); // Eq. 1
    settings.kind = ProbeKind::Enhanced;
    m_window->session().probe().start(settings);
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 10000);
    const ScoreSet &set = m_window->session().scores().sets().back();
    if (set.summary->zeroShare > 0.03)
        QVERIFY2(m_page->note().contains("the answers are short"), qPrintable(m_page->note()));
    else
        QCOMPARE(m_page->note(), QString());
    open("file", *set.scores); // where it is not known, nothing is said
    QCOMPARE(m_page->note(), QString());
}

void HeadsPageTest::exportsWhatItShows()
{
    open("a", invented(5, 6, 20, 1));
    open("b", invented(5, 6, 12, 2));
    QCOMPARE(m_page->exportChart(), m_page->heatmap());
    choose(1, 1);
    const Chart *row = m_page->exportChart();
    QVERIFY(row && row != m_page->heatmap());
    QVERIFY(row->csv().startsWith("panel,layer,query_head,Score"));
    QCOMPARE(row->csv().count('\n'), qsizetype(1 + 60));
    const QByteArray svg = ChartExport::svg(*row);
    QVERIFY(svg.contains("aria-label=\"a\"") && svg.contains("aria-label=\"b\"") && !svg.contains("<image"));
}

void HeadsPageTest::closesSets()
{
    open("a", invented(5, 6, 20, 1));
    open("b", invented(5, 6, 12, 2));
    open("c", invented(5, 6, 8, 3));
    choose(0, 0);
    choose(1, 2);
    choose(2, 3);
    m_window->session().scores().remove(1);
    QCOMPARE(m_page->setBar()->chosen(), (std::vector<int>{0, 1}));
    QCOMPARE(m_page->maps()->map(1)->title(), QString("c"));
    m_window->session().scores().remove(0);
    QCOMPARE(m_page->maps()->count(), std::size_t(1));
    QCOMPARE(m_page->heatmap()->title(), QString("c"));
    m_window->session().scores().remove(0);
    QCOMPARE(m_page->currentSet(), -1);
    QVERIFY(!m_page->exportChart());
    QVERIFY(!m_page->heatmap()->isVisible());
}

void HeadsPageTest::testsHeadsByMasking()
{
    open("other", invented(5, 6, 20, 1));
    MaskingPanel *panel = look(m_page->analysis()->masking());
    QVERIFY(!panel->startButton()->isEnabled());
    QVERIFY(panel->startButton()->toolTip().contains("Load a model"));
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().modelInfo(), 30000);
    QVERIFY2(panel->startButton()->toolTip().contains("5 × 6"), qPrintable(panel->startButton()->toolTip()));
    const auto info = m_window->session().modelInfo();
    open("own", invented(info->layers, info->queryHeads, 10, 2));
    panel->lengthsEdit()->setText("x");
    QVERIFY(!panel->startButton()->isEnabled());
    panel->lengthsEdit()->setText("120");
    panel->countsEdit()->setText("0");
    QVERIFY(!panel->startButton()->isEnabled());
    panel->countsEdit()->setText("2, 1");
    panel->depthsEdit()->setText("1");
    panel->needlesBox()->setValue(2);
    panel->drawsBox()->setValue(2);
    QVERIFY2(panel->startButton()->isEnabled(), qPrintable(panel->startButton()->toolTip()));
    QVERIFY2(panel->text().contains("2 cases") && panel->text().contains("6 times"), qPrintable(panel->text()));

    Session &session = m_window->session();
    QSignalSpy finished(&session.probe(), &ProbeSession::maskingFinished);
    MaskingResult last;
    connect(&session.probe(), &ProbeSession::maskingAdvanced, panel,
            [&last](const MaskingResult &result) { last = result; });
    QTest::mouseClick(panel->startButton(), Qt::LeftButton);
    QCOMPARE(session.activity(), Session::Activity::Testing);
    QVERIFY(panel->cancelButton()->isVisible());
    QVERIFY(finished.wait(60000));
    QCOMPARE(finished.first().first().toBool(), false);
    QCOMPARE(last.cases, std::size_t(2));
    QCOMPARE(last.points.size(), std::size_t(2));
    const std::vector<LineSeries> &lines = panel->chart()->series();
    QCOMPARE(lines.size(), std::size_t(2));
    QCOMPARE(lines[0].x, (std::vector<double>{1, 2}));
    QCOMPARE(lines[0].y, (std::vector<double>{last.points[0].top, last.points[1].top}));
    QCOMPARE(lines[1].y.back(), last.points[1].randomMean);
    QCOMPARE(panel->chart()->references().front().y, last.baseline);
    QVERIFY(panel->chart()->title().contains("own"));
    QVERIFY(panel->startButton()->isVisible());

    // Cancelled, it is idle again at once.
    panel->countsEdit()->setText("1, 2, 3, 4, 5, 6, 7");
    panel->drawsBox()->setValue(100);
    QTest::mouseClick(panel->startButton(), Qt::LeftButton);
    QTest::mouseClick(panel->cancelButton(), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    QCOMPARE(finished.last().first().toBool(), true);
    QCOMPARE(session.activity(), Session::Activity::Idle);
}

QTEST_MAIN(HeadsPageTest)
#include "HeadsPageTest.moc"
