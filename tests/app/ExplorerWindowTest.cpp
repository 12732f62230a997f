// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/TypedLists.h"
#include "app/explorer/heads/HeadAnalysisPanel.h"
#include "app/explorer/heads/HeadTablePanel.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/model/ModelPage.h"
#include "app/explorer/probe/CasePanel.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/probe/ProbeRunView.h"
#include "app/explorer/probe/ProbeSettingsPanel.h"
#include "app/explorer/window/ExplorerOptions.h"
#include "app/explorer/window/MainWindow.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/CaseTableModel.h"
#include "sessions/HeadTableModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "tests/app/Heartbeat.h"
#include "tests/app/TestTools.h"
#include "tests/app/WindowTest.h"
#include "widgets/charts/HeadSketch.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/MemoryChart.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/export/ChartExport.h"
#include "widgets/theme/Resources.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QFile>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>
#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace headkv;

class ExplorerWindowTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void readsItsOptions();
    void readsTypedLists();
    void startsEmpty();
    void saysWhyAFileDoesNotOpen();
    void showsTheModel();
    void probesAndShowsScores();
    void exportsWhatItShows();
    void keepsWhatACancelledProbeFinished();
    void remembersFilesAndLayout();
    void opensDroppedFiles();
    void asksBeforeItLeavesARun();

private:
    void loadModel();
    void probe(const ProbeSettings &settings);
};

void ExplorerWindowTest::initTestCase() { initWidgetResources(); }

void ExplorerWindowTest::init() { openWindow(); }

void ExplorerWindowTest::cleanup() { closeWindow(); }

void ExplorerWindowTest::loadModel()
{
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
    QVERIFY2(m_window->openFailures().isEmpty(), qPrintable(m_window->openFailures().join(' ')));
    QVERIFY(m_window->session().modelInfo());
}

void ExplorerWindowTest::probe(const ProbeSettings &settings)
{
    m_window->showPage("probe");
    ProbePage *page = m_window->probePage();
    page->settingsPanel()->setSettings(settings);
    QVERIFY2(page->startButton()->isEnabled(), qPrintable(page->startButton()->toolTip()));
    QSignalSpy finished(&m_window->session().probe(), &ProbeSession::finished);
    QTest::mouseClick(page->startButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QCOMPARE(finished.first().first().toBool(), false);
}

void ExplorerWindowTest::readsItsOptions()
{
    const ExplorerOptions good = ExplorerOptions::parse(
        {"headkv-explorer", "a.gguf", "--page", "heads", "--theme", "dark", "--size", "1280x800", "b.json"});
    QCOMPARE(good.error, QString());
    QCOMPARE(good.files, (QStringList{"a.gguf", "b.json"}));
    QCOMPARE(good.page, QString("heads"));
    QVERIFY(good.theme == ThemeMode::Dark);
    QCOMPARE(good.size, QSize(1280, 800));
    for (const QStringList &bad : {QStringList{"--page", "nowhere"}, QStringList{"--theme", "pink"},
                                   QStringList{"--size", "12"}, QStringList{"--frobnicate"}, QStringList{"--page"}}) {
        const QString error = ExplorerOptions::parse(QStringList{"headkv-explorer"} + bad).error;
        QVERIFY2(!error.isEmpty() && !error.contains('\n'), qPrintable(bad.join(' ') + ": " + error));
    }
}

void ExplorerWindowTest::readsTypedLists()
{
    QCOMPARE(parseLengths("512,1024").values, (std::vector<int>{512, 1024}));
    QCOMPARE(parseLengths(" 4x2048 ").values, (std::vector<int>{512, 1024, 1536, 2048}));
    QCOMPARE(parseDepths("3").values, (std::vector<double>{0, 0.5, 1}));
    QCOMPARE(parseDepths("0, 0.25").values, (std::vector<double>{0, 0.25}));
    for (const char *const bad : {"", "0", "-5", "abc", "0x100"})
        QVERIFY2(!parseLengths(bad).problem.isEmpty(), bad);
    for (const char *const bad : {"", "0.5, 2", "x", "nan", "-1"})
        QVERIFY2(!parseDepths(bad).problem.isEmpty(), bad);
}

void ExplorerWindowTest::startsEmpty()
{
    QVERIFY(m_window->isIdle());
    QVERIFY(!m_window->actions().action("file.export")->isEnabled());
    QVERIFY(!m_window->probePage()->startButton()->isEnabled());
    QVERIFY(m_window->probePage()->startButton()->toolTip().contains("model"));
    QCOMPARE(m_window->headsPage()->currentSet(), -1);
    for (const char *const page : {"model", "probe", "heads", "start"}) {
        m_window->actions().action(QStringLiteral("page.") + page)->trigger();
        QVERIFY(m_window->currentPage()->isVisible());
    }
}

void ExplorerWindowTest::saysWhyAFileDoesNotOpen()
{
    m_window->openFiles({m_folder->filePath("none.gguf"), m_folder->filePath("none.json"), "picture.png"});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 10000);
    QCOMPARE(m_window->openFailures().size(), 3);
    QVERIFY(m_window->openFailures().join('\n').contains("none.json"));
    QVERIFY(m_window->currentPage()->messages()->isVisible());
}

