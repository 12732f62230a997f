// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/common/HaystackBox.h"
#include "app/explorer/common/TableCopy.h"
#include "app/explorer/compare/AccuracyCharts.h"
#include "app/explorer/compare/AnswerPanel.h"
#include "app/explorer/compare/CompareView.h"
#include "app/explorer/compare/EfficiencyCharts.h"
#include "app/explorer/compare/NeedleCharts.h"
#include "app/explorer/compare/TaskPanel.h"
#include "app/explorer/compare/VariantPanel.h"
#include "app/explorer/window/MainWindow.h"
#include "core/evaluation/EvaluationSummary.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/EvaluationSession.h"
#include "sessions/EvaluationTableModel.h"
#include "sessions/ScoreLibrary.h"
#include "tests/app/Heartbeat.h"
#include "tests/app/TestTools.h"
#include "tests/app/WindowTest.h"
#include "tests/sessions/EvaluationSample.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/export/ChartExport.h"
#include "widgets/theme/Resources.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

int rowOf(const QListWidget &list, const QString &text)
{
    for (int row = 0; row < list.count(); ++row) {
        if (list.item(row)->text() == text)
            return row;
    }
    return -1;
}

} // namespace

class ComparePageTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initWidgetResources(); }
    void init() { openWindow("compare"); }
    void cleanup() { closeWindow(); }
    void startsEmpty();
    void isReachedByKeys();
    void saysWhatItCosts();
    void refusesWhatCannotRun();
    void offersScoreSetsOfTheModel();
    void namesSetsShortly();
    void comparesMethods();
    void filtersAnswersByRowAndCell();
    void exportsWhatItShows();
    void cancelsAndResumes();
    void opensAReportWithoutAModel();
    void savesAndWritesAPage();
    void saysWhichLineIsMalformed();
    void followsTheTheme();
    void staysFluid();

private:
    [[nodiscard]] ComparePage &page() { return *m_window->comparePage(); }
    [[nodiscard]] Session &session() { return m_window->session(); }
    [[nodiscard]] const EvaluationRun &run() { return session().evaluation().run(); }
    [[nodiscard]] CompareView &view() { return *page().view(); }
    void loadModel();
    void chooseSmall();
    void evaluate();
    void openLargeReport(int tasks, int needles);
};

void ComparePageTest::loadModel()
{
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(session().modelInfo(), 30000);
    m_window->showPage("compare");
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
}

/// Eight cases, five variants.
void ComparePageTest::chooseSmall()
{
    page().tasks()->lengths()->setText("200, 300");
    page().tasks()->depths()->setText("2");
    page().tasks()->needles()->setValue(2);
    page().tasks()->newTokens()->setValue(4);
    page().tasks()->haystack()->setCurrentIndex(1); // the built-in text
    page().variants()->setMethods({"full", "streaming", "snapkv"});
    page().variants()->budgets()->setText("120, 150");
}

void ComparePageTest::evaluate()
{
    QVERIFY2(page().startButton()->isEnabled(), qPrintable(page().startButton()->toolTip()));
    QSignalSpy finished(&session().evaluation(), &EvaluationSession::finished);
    QTest::mouseClick(page().startButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
}

void ComparePageTest::openLargeReport(int tasks, int needles)
{
    const QString path = m_folder->filePath("large.json");
    (void)writeLargeReport(path.toStdString(), tasks, needles);
    m_window->openFiles({path});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && page().hasResults(), 30000);
}

void ComparePageTest::startsEmpty()
{
    QVERIFY(page().emptyState()->isVisible());
    QVERIFY(page().emptyState()->actionButton()->text().contains("default model"));
    for (const auto &[button, reason] :
         {std::pair(page().startButton(), "Load a model"), std::pair(page().resumeButton(), "No evaluation"),
          std::pair(page().cancelButton(), "No evaluation runs"), std::pair(page().saveButton(), "no answers"),
          std::pair(page().pageButton(), "no answers")}) {
        QVERIFY(!button->isEnabled());
        QVERIFY2(button->toolTip().contains(reason), qPrintable(button->toolTip()));
    }
    QVERIFY(page().openButton()->isEnabled());
    QCOMPARE(page().estimate(), QString("Load a model first."));
    QVERIFY(!page().exportChart());
    QVERIFY(!m_window->actions().action("file.export")->isEnabled());
    const QListWidgetItem *headKv = page().variants()->methods()->item(rowOf(*page().variants()->methods(), "HeadKV"));
    QVERIFY(!(headKv->flags() & Qt::ItemIsEnabled));
    QVERIFY(headKv->toolTip().contains("score set"));
    QVERIFY(page().tasks()->removeButton()->toolTip().contains("Choose a file"));
}

