// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/budget/BudgetCard.h"
#include "app/explorer/budget/BudgetCharts.h"
#include "app/explorer/budget/BudgetExport.h"
#include "app/explorer/budget/BudgetSettingsPanel.h"
#include "app/explorer/window/MainWindow.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/ScoreLibrary.h"
#include "tests/app/TestTools.h"
#include "widgets/BetaScale.h"
#include "widgets/Formats.h"
#include "widgets/charts/BetaCurveView.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/LineChart.h"
#include "widgets/controls/BetaSlider.h"
#include "widgets/theme/Resources.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QListWidget>
#include <QProcess>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

const QString tinyModel = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");
constexpr int headKvRow = 7;

/// Uneven, the same each time.
HeadScores scoresOf(int layers, int heads)
{
    HeadScores scores(layers, heads);
    for (std::size_t i = 0; i < scores.values.size(); ++i)
        scores.values[i] = {std::pow(0.5 + 0.5 * std::sin(static_cast<double>(i) * 1.7), 6)};
    return scores;
}

} // namespace

class BudgetPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initWidgetResources(); }
    void init();
    void cleanup();
    void scaleOfBeta();
    void startsEmpty();
    void showsWhatAllocateSays();
    void sharesOneRange();
    void saysWhyAMethodIsDisabled();
    void showsFourAtMost();
    void marksAdaSnapKvAsDecidedByThePrompt();
    void showsWhyABudgetIsRefused();
    void knowsBytesFromTheModel();
    void saysWhyKvHeadsAreDisabled();
    void marksBetaOnTheCurve();
    void undoesADragInOneStep();
    void undoesEachSetting();
    void exportsAsAllocateDoes();
    void drawsManyHeads();

private:
    [[nodiscard]] BudgetPage &page() { return *m_window->budgetPage(); }
    [[nodiscard]] BudgetSettingsPanel &panel() { return *page().panel(); }
    void openScores(int layers, int heads, const QString &name = QStringLiteral("scores"));
    void loadModel();
    [[nodiscard]] const MethodBudget *plan(std::string_view id) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MainWindow> m_window;
};

void BudgetPageTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
    m_theme = std::make_unique<Theme>();
    m_window = std::make_unique<MainWindow>(*m_theme, *m_settings);
    m_window->showPage(QStringLiteral("budget"));
    m_window->show();
}

void BudgetPageTest::cleanup() { m_window.reset(); }

void BudgetPageTest::openScores(int layers, int heads, const QString &name)
{
    const QString path = m_folder->filePath(name + QStringLiteral(".json"));
    writeHeadScores(path.toStdString(), scoresOf(layers, heads), nlohmann::json::object());
    QSignalSpy added(&m_window->session().scores(), &ScoreLibrary::added);
    m_window->session().scores().open(path);
    QVERIFY(added.wait());
}

void BudgetPageTest::loadModel()
{
    QSignalSpy loaded(&m_window->session(), &Session::modelChanged);
    m_window->session().loadModel(tinyModel);
    QVERIFY(loaded.wait(30000));
}

const MethodBudget *BudgetPageTest::plan(std::string_view id) const
{
    for (const MethodBudget &plan : m_window->budgetPage()->plans()) {
        if (plan.method->id == id)
            return &plan;
    }
    return nullptr;
}

void BudgetPageTest::scaleOfBeta()
{
    QCOMPARE(betaPosition(leastBeta), 0.0);
    QCOMPARE(betaPosition(greatestBeta), 1.0);
    QCOMPARE(betaPosition(1), 0.0);
    for (const double beta : publishedBetas)
        QCOMPARE(betaAt(betaPosition(beta)), beta);
    BetaSlider slider;
    QSignalSpy changed(&slider, &BetaSlider::betaChanged);
    slider.setBeta(1.3);
    QCOMPARE(changed.count(), 0);
    QTest::keyClick(slider.slider(), Qt::Key_PageUp);
    QCOMPARE(slider.beta(), 1.5);
    QTest::keyClick(slider.slider(), Qt::Key_PageDown);
    QCOMPARE(slider.beta(), 1.2);
    QCOMPARE(changed.count(), 2);
    slider.number()->setValue(3.25);
    QCOMPARE(slider.beta(), 3.25);
    for (int key = 0; key < 200; ++key) // no published setting holds the handle fast
        QTest::keyClick(slider.slider(), Qt::Key_Left);
    QCOMPARE(slider.beta(), leastBeta);
}