void ExplorerWindowTest::showsTheModel()
{
    loadModel();
    const auto info = m_window->session().modelInfo();
    QCOMPARE(static_cast<QWidget *>(m_window->currentPage()), static_cast<QWidget *>(m_window->modelPage()));
    QCOMPARE(m_window->modelPage()->sketch()->csv().count('\n'), 1 + info->layers * info->queryHeads);
    QVERIFY(!m_window->modelPage()->memoryChart()->isEmpty());
    const LineSeries full = m_window->modelPage()->memoryChart()->series().front();
    QCOMPARE(full.y.back(), static_cast<double>(info->kvBytesPerToken) * info->contextLength);
    const LineSeries byKvHead = m_window->modelPage()->memoryChart()->series().at(1);
    QCOMPARE(byKvHead.y.back(), static_cast<double>(info->kvBytesPerToken) * std::min(1024, info->contextLength));

    // The chat format is shown as it is typed, and what is typed is used.
    QLineEdit *suffix = m_window->modelPage()->chatSuffix();
    QCOMPARE(suffix->text(), QString("<|im_end|>\\n<|im_start|>assistant\\n"));
    suffix->setText("\\nAnswer:");
    Q_EMIT suffix->editingFinished();
    QCOMPARE(m_window->session().chatFormat().suffix, std::string("\nAnswer:"));
    QCOMPARE(m_window->session().chatFormat().prefix, info->chatFormat.prefix);
    probe(shortProbe(1));
    const auto settings = m_window->session().probe().settings();
    QVERIFY(settings->chatFormat);
    QCOMPARE(settings->chatFormat->suffix, std::string("\nAnswer:"));
}

void ExplorerWindowTest::probesAndShowsScores()
{
    loadModel();
    const MachinePause machine;
    const Heartbeat heartbeat;
    probe(shortProbe(2));
    if (!sanitized)
        QVERIFY2(heartbeat.longest() <= 100 + machine.longest(),
                 qPrintable(QString("%1 ms without an answer, the machine paused %2 ms")
                                .arg(heartbeat.longest())
                                .arg(machine.longest())));
    const auto info = m_window->session().modelInfo();
    ProbeRunView *run = m_window->probePage()->runView();
    QCOMPARE(run->grid()->data().cells.size(), std::size_t(2));
    for (const ProbeGridCell &cell : run->grid()->data().cells) {
        QCOMPARE(cell.total, 2);
        QCOMPARE(cell.done, 2);
        QCOMPARE(cell.passed, 2);
    }
    QCOMPARE(run->cases()->model()->rowCount(), 4);
    run->cases()->passedOnly()->setChecked(true);
    QCOMPARE(run->cases()->table()->model()->rowCount(), 4);
    const HeatmapData &shown = run->heatmap()->data();
    QCOMPARE(shown.layers, info->layers);
    QCOMPARE(shown.heads, info->queryHeads);
    QVERIFY(std::none_of(shown.values.begin(), shown.values.end(), [](double value) { return std::isnan(value); }));
    QCOMPARE(m_window->headsPage()->currentSet(), 0);
    m_window->showPage("heads");
    QCOMPARE(m_window->headsPage()->heatmap()->data().values, shown.values);
    HeadAnalysisPanel *analysis = m_window->headsPage()->analysis();
    analysis->setCurrentWidget(analysis->tablePanel());
    QCOMPARE(analysis->table()->rowCount(), info->layers * info->queryHeads);
}