void ComparePageTest::isReachedByKeys()
{
    QAction *action = m_window->actions().action("page.compare");
    QCOMPARE(action->shortcut(), QKeySequence(QStringLiteral("Ctrl+7")));
    m_window->showPage("start");
    action->trigger();
    QCOMPARE(static_cast<QWidget *>(m_window->currentPage()), static_cast<QWidget *>(&page()));
    // Tab leads through the controls, each with a name to be read out.
    page().tasks()->niah()->setFocus();
    QSet<const QWidget *> reached;
    for (int i = 0; i < 80; ++i) {
        const QWidget *now = QApplication::focusWidget();
        QVERIFY(now);
        if (page().isAncestorOf(now)) {
            const auto *button = qobject_cast<const QAbstractButton *>(now);
            QVERIFY2(!now->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
                     now->metaObject()->className());
            reached.insert(now);
        }
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    for (const QWidget *control : std::initializer_list<const QWidget *>{
             page().tasks()->niah(), page().tasks()->documents(), page().tasks()->files(), page().tasks()->lengths(),
             page().variants()->methods(), page().variants()->budgets(), page().variants()->moment(),
             page().openButton()})
        QVERIFY2(reached.contains(control), qPrintable(control->accessibleName()));
}

void ComparePageTest::saysWhatItCosts()
{
    loadModel();
    chooseSmall();
    QCOMPARE(page().estimate(), QString("8 questions × 5 methods and budgets: 40 answers."));
    page().tasks()->reasoning()->setChecked(true);
    QCOMPARE(page().estimate(), QString("16 questions × 5 methods and budgets: 80 answers."));
    page().tasks()->niah()->setChecked(false);
    page().tasks()->reasoning()->setChecked(false);
    page().tasks()->documents()->setChecked(true);
    QVERIFY2(page().estimate().startsWith("64 questions"), qPrintable(page().estimate()));
    page().tasks()->maxCases()->setValue(3);
    QVERIFY2(page().estimate().startsWith("12 questions"), qPrintable(page().estimate())); // of each of four
    QVERIFY(!page().tasks()->lengths()->isEnabled());
    const QString path = m_folder->filePath("mine.jsonl");
    std::ofstream(path.toStdString()) << "{}\n";
    page().tasks()->addFiles({path, path});
    QCOMPARE(page().tasks()->fileCount(), 1);
    QVERIFY2(page().estimate().contains("1 file"), qPrintable(page().estimate()));
}

void ComparePageTest::refusesWhatCannotRun()
{
    loadModel();
    chooseSmall();
    QVERIFY(page().startButton()->isEnabled());
    const auto refused = [this](const QString &why) {
        return !page().startButton()->isEnabled() && page().startButton()->toolTip().contains(why) &&
               page().estimate().contains(why);
    };
    QLineEdit *budgets = page().variants()->budgets();
    for (const auto &[text, why] : {std::pair("64, x", "x is not a number"), std::pair("", "give 1 to"),
                                    std::pair("64 64", "64 is there twice"), std::pair("4", "a budget of 4")}) {
        budgets->setText(text);
        QVERIFY2(refused(why), qPrintable(page().startButton()->toolTip()));
    }
    budgets->setText("120");
    page().variants()->window()->setValue(130);
    QVERIFY2(refused("SnapKV: a budget of 120"), qPrintable(page().startButton()->toolTip()));
    page().variants()->window()->setValue(0);
    page().tasks()->lengths()->setText("99999");
    QVERIFY(refused("over the model's context"));
    page().tasks()->lengths()->setText("200");
    page().tasks()->depths()->setText("7.5");
    QVERIFY(refused("Depths"));
    page().tasks()->depths()->setText("2");
    page().tasks()->niah()->setChecked(false);
    QVERIFY(refused("Tasks: choose one or more"));
    const QString path = m_folder->filePath("gone.jsonl");
    page().tasks()->addFiles({path});
    QVERIFY(refused("gone.jsonl is not there"));
    page().tasks()->files()->selectAll();
    QTest::mouseClick(page().tasks()->removeButton(), Qt::LeftButton);
    QCOMPARE(page().tasks()->fileCount(), 0);
    page().tasks()->niah()->setChecked(true);
    page().variants()->setMethods({});
    QVERIFY(refused("Methods: choose one or more"));
    page().variants()->setMethods({"full"}); // which needs no budget
    budgets->setText("none");
    QVERIFY(page().startButton()->isEnabled());
}

void ComparePageTest::offersScoreSetsOfTheModel()
{
    loadModel();
    chooseSmall();
    page().variants()->setMethods({"headkv"});
    QVERIFY(!page().startButton()->isEnabled());
    const auto add = [this](const QString &name, int layers, int heads) {
        HeadScores scores(layers, heads);
        for (std::size_t i = 0; i < scores.values.size(); ++i)
            scores.values[i] = {0.1 * static_cast<double>(i + 1)};
        session().scores().add(makeScoreSet(name, "probe", std::move(scores), {}));
    };
    add("R (another)", 7, 3);
    QListWidget *sets = page().variants()->scoreSets();
    QVERIFY(!(sets->item(0)->flags() & Qt::ItemIsEnabled));
    QVERIFY2(sets->item(0)->toolTip().contains("7 × 3"), qPrintable(sets->item(0)->toolTip()));
    QVERIFY(!page().startButton()->isEnabled());
    add("R (tiny)", session().modelInfo()->layers, session().modelInfo()->queryHeads);
    add("ER (tiny)", session().modelInfo()->layers, session().modelInfo()->queryHeads);
    QVERIFY2(page().startButton()->isEnabled(), qPrintable(page().startButton()->toolTip()));
    QCOMPARE(page().variants()->count(), std::size_t(4)); // two budgets, two sets
    sets->item(1)->setCheckState(Qt::Unchecked);
    QCOMPARE(page().variants()->count(), std::size_t(2));
    sets->item(2)->setCheckState(Qt::Unchecked);
    const QListWidgetItem *headKv = page().variants()->methods()->item(rowOf(*page().variants()->methods(), "HeadKV"));
    QVERIFY(headKv->toolTip().contains("Choose a score set"));
    sets->item(2)->setCheckState(Qt::Checked);
    QVERIFY(page().variants()->beta()->isEnabled());
    evaluate();
    QCOMPARE(run().variants.size(), std::size_t(2));
    QCOMPARE(run().variants[0].scores, std::string("ER"));
    QCOMPARE(view().model()->index(0, EvaluationTableModel::Method).data().toString(), QString("HeadKV (ER)"));
}

void ComparePageTest::namesSetsShortly()
{
    const auto names = [](const QStringList &whole) {
        std::vector<ScoreSet> sets;
        for (const QString &name : whole)
            sets.push_back({name, {}, nullptr, nullptr, {}});
        std::vector<const ScoreSet *> pointers;
        for (const ScoreSet &set : sets)
            pointers.push_back(&set);
        const std::vector<QString> found = shortNames(pointers);
        return QStringList(found.begin(), found.end());
    };
    QCOMPARE(names({"R (SmolLM2)", "ER (SmolLM2)"}), (QStringList{"R", "ER"}));
    QCOMPARE(names({"R (one)", "R (two)"}), (QStringList{"R", "R (two)"}));
    QCOMPARE(names({"R (one)", "R (one)", "R (one)"}), (QStringList{"R", "R (one)", "R (one) 2"}));
}

void ComparePageTest::comparesMethods()
{
    loadModel();
    chooseSmall();
    int rowsAtStart = 0;
    connect(&session().evaluation(), &EvaluationSession::started, this, [&] {
        rowsAtStart = view().model()->rowCount();
        QVERIFY(view().isVisible());
    });
    connect(&session().evaluation(), &EvaluationSession::answered, this, [&](int result) {
        if (result > 0)
            return;
        QVERIFY(page().cancelButton()->isEnabled() && !page().startButton()->isEnabled());
        QVERIFY(page().startButton()->toolTip().contains("An evaluation runs"));
        QVERIFY(!page().tasks()->niah()->isEnabled());
        QVERIFY2(page().summary().contains("1 of 40 answers"), qPrintable(page().summary()));
    });
    evaluate();
    QCOMPARE(rowsAtStart, 5);
    QCOMPARE(run().results.size(), std::size_t(40));
    QVERIFY(page().summary().contains("40 of 40 answers"));
    QVERIFY(page().summary().contains("once the question was read"));
    const std::vector<EvaluationRow> rows = summarize(run());
    QCOMPARE(view().table()->model()->rowCount(), 5);
    for (std::size_t row = 0; row < rows.size(); ++row)
        QCOMPARE(view().model()->rows()[row].score, rows[row].score);

    QCOMPARE(view().accuracy()->charts().size(), std::size_t(1));
    const auto &series = view().accuracy()->charts()[0]->series();
    QCOMPARE(series.size(), std::size_t(3));
    QCOMPARE(series[1].name, QString("StreamingLLM"));
    QCOMPARE(series[1].x, (std::vector<double>{120, 150}));
    QCOMPARE(series[1].y, (std::vector<double>{rows[1].score, rows[2].score}));
    view().tabs()->setCurrentWidget(view().needles());
    QTRY_VERIFY(m_window->isIdle());
    QCOMPARE(view().needles()->views().size(), std::size_t(5));
    for (const auto &[row, grid] : view().needles()->views()) {
        for (const ProbeGridCell &cell : grid->data().cells) {
            QCOMPARE(cell.done, 2);
            QCOMPARE(cell.total, 2);
        }
        QVERIFY(std::abs(grid->data().cells[0].score * 100 - rows[static_cast<std::size_t>(row)].grid[0][0]) < 1e-9);
    }
    view().tabs()->setCurrentWidget(view().efficiency());
    const auto &memory = view().efficiency()->charts()[2]->series();
    QCOMPARE(memory.size(), std::size_t(3));
    QCOMPARE(memory[2].y, (std::vector<double>{double(rows[3].kvBytesPrompt), double(rows[4].kvBytesPrompt)}));
    QCOMPARE(view().answers()->table()->model()->rowCount(), 40);
    QVERIFY(page().saveButton()->isEnabled() && page().pageButton()->isEnabled());
    QVERIFY(page().resumeButton()->toolTip().contains("All answers are there"));
}

void ComparePageTest::filtersAnswersByRowAndCell()
{
    openLargeReport(2, 2);
    QAbstractItemModel *answers = view().answers()->table()->model();
    QCOMPARE(answers->rowCount(), 2 * 37 * 50);
    view().table()->selectRow(40); // of the second task
    QCOMPARE(answers->rowCount(), 50);
    QVERIFY2(view().answers()->caption().startsWith("Reasoning, "), qPrintable(view().answers()->caption()));
    QTest::keyClick(view().table(), Qt::Key_Return);
    QCOMPARE(view().tabs()->currentWidget(), static_cast<QWidget *>(view().answers()));
    QTest::mouseClick(view().answers()->showAllButton(), Qt::LeftButton);
    QCOMPARE(answers->rowCount(), 2 * 37 * 50);

    view().tabs()->setCurrentWidget(view().needles());
    QTRY_VERIFY(m_window->isIdle());
    ProbeGridView *grid = view().needles()->views().at(5);
    grid->setFocus();
    QTest::keyClick(grid, Qt::Key_Right);
    QTest::keyClick(grid, Qt::Key_Space);
    QCOMPARE(view().tabs()->currentWidget(), static_cast<QWidget *>(view().answers()));
    QCOMPARE(answers->rowCount(), 2);
    QVERIFY2(view().answers()->caption().contains("768 tokens, depth 0"), qPrintable(view().answers()->caption()));
    view().answers()->table()->selectRow(1);
    QVERIFY(view().answers()->details().contains("eat a sandwich"));
    view().answers()->words()->setText("needle 2");
    QCOMPARE(answers->rowCount(), 1);
    view().answers()->words()->setText("no such words");
    QCOMPARE(answers->rowCount(), 0);
    // A row's grid on the other task.
    view().tabs()->setCurrentWidget(view().needles());
    QCOMPARE(view().needles()->taskBox()->count(), 2);
    view().needles()->taskBox()->setCurrentIndex(1);
    Q_EMIT view().needles()->taskBox()->activated(1);
    QTRY_VERIFY(m_window->isIdle());
    QCOMPARE(view().needles()->views().size(), std::size_t(37));
    QVERIFY(view().needles()->views().contains(37));
}

void ComparePageTest::exportsWhatItShows()
{
    openLargeReport(2, 1);
    for (QWidget *tab : std::initializer_list<QWidget *>{view().accuracy(), view().needles(), view().efficiency()}) {
        view().tabs()->setCurrentWidget(tab);
        QTRY_VERIFY(m_window->isIdle());
        const Chart *figure = page().exportChart();
        QVERIFY(figure);
        QVERIFY(m_window->actions().action("file.export")->isEnabled());
        for (const char *const format : {"png", "svg", "pdf", "csv"}) {
            const QString path = m_folder->filePath(QStringLiteral("figure.") + format);
            QCOMPARE(ChartExport::save(*figure, path), QString());
            QVERIFY(contentOf(path).size() > 300);
        }
    }
    view().tabs()->setCurrentWidget(view().needles());
    QTRY_VERIFY(m_window->isIdle());
    const QString grids = view().figure()->csv();
    QCOMPARE(grids.count('\n'), 1 + 37 * 25);
    QVERIFY(grids.startsWith("panel,length_tokens,depth,"));
    view().tabs()->setCurrentWidget(view().answers());
    QVERIFY(!page().exportChart());
    QVERIFY(!m_window->actions().action("file.export")->isEnabled());

    const QString table = tableText(*view().table()->model(), {0, 1}, false);
    const QStringList lines = table.split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0], QString("Task,Method,Budget,Score,95 % interval,To the best,p,Cases,Prefill s,Compr. s,"
                               "Decode tokens/s,KV MB"));
    QVERIFY(lines[1].startsWith("NIAH,FullKV,–,"));
    QCOMPARE(lines[2].split(',').size(), 12);
}