void BudgetPageTest::startsEmpty()
{
    QVERIFY(page().isEmpty());
    QVERIFY(page().plans().empty());
    QVERIFY(!page().exportChart());
    QVERIFY(!panel().isVisible());
    QSignalSpy wanted(&page(), &BudgetPage::openRequested);
    const auto labels = page().findChildren<QLabel *>();
    QVERIFY(std::ranges::any_of(labels, [](const QLabel *label) {
        return label->isVisible() && label->text().contains(QStringLiteral("Open a file of head scores"));
    }));
    QCOMPARE(wanted.count(), 0);
}

void BudgetPageTest::showsWhatAllocateSays()
{
    openScores(6, 8);
    panel().budget()->setValue(96);
    panel().window()->setValue(16);
    panel().tokens()->setValue(200);
    panel().beta()->number()->setValue(1.1);
    QCOMPARE(page().plans().size(), std::size_t(3));
    const HeadShape shape{6, 8, 8};
    for (std::size_t i = 0; i < page().plans().size(); ++i) {
        const MethodBudget &shown = page().plans()[i];
        CompressionSettings settings;
        settings.method = shown.method->id;
        settings.budget = 96;
        settings.window = 16;
        if (settings.method == "headkv")
            settings.beta = 1.1;
        settings.importance = summarize(scoresOf(6, 8)).shares;
        const HeadBudgets expected = makeCompressionMethod(shape, settings)->allocate(200);
        QCOMPARE(shown.budgets.capacities, expected.capacities);
        const HeatmapData &data = page().card(i)->heatmap()->data();
        QCOMPARE(data.layers, 6);
        QCOMPARE(data.heads, 8);
        for (std::size_t list = 0; list < data.values.size(); ++list)
            QCOMPARE(data.values[list], static_cast<double>(expected.entries(list, 200)));
        const QStringList figures = page().card(i)->figures();
        QVERIFY2(figures[1].startsWith(formatCount(expected.totalEntries(200)) + QStringLiteral(" tokens")),
                 qPrintable(figures.join(QLatin1Char('|'))));
        QVERIFY(figures[1].endsWith(formatCount(6 * 8 * 96)));
        QVERIFY(figures.last().contains(QStringLiteral("largest ") + formatCount(concentration(expected).largest)));
        // By layer: the sums of the same numbers.
        const LineSeries &totals = page().charts()->layers()->series()[i];
        double sum = 0;
        for (int head = 0; head < 8; ++head)
            sum += static_cast<double>(expected.entries(5 * 8 + head, 200));
        QCOMPARE(totals.y[5], sum);
        double heads = 0;
        for (const double count : page().charts()->histogram()->series()[i].y)
            heads += count;
        QCOMPARE(heads, 48.0);
    }
    QVERIFY(plan("headkv")->unequal.largest > plan("headkv")->unequal.smallest);
    const QString told = page().card(2)->heatmap()->describe({0, 0});
    QVERIFY2(told.contains(QStringLiteral("Tokens kept: ")) && told.contains(QStringLiteral("Capacity")) &&
                 told.contains(QStringLiteral("Share")),
             qPrintable(told));
}

void BudgetPageTest::sharesOneRange()
{
    openScores(6, 8);
    const auto check = [this] {
        double most = 0;
        for (const MethodBudget &shown : page().plans())
            most = std::max(most, *std::ranges::max_element(shown.kept));
        for (std::size_t i = 0; i < page().plans().size(); ++i) {
            QCOMPARE(page().card(i)->heatmap()->range(), page().card(0)->heatmap()->range());
            const double high = page().card(i)->heatmap()->range().high; // rounded up, not by much
            QVERIFY(high >= most && high < 1.4 * most);
        }
    };
    check();
    panel().beta()->number()->setValue(1.01);
    check();
    page().scale()->setCurrentIndex(1);
    check();
}

