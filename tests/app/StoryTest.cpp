// SPDX-License-Identifier: GPL-3.0-or-later
// The whole story, offscreen: start, sample session, pin a head, change β, undo, export all, save, reopen, equal;
// then with a real probe. And the tour, which points at what is there.
#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/budget/BudgetSettingsPanel.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/compare/CompareView.h"
#include "app/explorer/heads/HeadMapsView.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/probe/ProbeSettingsPanel.h"
#include "app/explorer/start/GuidedTour.h"
#include "app/explorer/start/StartPage.h"
#include "app/explorer/window/DocumentKeeper.h"
#include "app/explorer/window/ExportAllDialog.h"
#include "app/explorer/window/NotesPanel.h"
#include "app/explorer/window/WindowDocuments.h"
#include "sessions/EvaluationSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/SessionFile.h"
#include "tests/app/WindowTest.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/controls/BetaSlider.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Resources.h"

#include <QAction>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>

using namespace headkv;

class StoryTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initWidgetResources(); }
    void init() { openWindow(); }
    void cleanup() { closeWindow(); }
    void livesInTheSampleSession();
    void livesWithARealProbe();
    void takesTheTour();
    void tourGoesByKeys();

private:
    [[nodiscard]] DocumentKeeper &keeper() const { return *m_window->documents()->keeper(); }
    void openSample();
    void pinTheStrongest();
    void changeBeta();
    void exportAll();
    /// Saves, opens the file in another window, and holds the two against each other.
    void saveAndReopen();
};

void StoryTest::openSample()
{
    QSignalSpy opened(&keeper(), &DocumentKeeper::opened);
    QPushButton *button = nullptr;
    for (QPushButton *one : m_window->startPage()->findChildren<QPushButton *>()) {
        if (one->text().remove('&') == QLatin1String("Open the sample session"))
            button = one;
    }
    QVERIFY(button);
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(opened.wait(10000));
}

void StoryTest::pinTheStrongest()
{
    m_window->showPage("heads");
    HeadsPage *page = m_window->headsPage();
    const auto &set = page->shownSets().front();
    const RankedHead strongest = topHeads(*set.scores, *set.summary, 1).front();
    const std::size_t before = page->pins().size();
    Q_EMIT page->maps()->pinToggled({strongest.layer, strongest.head});
    QVERIFY(page->pins().size() != before);
}

void StoryTest::changeBeta()
{
    m_window->showPage("budget");
    BudgetPage *page = m_window->budgetPage();
    QVERIFY(!page->isEmpty() && page->panel()->beta()->isEnabled());
    const double before = page->settings().beta;
    const auto plans = page->plans().size();
    QVERIFY(plans > 0);
    page->panel()->beta()->number()->setValue(before * 2);
    QVERIFY(page->settings().beta != before);
    m_window->actions().action("edit.undo")->trigger();
    QCOMPARE(page->settings().beta, before);
    m_window->actions().action("edit.redo")->trigger();
    QCOMPARE(page->plans().size(), plans);
}

void StoryTest::exportAll()
{
    const QDir folder(m_folder->filePath("export"));
    bool good = false;
    QTimer::singleShot(0, m_window.get(), [&] {
        auto *dialog = qobject_cast<ExportAllDialog *>(QApplication::activeModalWidget());
        QVERIFY(dialog);
        dialog->setFolder(folder.path());
        dialog->setFormats({"svg"});
        connect(dialog, &ExportAllDialog::finished, this, [&good, dialog](bool well) {
            good = well;
            dialog->reject();
        });
        dialog->start();
    });
    m_window->actions().action("file.exportAll")->trigger(); // until the dialog is closed
    QVERIFY(good);
    for (const char *const file : {"provenance.json", "heads/heads.csv", "budget/budgets.csv"})
        QVERIFY2(folder.exists(file), file);
}