void ComparePageTest::cancelsAndResumes()
{
    loadModel();
    chooseSmall();
    page().tasks()->depths()->setText("40"); // enough that Cancel comes before the end
    page().tasks()->needles()->setValue(4);
    const auto stop = connect(&session().evaluation(), &EvaluationSession::answered, &page(), [this](int result) {
        if (result == 1)
            QTest::mouseClick(page().cancelButton(), Qt::LeftButton);
    });
    evaluate();
    disconnect(stop);
    const std::size_t first = run().results.size();
    QVERIFY(first >= 2 && first < 1600);
    QVERIFY2(page().resumeButton()->isEnabled(), qPrintable(page().resumeButton()->toolTip()));
    QVERIFY(page().saveButton()->isEnabled());
    std::size_t shown = 0;
    for (const EvaluationRow &row : view().model()->rows())
        shown += row.cases;
    QCOMPARE(shown, first);
    QSignalSpy finished(&session().evaluation(), &EvaluationSession::finished);
    QTest::mouseClick(page().resumeButton(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(run().results.size() > first, 30000);
    QTest::mouseClick(page().cancelButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY(m_window->isIdle());
    QCOMPARE(view().answers()->table()->model()->rowCount(), static_cast<int>(run().results.size()));
}

void ComparePageTest::opensAReportWithoutAModel()
{
    loadModel();
    chooseSmall();
    evaluate();
    const QString path = m_folder->filePath("evaluation.json");
    QSignalSpy saved(&session().evaluation(), &EvaluationSession::saved);
    session().evaluation().save(path);
    QVERIFY(saved.wait(10000));
    QVERIFY2(page().messages()->text().contains(path), qPrintable(page().messages()->text()));
    constexpr std::size_t first = 15; // as a run leaves it that was killed
    auto report = nlohmann::ordered_json::parse(std::ifstream(path.toStdString()));
    report["answers"].erase(report["answers"].begin() + first, report["answers"].end());
    std::ofstream(path.toStdString()) << report;

    const auto folder = std::move(m_folder);
    closeWindow();
    openWindow(); // another one, on Start
    m_window->openFiles({path});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && page().hasResults(), 30000);
    QVERIFY2(m_window->openFailures().isEmpty(), qPrintable(m_window->openFailures().join(' ')));
    QCOMPARE(static_cast<QWidget *>(m_window->currentPage()), static_cast<QWidget *>(&page()));
    QCOMPARE(run().results.size(), first);
    QVERIFY(view().isVisible());
    QVERIFY(m_settings->value("recentFiles").toStringList().join(' ').contains("evaluation.json"));
    QVERIFY(page().resumeButton()->toolTip().contains("Load a model"));
    QVERIFY(page().saveButton()->toolTip().contains("Nothing has been added"));
    QVERIFY(page().pageButton()->isEnabled());
    loadModel();
    QVERIFY2(page().resumeButton()->isEnabled(), qPrintable(page().resumeButton()->toolTip()));
    QSignalSpy finished(&session().evaluation(), &EvaluationSession::finished);
    QTest::mouseClick(page().resumeButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY(m_window->isIdle());
    QCOMPARE(run().results.size(), std::size_t(40));
    QVERIFY(page().saveButton()->isEnabled());
}

void ComparePageTest::savesAndWritesAPage()
{
    loadModel();
    chooseSmall();
    evaluate();
    const QString path = m_folder->filePath("evaluation.html");
    QCOMPARE(page().writePage(path), QString());
    const QByteArray html = contentOf(path);
    QVERIFY(html.startsWith("<!doctype html>"));
    QVERIFY(html.contains("StreamingLLM") && html.contains("data:image/svg+xml;base64,"));
    QCOMPARE(html.count("</details>"), 1);
    const QString error = page().writePage("/no/such/folder/x.html");
    QVERIFY(error.contains("/no/such/folder") && !error.contains('\n'));
}

void ComparePageTest::saysWhichLineIsMalformed()
{
    loadModel();
    chooseSmall();
    page().tasks()->niah()->setChecked(false);
    const QString path = m_folder->filePath("broken.jsonl");
    std::ofstream(path.toStdString())
        << "{\"context\": \"The inn is on the hill.\", \"input\": \"Where is it?\", \"answers\": [\"hill\"]}\n"
           "{\"context\": \"The inn is\n";
    page().tasks()->addFiles({path});
    page().variants()->budgets()->setText("64"); // documents allow for little here
    evaluate();
    QVERIFY(page().messages()->isVisible());
    QVERIFY2(page().messages()->text().contains("broken.jsonl:2"), qPrintable(page().messages()->text()));
    QCOMPARE(page().messages()->kind(), MessageBar::Kind::Error);
    QVERIFY(!page().hasResults());
    QVERIFY(page().emptyState()->isVisible());
    page().tasks()->skipMalformed()->setChecked(true);
    evaluate();
    QVERIFY(page().hasResults());
    QVERIFY2(page().messages()->text().contains("One line was left out"), qPrintable(page().messages()->text()));
    QCOMPARE(run().tasks[0].cases.size(), std::size_t(1));
    view().tabs()->setCurrentWidget(view().needles()); // no grid: said, not drawn
    QVERIFY(!page().exportChart());
}

void ComparePageTest::followsTheTheme()
{
    openLargeReport(1, 1);
    const auto swatch = [this] {
        return view().table()->model()->index(1, EvaluationTableModel::Method).data(Qt::DecorationRole).value<QColor>();
    };
    QCOMPARE(swatch(), ChartStyle::lightStyle().seriesColor("streaming"));
    m_theme->setMode(ThemeMode::Dark);
    m_theme->apply(*qApp);
    QApplication::processEvents();
    QCOMPARE(swatch(), ChartStyle::darkStyle().seriesColor("streaming"));
    QCOMPARE(view().accuracy()->charts()[0]->chartStyle().dark, true);
}

/// A turn of the event loop that brings new answers of every method takes less than a frame in the mean.
void ComparePageTest::staysFluid()
{
    openLargeReport(6, 2); // 222 rows of 50 cases, 37 grids
    view().tabs()->setCurrentWidget(view().needles());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
    Q_EMIT session().evaluation().resumed();
    const MachinePause machine;
    const Heartbeat heartbeat;
    for (int answer = 0; answer < 100; ++answer) {
        Q_EMIT session().evaluation().answered(answer % 37);
        QTest::qWait(10);
    }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    QVERIFY2(heartbeat.longest() <= 100 + machine.longest(),
             qPrintable(QString("%1 ms without an answer").arg(heartbeat.longest())));
#endif
}

QTEST_MAIN(ComparePageTest)
#include "ComparePageTest.moc"