void BudgetPageTest::saysWhyAMethodIsDisabled()
{
    loadModel();
    QVERIFY(!page().isEmpty());
    const QListWidgetItem *headKv = panel().methods()->item(headKvRow);
    QVERIFY(!(headKv->flags() & Qt::ItemIsEnabled));
    QVERIFY2(headKv->toolTip().contains(QStringLiteral("score set is needed")), qPrintable(headKv->toolTip()));
    QVERIFY(panel().reason()->text().contains(QStringLiteral("HeadKV")));
    QVERIFY(!panel().beta()->isEnabled());
    QVERIFY(!panel().beta()->toolTip().isEmpty());
    QCOMPARE(page().plans().size(), std::size_t(2)); // those that need none
    const int layers = page().basis().target.shape.layers;
    openScores(layers + 1, 3, QStringLiteral("other"));
    QVERIFY2(headKv->toolTip().contains(QString::number(layers + 1)), qPrintable(headKv->toolTip()));
    openScores(layers, page().basis().target.shape.queryHeads, QStringLiteral("own"));
    QVERIFY(headKv->flags() & Qt::ItemIsEnabled);
    QVERIFY(plan("headkv"));
    QVERIFY(panel().beta()->isEnabled());
}

void BudgetPageTest::showsFourAtMost()
{
    openScores(4, 4);
    QListWidget *methods = panel().methods();
    methods->item(2)->setCheckState(Qt::Checked);
    QCOMPARE(page().plans().size(), std::size_t(4));
    for (int row = 0; row < methods->count(); ++row) {
        const QListWidgetItem *item = methods->item(row);
        QCOMPARE(bool(item->flags() & Qt::ItemIsEnabled), item->checkState() == Qt::Checked);
        QVERIFY(!item->toolTip().isEmpty());
    }
    QVERIFY(methods->item(0)->toolTip().contains(QStringLiteral("take one off")));
    methods->item(2)->setCheckState(Qt::Unchecked);
    QVERIFY(methods->item(0)->flags() & Qt::ItemIsEnabled);
}

void BudgetPageTest::marksAdaSnapKvAsDecidedByThePrompt()
{
    openScores(4, 4);
    BudgetSettings settings = page().settings();
    settings.methods = QStringList{QStringLiteral("snapkv"), QStringLiteral("ada-snapkv")};
    page().apply(settings);
    QVERIFY(page().card(0)->hasHeatmap());
    QVERIFY(!page().card(1)->hasHeatmap());
    QVERIFY(page().card(1)->note().contains(QStringLiteral("depends on the prompt's attention")));
    QVERIFY(page().card(1)->figures()[1].contains(QStringLiteral("by the mean")));
    QCOMPARE(page().charts()->layers()->series().size(), std::size_t(1));
}

void BudgetPageTest::showsWhyABudgetIsRefused()
{
    openScores(4, 4);
    panel().window()->setValue(64);
    panel().budget()->setValue(32);
    for (std::size_t i = 0; i < page().plans().size(); ++i) {
        QVERIFY(!page().card(i)->hasHeatmap());
        QVERIFY2(page().card(i)->note().contains(QStringLiteral("window of 64")), qPrintable(page().card(i)->note()));
    }
    QVERIFY(page().charts()->charts().isEmpty());
    QVERIFY(!page().exportChart());
}