void StoryTest::saveAndReopen()
{
    const QString file = m_folder->filePath("story.hkv");
    m_window->notes()->editor()->setPlainText("As far as I came.");
    QCOMPARE(keeper().saveTo(file), QString());
    const SessionDocument before = keeper().capture();
    reopenWindow();
    m_window->openFiles({file});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 20000);
    QVERIFY2(m_window->openFailures().isEmpty(), qPrintable(m_window->openFailures().join(' ')));
    const auto comparable = [](const SessionDocument &document) { // but for when it was saved
        return QString::fromStdString(formatSession(document, "/nowhere/s.hkv"))
            .remove(QRegularExpression("\"saved\":[^\n]*\n"));
    };
    QCOMPARE(comparable(keeper().capture()), comparable(before));
    QVERIFY(!keeper().isDirty());
}

void StoryTest::livesInTheSampleSession()
{
    QElapsedTimer clock;
    clock.start();
    openSample();
    const qint64 milliseconds = clock.elapsed();
    QVERIFY(!m_window->session().modelInfo());
    QVERIFY(m_window->headsPage()->isVisible());
    QVERIFY(!m_window->headsPage()->heatmap()->data().values.empty());
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    QVERIFY2(milliseconds < 2000, qPrintable(QString("%1 ms until the heatmap").arg(milliseconds)));
#endif
    QVERIFY(!keeper().isDirty() && keeper().file().isEmpty());
    QCOMPARE(m_window->session().scores().sets().size(), std::size_t(3));
    const EvaluationRun &run = m_window->session().evaluation().run();
    QVERIFY(run.results.size() > 50 && run.results.size() == run.answers());
    pinTheStrongest();
    QVERIFY(keeper().isDirty());
    changeBeta();
    exportAll();
    m_window->showPage("compare");
    QVERIFY(m_window->comparePage()->hasResults());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->comparePage()->isSettled(), 20000);
    saveAndReopen();
}

void StoryTest::livesWithARealProbe()
{
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
    Session &session = m_window->session();
    ProbeSettings settings = shortProbe(2);
    settings.kind = ProbeKind::Enhanced; // the strongest keys of a made-up model lie elsewhere: R would be all 0
    settings.haystack = builtInHaystack().text;
    settings.haystackName = builtInHaystack().name;
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    session.probe().start(settings);
    QVERIFY(finished.wait(60000));
    pinTheStrongest();
    changeBeta();
    exportAll();
    saveAndReopen();
    QVERIFY(m_window->session().probe().kept()); // its cases wait for the model
}

void StoryTest::takesTheTour()
{
    m_window->actions().action("help.tour")->trigger();
    GuidedTour *tour = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((tour = m_window->findChild<GuidedTour *>()) != nullptr,
                             10000); // once the sample is there
    QCOMPARE(m_window->session().scores().sets().size(), std::size_t(3));
    for (std::size_t stop = 0; stop < tour->count(); ++stop) {
        QCOMPARE(tour->current(), stop);
        QTRY_VERIFY2(!tour->pointed().isEmpty(), qPrintable(tour->title()));
        QVERIFY(m_window->rect().contains(tour->pointed()));
        QVERIFY(!tour->title().isEmpty());
        if (stop + 1 < tour->count())
            QTest::mouseClick(tour->nextButton(), Qt::LeftButton);
    }
    QVERIFY(!tour->skipButton()->isVisible());
    QTest::mouseClick(tour->nextButton(), Qt::LeftButton);
    QTRY_VERIFY(!m_window->findChild<GuidedTour *>());
}

void StoryTest::tourGoesByKeys()
{
    openSample();
    m_window->actions().action("help.tour")->trigger();
    QPointer<GuidedTour> tour = m_window->findChild<GuidedTour *>();
    QVERIFY(tour && tour->isVisible());
    QVERIFY(!tour->backButton()->isEnabled());
    QTest::keyClick(tour->nextButton(), Qt::Key_Right);
    QTest::keyClick(tour->nextButton(), Qt::Key_Right);
    QTest::keyClick(tour->nextButton(), Qt::Key_Left);
    QCOMPARE(tour->current(), std::size_t(1));
    QTest::keyClick(tour->nextButton(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), static_cast<QWidget *>(tour->skipButton()));
    QTest::keyClick(tour->skipButton(), Qt::Key_Escape);
    QTRY_VERIFY(!tour);
}

QTEST_MAIN(StoryTest)
#include "StoryTest.moc"