void ExplorerWindowTest::exportsWhatItShows()
{
    loadModel();
    probe(shortProbe(2));
    m_window->showPage("heads");
    const QString scores = m_folder->filePath("scores.json");
    QCOMPARE(m_window->session().scores().save(0, scores), QString());
    const HeadScores back = readHeadScores(scores.toStdString());
    QCOMPARE(back.values, m_window->session().scores().sets().front().scores->values);
    QVERIFY(!contentOf(m_folder->filePath("scores.meta.json")).isEmpty());

    const Chart *chart = m_window->currentPage()->exportChart();
    QVERIFY(chart);
    for (const char *const format : {"png", "svg", "csv"})
        QCOMPARE(ChartExport::save(*chart, m_folder->filePath(QStringLiteral("heads.") + format)), QString());
    QCOMPARE(QImage(m_folder->filePath("heads.png")).size(), ChartExport::pixelSize(*chart, {}));
    QVERIFY(contentOf(m_folder->filePath("heads.svg")).contains("<svg"));
    QCOMPARE(contentOf(m_folder->filePath("heads.csv")).count('\n'), qsizetype(1 + back.headCount()));

    // The file opens as a second set with the same means.
    m_window->openFiles({scores});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 10000);
    QCOMPARE(m_window->headsPage()->currentSet(), 1);
    QCOMPARE(m_window->headsPage()->heatmap()->data().values,
             m_window->session().scores().sets().front().summary->means);
}

void ExplorerWindowTest::keepsWhatACancelledProbeFinished()
{
    loadModel();
    ProbeSettings settings = shortProbe(100);
    m_window->showPage("probe");
    ProbePage *page = m_window->probePage();
    page->settingsPanel()->setSettings(settings);
    Session &session = m_window->session();
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    connect(&session.probe(), &ProbeSession::caseDone, page, [page](int result) {
        if (result == 1)
            QTest::mouseClick(page->cancelButton(), Qt::LeftButton);
    });
    QTest::mouseClick(page->startButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QCOMPARE(finished.first().first().toBool(), true);
    const auto done = static_cast<int>(session.probe().results().size());
    QVERIFY(done >= 2 && done < 200);
    QCOMPARE(page->runView()->cases()->model()->rowCount(), done);
    int inGrid = 0;
    for (const ProbeGridCell &cell : page->runView()->grid()->data().cells)
        inGrid += cell.done;
    QCOMPARE(inGrid, done);
    QCOMPARE(m_window->headsPage()->currentSet(), 0);
    QCOMPARE(session.scores().sets().front().scores->examples(), static_cast<std::size_t>(done));
    QVERIFY(page->startButton()->isEnabled());
}

void ExplorerWindowTest::remembersFilesAndLayout()
{
    loadModel();
    m_window->actions().action("dock.log")->trigger();
    QVERIFY(m_window->actions().action("dock.log")->isChecked());
    m_window->close();
    m_window = std::make_unique<MainWindow>(*m_theme, *m_settings);
    m_window->show();
    QCOMPARE(m_settings->value("recentFiles").toStringList(), QStringList{QFileInfo(tinyModel).absoluteFilePath()});
    QTRY_VERIFY(m_window->actions().action("dock.log")->isChecked());
    m_window->actions().action("view.resetLayout")->trigger();
    QVERIFY(!m_window->actions().action("dock.log")->isChecked());
}

void ExplorerWindowTest::opensDroppedFiles()
{
    QMimeData files;
    files.setUrls({QUrl::fromLocalFile(tinyModel)});
    QDragEnterEvent enter(QPoint(9, 9), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(9, 9), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &drop);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().modelInfo(), 20000);

    files.setUrls({QUrl::fromLocalFile("picture.png")});
    QDragEnterEvent other(QPoint(9, 9), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &other);
    QVERIFY(other.isAccepted()); // and then refused with a reason
    QDropEvent refused(QPointF(9, 9), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &refused);
    QTRY_VERIFY(m_window->currentPage()->messages()->text().contains("picture.png"));

    files.setUrls({QUrl("https://example.org/model.gguf")});
    QDragEnterEvent remote(QPoint(9, 9), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    remote.ignore();
    QApplication::sendEvent(m_window.get(), &remote);
    QVERIFY(!remote.isAccepted());
}

void ExplorerWindowTest::asksBeforeItLeavesARun()
{
    loadModel();
    Session &session = m_window->session();
    session.probe().start(shortProbe(100));
    QTRY_VERIFY_WITH_TIMEOUT(!session.probe().results().empty(), 20000); // which would be lost
    answerQuestions({"Stay"});
    QVERIFY(!m_window->close());
    QVERIFY(m_window->isVisible());
    QCOMPARE(session.activity(), Session::Activity::Probing);
    answerQuestions({"Leave now", "Discard"});
    QVERIFY(m_window->close());
    QElapsedTimer clock;
    clock.start();
    m_window.reset(); // joins the worker: the run was cancelled
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));
}

QTEST_MAIN(ExplorerWindowTest)
#include "ExplorerWindowTest.moc"