void BudgetPageTest::knowsBytesFromTheModel()
{
    loadModel();
    const auto info = m_window->session().modelInfo();
    openScores(info->layers, info->queryHeads);
    panel().tokens()->setValue(1000);
    const int kvHeads = info->kvHeads;
    QVERIFY(kvHeads < info->queryHeads);
    const auto bytes = [&](double entries) {
        return formatBytes(entries * static_cast<double>(info->kvBytesPerToken) / (info->layers * kvHeads));
    };
    const auto check = [&](const QString &heads) {
        for (std::size_t i = 0; i < page().plans().size(); ++i) {
            const MethodBudget &shown = page().plans()[i];
            const QStringList figures = page().card(i)->figures();
            QVERIFY2(figures[2].startsWith(bytes(static_cast<double>(shown.entries)) + QStringLiteral(", nominal")),
                     qPrintable(figures[2]));
            QVERIFY2(figures[3].contains(formatBytes(1000.0 * static_cast<double>(info->kvBytesPerToken))),
                     qPrintable(figures[3]));
            QCOMPARE(page().card(i)->heatmap()->data().headLabel, heads);
        }
    };
    check(QStringLiteral("Query head"));
    panel().granularity()->setCurrentIndex(1);
    Q_EMIT panel().granularity()->activated(1);
    QCOMPARE(page().plans().front().budgets.lists, kvHeads);
    check(QStringLiteral("KV head"));
    // FullKV stores nothing twice whatever the granularity, and takes what the model says.
    BudgetSettings settings = page().settings();
    settings.methods = QStringList{QStringLiteral("full")};
    settings.granularity = Granularity::QueryHead;
    page().apply(settings);
    check(QStringLiteral("KV head"));
    QCOMPARE(page().plans().front().entries, std::int64_t(1000) * info->layers * kvHeads);
    QVERIFY(page().card(0)->figures()[3].startsWith(QStringLiteral("100 %")));
}

void BudgetPageTest::saysWhyKvHeadsAreDisabled()
{
    openScores(4, 4);
    QVERIFY(!panel().granularity()->isEnabled());
    QVERIFY(panel().granularity()->toolTip().contains(QStringLiteral("load its model")));
    QVERIFY(page().card(0)->figures()[2].contains(QStringLiteral("load the model")));
    loadModel();
    QVERIFY(panel().granularity()->isEnabled());
    QVERIFY(!panel().granularity()->toolTip().contains(QStringLiteral("load its model")));
}

void BudgetPageTest::marksBetaOnTheCurve()
{
    openScores(6, 8);
    const BetaCurveView *curve = page().charts()->betaCurve();
    QVERIFY(!curve->isEmpty());
    for (const double beta : {1.1, 5.0}) {
        panel().beta()->number()->setValue(beta);
        QCOMPARE(curve->present().beta, beta);
        // The mark lies on the curve.
        const auto point = std::ranges::find(curve->curve(), beta, &BetaPoint::beta);
        QVERIFY(point != curve->curve().end());
        QCOMPARE(curve->present().concentration.gini, point->concentration.gini);
        QCOMPARE(curve->present().concentration.largest, point->concentration.largest);
    }
    const double before = curve->curve().front().concentration.largest;
    panel().budget()->setValue(512);
    QVERIFY(curve->curve().front().concentration.largest > before);
    QVERIFY(curve->csv().startsWith(QStringLiteral("beta,gini,largest,smallest\n1.005,")));
}

void BudgetPageTest::undoesADragInOneStep()
{
    openScores(6, 8);
    QUndoStack &undo = m_window->undoStack();
    QCOMPARE(undo.count(), 0); // opening a set is no edit
    const BudgetSettings before = page().settings();
    QSlider *slider = panel().beta()->slider();
    slider->setSliderDown(true);
    for (int step = 300; step < 900; step += 10)
        slider->setValue(step);
    slider->setSliderDown(false);
    const double dragged = page().settings().beta;
    QVERIFY(dragged > 5);
    QCOMPARE(undo.count(), 1);
    slider->setSliderDown(true);
    slider->setValue(100);
    slider->setSliderDown(false);
    QCOMPARE(undo.count(), 2);
    m_window->actions().action(QStringLiteral("edit.undo"))->trigger();
    QCOMPARE(page().settings().beta, dragged);
    QCOMPARE(panel().beta()->number()->value(), dragged);
    m_window->actions().action(QStringLiteral("edit.undo"))->trigger();
    QCOMPARE(page().settings(), before);
    QVERIFY(!m_window->actions().action(QStringLiteral("edit.undo"))->isEnabled());
    m_window->actions().action(QStringLiteral("edit.redo"))->trigger();
    QCOMPARE(page().settings().beta, dragged);
    QCOMPARE(plan("headkv")->settings.beta, std::optional(dragged));
}

void BudgetPageTest::undoesEachSetting()
{
    openScores(6, 8);
    QUndoStack &undo = m_window->undoStack();
    std::vector<BudgetSettings> states{page().settings()};
    const auto changed = [&](auto change) {
        change();
        QVERIFY(!(page().settings() == states.back()));
        states.push_back(page().settings());
        QCOMPARE(undo.count(), static_cast<int>(states.size()) - 1);
    };
    changed([&] { panel().budget()->setValue(256); });
    changed([&] { panel().window()->setValue(32); });
    changed([&] { panel().tokens()->setValue(4096); });
    changed([&] { panel().redistribute()->click(); });
    changed([&] { panel().methods()->item(3)->setCheckState(Qt::Unchecked); });
    changed([&] { panel().beta()->number()->setValue(2); });
    for (std::size_t i = states.size() - 1; i-- > 0;) {
        undo.undo();
        QCOMPARE(page().settings(), states[i]);
    }
    QCOMPARE(panel().budget()->value(), 128);
    QCOMPARE(panel().window()->value(), 0);
    QVERIFY(!panel().redistribute()->isChecked());
    QCOMPARE(panel().methods()->item(3)->checkState(), Qt::Checked);
}

void BudgetPageTest::exportsAsAllocateDoes()
{
    openScores(6, 8);
    panel().tokens()->setValue(700);
    panel().beta()->number()->setValue(1.5);
    const QString path = m_folder->filePath(QStringLiteral("budgets.json"));
    QCOMPARE(saveBudgets({*plan("headkv")}, page().basis(), 700, path), QString());
    QProcess allocate;
    allocate.start(QStringLiteral(HEADKV_BIN "/headkv"),
                   {QStringLiteral("allocate"), m_folder->filePath(QStringLiteral("scores.json")),
                    QStringLiteral("--method"), QStringLiteral("headkv"), QStringLiteral("--budget"),
                    QStringLiteral("128"), QStringLiteral("--beta"), QStringLiteral("1.5"),
                    QStringLiteral("--prompt-length"), QStringLiteral("700"), QStringLiteral("--json")});
    QVERIFY(allocate.waitForFinished());
    QCOMPARE(allocate.exitCode(), 0);
    QCOMPARE(contentOf(path), allocate.readAllStandardOutput());

    const QString table = m_folder->filePath(QStringLiteral("budgets.csv"));
    QCOMPARE(saveBudgets(page().plans(), page().basis(), 700, table), QString());
    const QList<QByteArray> rows = contentOf(table).trimmed().split('\n');
    QCOMPARE(rows.size(), 1 + 3 * 48);
    QCOMPARE(rows[0], QByteArray("method,granularity,layer,head,capacity,window,tokens_kept"));
    const MethodBudget *headKv = plan("headkv");
    const QByteArray last = QByteArray("headkv,query-head,5,7,") +
                            QByteArray::number(qint64(headKv->budgets.capacities[47])) + ",8," +
                            QByteArray::number(qint64(headKv->budgets.entries(47, 700)));
    QCOMPARE(rows.last(), last);

    QVERIFY(!saveBudgets(page().plans(), page().basis(), 700, path).isEmpty()); // several methods in one JSON
    QVERIFY(
        !saveBudgets(page().plans(), page().basis(), 700, m_folder->filePath(QStringLiteral("none/x.csv"))).isEmpty());
    const QString curve = page().charts()->betaCurve()->csv();
    QCOMPARE(curve.count(QLatin1Char('\n')), static_cast<int>(page().charts()->betaCurve()->curve().size()) + 1);
}

void BudgetPageTest::drawsManyHeads()
{
    openScores(126, 128);
    QCOMPARE(page().plans().size(), std::size_t(3));
    QCOMPARE(page().card(2)->heatmap()->data().values.size(), std::size_t(126 * 128));
    QVERIFY(!page().grab().isNull());
}

QTEST_MAIN(BudgetPageTest)
#include "BudgetPageTest.moc"
