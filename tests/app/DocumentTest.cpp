// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions in the window: what would be lost, asking, opening without the model, copies and their recovery.
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/compare/TaskPanel.h"
#include "app/explorer/compare/VariantPanel.h"
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/generate/GeneratePanel.h"
#include "app/explorer/generate/LaneEditor.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/probe/NeedleEditor.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/probe/ProbeSettingsPanel.h"
#include "app/explorer/start/StartPage.h"
#include "app/explorer/window/Autosave.h"
#include "app/explorer/window/DocumentKeeper.h"
#include "app/explorer/window/NotesPanel.h"
#include "app/explorer/window/WindowDocuments.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/EvaluationSession.h"
#include "sessions/LaneSession.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/SessionFile.h"
#include "tests/app/Heartbeat.h"
#include "tests/app/TestTools.h"
#include "tests/app/WindowTest.h"
#include "tests/sessions/SessionSample.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Resources.h"

#include <QAction>
#include <QCheckBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

constexpr auto victimWord = "--write-copies-until-killed";

/// A session that takes some milliseconds to write, with 100 cases; 2 MB.
SessionDocument largeSession(std::size_t cases = 100)
{
    SessionDocument document = smallSession();
    HeadScores scores(32, 32);
    for (std::size_t i = 0; i < scores.values.size(); ++i)
        scores.values[i].assign(cases, 1.0 / static_cast<double>(i + 3));
    document.scores.push_back(makeScoreSet(QStringLiteral("large"), QStringLiteral("probe"), scores, {}));
    return document;
}

/// The program that is killed: it writes copies, one after another.
int writeCopies(const QString &folder)
{
    Autosave autosave(folder, [document = largeSession()] { return document; });
    for (;;) {
        autosave.flush();
        std::puts("written");
        std::fflush(stdout);
    }
}

} // namespace

class DocumentTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initWidgetResources(); }
    void init() { openWindow(); }
    void cleanup() { closeWindow(); }
    void knowsWhatWouldBeLost();
    void asksBeforeItCloses();
    void asksOnceARunHasEnded();
    void beginsAnew();
    void opensWithoutItsModel();
    void takesItsModelUp();
    void takesPinsAndNotesBack();
    void keepsWhatIsTyped();
    void savesBesideTheWindow();
    void countsAsSavedOnceTheFileIsThere();
    void saysWhenItCannotBeSaved();
    void recoversACopy();
    void discardsACopy();
    void leavesCopiesOfProgramsThatRun();
    void survivesBeingKilled();
    void saysOnceThatNoCopyCanBeWritten();
    void pinsRecentFiles();

private:
    [[nodiscard]] DocumentKeeper &keeper() const { return *m_window->documents()->keeper(); }
    [[nodiscard]] QString path(const char *name) const { return m_folder->filePath(QLatin1String(name)); }
    void open(const QString &file);
    void writeSmall(const QString &file, const QString &model = QStringLiteral("default"));
    void pin();
};

void DocumentTest::open(const QString &file)
{
    m_window->openFiles({file});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 20000);
    QVERIFY2(m_window->openFailures().isEmpty(), qPrintable(m_window->openFailures().join(' ')));
}

void DocumentTest::writeSmall(const QString &file, const QString &model)
{
    SessionDocument session = smallSession();
    session.model.path = model;
    session.page = QStringLiteral("heads");
    writeSession(session, file);
}

void DocumentTest::pin()
{
    m_window->showPage("heads");
    HeatmapView *map = m_window->headsPage()->heatmap();
    map->setFocus(Qt::TabFocusReason);
    QTest::keyClick(map, Qt::Key_Home);
    QTest::keyClick(map, Qt::Key_Return);
    QCOMPARE(m_window->headsPage()->pins().size(), std::size_t(1));
}

void DocumentTest::knowsWhatWouldBeLost()
{
    HeadScores scores(2, 2);
    scores.values = {{1}, {2}, {3}, {4}};
    writeHeadScores(path("r.json").toStdString(), scores, {});
    QVERIFY(m_window->windowTitle().startsWith("New session[*]"));
    open(path("r.json"));
    QVERIFY(!keeper().isDirty()); // it is a file still
    pin();
    QVERIFY(keeper().isDirty() && m_window->isWindowModified());
    QCOMPARE(keeper().saveTo(path("s.hkv")), QString());
    QVERIFY(!m_window->isWindowModified());
    QVERIFY(m_window->windowTitle().startsWith("s.hkv[*]"));
    QCOMPARE(m_settings->value("recentFiles").toStringList().front(), path("s.hkv"));
    m_window->undoStack().undo();
    QVERIFY(keeper().isDirty());
    QCOMPARE(keeper().saveTo(path("s.hkv")), QString());
    m_window->session().scores().remove(0); // the file tells of it
    QVERIFY(keeper().isDirty());
}

void DocumentTest::asksBeforeItCloses()
{
    m_window->notes()->editor()->setPlainText("kept");
    QVERIFY(keeper().isDirty());
    answerQuestions({"Cancel"});
    QVERIFY(!m_window->close());
    QVERIFY(m_window->isVisible());
    QCOMPARE(keeper().saveTo(path("s.hkv")), QString());
    m_window->notes()->editor()->setPlainText("kept, too");
    answerQuestions({"Save"});
    QVERIFY(m_window->close());
    QCOMPARE(readSession(path("s.hkv")).notes, QString("kept, too"));
    m_window->show();
    m_window->notes()->editor()->setPlainText("given up");
    answerQuestions({"Discard"});
    QVERIFY(m_window->close());
    QCOMPARE(readSession(path("s.hkv")).notes, QString("kept, too"));
}

/// A session that is opened meanwhile waits, and what the run brings is not lost without a question.
void DocumentTest::asksOnceARunHasEnded()
{
    writeSmall(path("s.hkv"));
    open(tinyModel);
    Session &session = m_window->session();
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    session.probe().start(shortProbe(8));
    answerQuestions({"Cancel"});
    m_window->openFiles({path("s.hkv")});
    QCOMPARE(session.activity(), Session::Activity::Probing); // nothing was asked yet
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 20000);
    QCOMPARE(session.probe().results().size(), std::size_t(16));
    QVERIFY(keeper().isDirty() && keeper().file().isEmpty());
    answerQuestions({"Discard"});
    open(path("s.hkv"));
    QCOMPARE(keeper().file(), path("s.hkv"));
}

void DocumentTest::beginsAnew()
{
    writeSmall(path("s.hkv"));
    open(path("s.hkv"));
    QCOMPARE(m_window->session().lanes().all().size(), std::size_t(1));
    QCOMPARE(m_window->session().evaluation().run().results.size(), std::size_t(2));
    QVERIFY(!keeper().isDirty());
    QSignalSpy opened(&keeper(), &DocumentKeeper::opened);
    m_window->actions().action("file.new")->trigger();
    QVERIFY(opened.wait(5000));
    QVERIFY(m_window->session().scores().sets().empty() && m_window->session().lanes().all().empty());
    QVERIFY(m_window->session().evaluation().run().tasks.empty());
    QVERIFY(m_window->notes()->text().isEmpty());
    QVERIFY(keeper().file().isEmpty() && !keeper().isDirty());
    for (const char *page : {"model", "probe", "heads", "budget", "generate", "compare", "start"}) {
        m_window->showPage(page);
        QVERIFY(!m_window->grab().isNull());
    }
}

void DocumentTest::opensWithoutItsModel()
{
    writeSmall(path("s.hkv"), "/nowhere/gone.gguf");
    open(path("s.hkv"));
    QVERIFY(!m_window->session().modelInfo());
    QVERIFY(m_window->bar()->isVisible());
    QVERIFY2(m_window->bar()->text().contains("/nowhere/gone.gguf"), qPrintable(m_window->bar()->text()));
    QCOMPARE(m_window->bar()->actionButton()->text().remove('&'), QString("Locate the model…"));
    QCOMPARE(m_window->session().scores().sets().size(), std::size_t(2));
    QVERIFY(m_window->headsPage()->isVisible());
    QCOMPARE(m_window->headsPage()->currentSet(), 1);
    // What it does not have it keeps.
    QCOMPARE(keeper().saveTo(path("again.hkv")), QString());
    const SessionDocument again = readSession(path("again.hkv"));
    QCOMPARE(again.model.path, QString("/nowhere/gone.gguf"));
    QVERIFY(again.probe.kept && again.probe.kept->report);
    // Another model can be looked at beside it, and is told from its own.
    open(tinyModel);
    QVERIFY2(m_window->bar()->text().contains("another model"), qPrintable(m_window->bar()->text()));
}

/// With a real probe: its cases are there again once the model is, and it goes on where it was.
void DocumentTest::takesItsModelUp()
{
    open(tinyModel);
    Session &session = m_window->session();
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    constexpr int depths = 30; // enough that a cancellation comes in time
    constexpr std::size_t all = std::size_t{2} * depths;
    ProbeSettings settings = shortProbe(depths);
    settings.haystack = builtInHaystack().text;
    settings.haystackName = builtInHaystack().name;
    const auto stop = connect(&session.probe(), &ProbeSession::caseDone, this, [&session](int result) {
        if (result == 1)
            session.cancel();
    });
    session.probe().start(settings);
    QVERIFY(finished.wait(60000));
    disconnect(stop);
    const std::size_t done = session.probe().results().size();
    QVERIFY(done >= 2 && done < all);
    QVERIFY(keeper().isDirty());
    QCOMPARE(keeper().saveTo(path("s.hkv")), QString());
    const auto scores = session.scores().sets().front().scores->values;

    reopenWindow();
    m_window->openFiles({path("s.hkv")});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 20000);
    Session &later = m_window->session();
    QVERIFY(later.probe().results().empty() && later.probe().kept());
    QVERIFY(later.scores().sets().front().scores->values == scores);
    QCOMPARE(m_window->bar()->actionButton()->text().remove('&'), QString("Load it"));
    QSignalSpy restored(&later.probe(), &ProbeSession::finished);
    m_window->bar()->actionButton()->click();
    QVERIFY(restored.wait(30000));
    QCOMPARE(later.probe().results().size(), done);
    QCOMPARE(later.scores().sets().size(), std::size_t(1));
    QVERIFY(later.probe().canResume());
    later.probe().resume();
    QVERIFY(restored.wait(60000));
    QCOMPARE(later.probe().results().size(), all);
    QCOMPARE(later.scores().sets().size(), std::size_t(1)); // the set of before gave way
    QCOMPARE(later.scores().sets().front().scores->examples(), all);
}

void DocumentTest::takesPinsAndNotesBack()
{
    writeSmall(path("s.hkv"));
    open(path("s.hkv"));
    m_window->showPage("heads");
    const auto before = m_window->headsPage()->pins();
    QVERIFY(!m_window->undoStack().canUndo());
    HeatmapView *map = m_window->headsPage()->heatmap();
    map->setFocus(Qt::TabFocusReason);
    QTest::keyClick(map, Qt::Key_End);
    QTest::keyClick(map, Qt::Key_Return);
    const auto after = m_window->headsPage()->pins();
    QVERIFY(after != before);
    m_window->notes()->editor()->setPlainText("a");
    m_window->notes()->editor()->setPlainText("ab"); // typed without a pause: one step
    QAction *undo = m_window->actions().action("edit.undo");
    QCOMPARE(undo->text().remove(QLatin1Char('&')), QString("Undo typing of notes"));
    undo->trigger();
    QCOMPARE(m_window->notes()->text(), smallSession().notes);
    QCOMPARE(m_window->notes()->editor()->toPlainText(), smallSession().notes);
    undo->trigger();
    QVERIFY(m_window->headsPage()->pins() == before);
    QVERIFY(!undo->isEnabled());
    m_window->actions().action("edit.redo")->trigger();
    m_window->actions().action("edit.redo")->trigger();
    QVERIFY(m_window->headsPage()->pins() == after);
    QCOMPARE(m_window->notes()->text(), QString("ab"));
}

/// On the Probe page, the Compare page and the Generate page: all of it, whether it could run or not.
void DocumentTest::keepsWhatIsTyped()
{
    writeSmall(path("s.hkv"));
    open(path("s.hkv"));
    QVERIFY(keeper().capture().probeForm == smallSession().probeForm);
    QVERIFY(keeper().capture().tasks == smallSession().tasks);
    QVERIFY(keeper().capture().variants == smallSession().variants);
    QVERIFY(keeper().capture().generateForm == smallSession().generateForm);

    ProbeSettingsPanel *probe = m_window->probePage()->settingsPanel();
    probe->needles()->model()->appendNeedle({"The key is under the mat.", "Where is the key?", "under the mat"});
    QVERIFY(keeper().isDirty());
    probe->setScoring(ProbeScoring::Generated);
    ComparePage *compare = m_window->comparePage();
    compare->tasks()->niah()->setChecked(true);
    compare->tasks()->addFiles({path("more.jsonl")});
    compare->tasks()->lengths()->setText("what");
    compare->tasks()->maxCases()->setValue(0);
    compare->variants()->setMethods({"streaming"});
    compare->variants()->scoreSets()->item(0)->setCheckState(Qt::Unchecked);
    compare->variants()->window()->setValue(0);
    compare->variants()->beta()->setValue(1.125);
    GeneratePanel *generate = m_window->generatePage()->panel();
    generate->temperature()->setValue(0.25);
    generate->addButton()->click();
    generate->lane(2)->budget()->setValue(77);
    QCOMPARE(keeper().saveTo(path("s.hkv")), QString());
    const SessionDocument typed = keeper().capture();
    QCOMPARE(typed.probeForm.needles->size(), std::size_t(3));
    QCOMPARE(typed.tasks.files.size(), 2);
    QVERIFY(typed.variants.withoutSets == (std::vector<int>{0, 1}));
    QCOMPARE(typed.generateForm.lanes->size(), std::size_t(3));
    QCOMPARE(typed.generateForm.lanes->back().budget, 77);
    QCOMPARE(typed.generateForm.temperature, 0.25);

    reopenWindow();
    open(path("s.hkv"));
    QVERIFY(keeper().capture().probeForm == typed.probeForm);
    QVERIFY(keeper().capture().tasks == typed.tasks);
    QVERIFY(keeper().capture().variants == typed.variants);
    QVERIFY(keeper().capture().generateForm == typed.generateForm);
    QVERIFY(!keeper().isDirty());
    QCOMPARE(m_window->comparePage()->tasks()->lengths()->text(), QString("what"));
    const QString problem = m_window->comparePage()->tasks()->problem(0);
    QVERIFY2(problem.contains("/nowhere/documents/qa.jsonl is not there"), qPrintable(problem));
    m_window->actions().action("file.new")->trigger(); // what was chosen stays
    QCOMPARE(m_window->comparePage()->tasks()->lengths()->text(), QString("what"));
}

void DocumentTest::savesBesideTheWindow()
{
    writeSession(largeSession(1000), path("s.hkv"));
    open(path("s.hkv"));
    m_window->notes()->editor()->setPlainText("a line more");
    QSignalSpy saved(&keeper(), &DocumentKeeper::saved);
    const MachinePause machine;
    const Heartbeat heartbeat;
    QElapsedTimer clock;
    clock.start();
    keeper().save();
    const qint64 begun = clock.elapsed();
    QVERIFY(keeper().isDirty());
    QVERIFY(saved.wait(30000));
    const qint64 megabytes = QFileInfo(path("s.hkv")).size() / 1000000;
    qInfo("%lld MB written in %lld ms, %lld of them in the window, which waited %lld ms at most", megabytes,
          clock.elapsed(), begun, heartbeat.longest());
    QVERIFY(!keeper().isDirty());
    QCOMPARE(readSession(path("s.hkv")).notes, QString("a line more"));
    QVERIFY(megabytes >= 20);
    if (!sanitized)
        QVERIFY2(heartbeat.longest() <= 50 + machine.longest(), qPrintable(QString::number(heartbeat.longest())));
}

void DocumentTest::countsAsSavedOnceTheFileIsThere()
{
    QVERIFY(QDir().mkpath(path("folder")));
    m_window->notes()->editor()->setPlainText("one");
    QCOMPARE(keeper().saveTo(path("folder/s.hkv")), QString());
    QSignalSpy saved(&keeper(), &DocumentKeeper::saved), failed(&keeper(), &DocumentKeeper::failed);

    m_window->notes()->editor()->setPlainText("two");
    keeper().save();
    m_window->notes()->editor()->setPlainText("three"); // is not in it
    QVERIFY(saved.wait(5000));
    QVERIFY(keeper().isDirty());
    QCOMPARE(readSession(path("folder/s.hkv")).notes, QString("two"));

    keeper().save();
    keeper().save();            // as one that holds the keys down
    QVERIFY(m_window->close()); // which waits, and has nothing to ask
    QCOMPARE(saved.size(), 3);
    QCOMPARE(readSession(path("folder/s.hkv")).notes, QString("three"));

    m_window->show();
    m_window->notes()->editor()->setPlainText("four");
    QVERIFY(QDir(path("folder")).removeRecursively());
    keeper().save();
    QVERIFY(failed.wait(5000));
    const QString error = failed.front().front().toString();
    QVERIFY2(error.contains("folder/s.hkv: cannot be written") && !error.contains('\n'), qPrintable(error));
    QVERIFY(keeper().isDirty());
    QCOMPARE(saved.size(), 3);
    answerQuestions({"Save", "Discard"}); // it cannot be, so the window stays
    QVERIFY(!m_window->close());
    QVERIFY(m_window->close());
}

void DocumentTest::saysWhenItCannotBeSaved()
{
    m_window->notes()->editor()->setPlainText("precious");
    for (const QString &bad : {QString("/dev/full"), QString("/proc/s.hkv")}) {
        const QString error = keeper().saveTo(bad);
        QVERIFY2(error.contains("cannot be written") && !error.contains('\n'), qPrintable(error));
        QVERIFY(keeper().isDirty());
        QCOMPARE(keeper().file(), QString());
    }
}

void DocumentTest::recoversACopy()
{
    writeSmall(path("s.hkv"));
    open(path("s.hkv"));
    keeper().keepCopies(path("recovery"));
    QVERIFY(!m_window->bar()->text().contains("unsaved"));
    m_window->notes()->editor()->setPlainText("not saved yet");
    keeper().autosave()->flush();
    const QString copy = keeper().autosave()->file();
    QCOMPARE(readSession(copy).notes, QString("not saved yet"));
    // As a program leaves it that is gone.
    const QString orphan = path("recovery/gone.hkv");
    QVERIFY(QFile::copy(copy, orphan));
    answerQuestions({"Discard"});
    QVERIFY(m_window->close());
    QVERIFY(!QFile::exists(copy)); // given up on purpose

    reopenWindow();
    keeper().keepCopies(path("recovery"));
    QVERIFY(m_window->bar()->isVisible());
    QCOMPARE(m_window->bar()->actionButton()->text().remove('&'), QString("Recover"));
    QSignalSpy opened(&keeper(), &DocumentKeeper::opened);
    m_window->bar()->actionButton()->click();
    QVERIFY(opened.wait(5000));
    QCOMPARE(m_window->notes()->text(), QString("not saved yet"));
    QCOMPARE(m_window->session().scores().sets().size(), std::size_t(2));
    QVERIFY(keeper().isDirty());
    QCOMPARE(keeper().file(), path("s.hkv"));
    QCOMPARE(readSession(path("s.hkv")).notes, smallSession().notes); // until it is saved
    QVERIFY(QFile::exists(orphan));                                   // until then, too
    keeper().save();
    QTRY_VERIFY(!keeper().isDirty());
    QCOMPARE(readSession(path("s.hkv")).notes, QString("not saved yet"));
    QTRY_VERIFY(!QFile::exists(orphan));
    QVERIFY(!m_settings->value("recentFiles").toStringList().contains(orphan));
}

void DocumentTest::discardsACopy()
{
    QVERIFY(QDir().mkpath(path("recovery")));
    writeSession(smallSession(), path("recovery/gone.hkv"));
    QFile half(path("recovery/gone.hkv.aB3dE6"));
    QVERIFY(half.open(QIODevice::WriteOnly) && half.write("{\"head") == 6);
    half.close();
    keeper().keepCopies(path("recovery"));
    QVERIFY(m_window->bar()->isVisible());
    m_window->bar()->secondActionButton()->click();
    QVERIFY(!m_window->bar()->isVisible());
    QCOMPARE(QDir(path("recovery")).entryList({"gone*"}), QStringList());
}

void DocumentTest::leavesCopiesOfProgramsThatRun()
{
    const auto small = [] { return smallSession(); };
    auto first = std::make_unique<Autosave>(path("recovery"), small);
    first->flush();
    const QString file = first->file();
    Autosave second(path("recovery"), small);
    QCOMPARE(second.orphan(), QString());
    first.reset(); // without clear(): as if it had died
    QCOMPARE(second.orphan(), QFileInfo(file).absoluteFilePath());
    Autosave third(path("recovery"), small);
    QCOMPARE(third.orphan(), QString()); // the second holds it
    second.adoptOrphan();
    QCOMPARE(QFileInfo(second.file()), QFileInfo(file));
    second.clear();
    QVERIFY(!QFile::exists(file));
}

void DocumentTest::survivesBeingKilled()
{
    const QString folder = path("recovery");
    for (int round = 0; round < 5; ++round) {
        QProcess victim;
        victim.start(QCoreApplication::applicationFilePath(), {victimWord, folder});
        for (int copies = 0; copies <= round; ++copies)
            QVERIFY(victim.canReadLine() || victim.waitForReadyRead(30000));
        QTest::qWait(3 + 7 * round); // somewhere within the next copy
        victim.kill();               // SIGKILL
        QVERIFY(victim.waitForFinished(10000));
        Autosave next(folder, [] { return smallSession(); });
        const QString orphan = next.orphan();
        QVERIFY(!orphan.isEmpty());
        QCOMPARE(readSession(orphan).scores.size(), std::size_t(3)); // whole, whenever it was killed
        next.discardOrphan();
        QCOMPARE(next.orphan(), QString());
    }
    QCOMPARE(QDir(folder).entryList(QDir::Files), QStringList());

    QProcess victim; // its copy is gone, its lock is left
    victim.start(QCoreApplication::applicationFilePath(), {victimWord, folder});
    QVERIFY(victim.waitForReadyRead(30000));
    victim.kill();
    QVERIFY(victim.waitForFinished(10000));
    for (const QString &copy : QDir(folder).entryList({"*.hkv*"}))
        QVERIFY(QFile::remove(QDir(folder).filePath(copy)));
    QCOMPARE(QDir(folder).entryList(QDir::Files).size(), 1);
    const Autosave next(folder, [] { return smallSession(); });
    QCOMPARE(QDir(folder).entryList(QDir::Files),
             QStringList{QFileInfo(next.file()).completeBaseName() + QStringLiteral(".lock")});
}

void DocumentTest::saysOnceThatNoCopyCanBeWritten()
{
    Autosave autosave("/proc/recovery", [] { return smallSession(); });
    QSignalSpy failed(&autosave, &Autosave::failed);
    autosave.flush();
    autosave.flush();
    QCOMPARE(failed.count(), 1);
    const QString message = failed.front().front().toString();
    QVERIFY2(message.contains("cannot be written") && !message.contains('\n'), qPrintable(message));
}

void DocumentTest::pinsRecentFiles()
{
    writeSmall(path("a.hkv"));
    writeSmall(path("b.hkv"));
    open(path("a.hkv"));
    open(path("b.hkv"));
    m_window->showPage("start");
    StartPage *page = m_window->startPage();
    QListWidget *list = page->recents();
    QVERIFY(list->item(0)->text().startsWith("b.hkv"));
    list->setCurrentRow(1);
    page->pinButton()->click();
    QVERIFY(list->item(0)->text().startsWith("a.hkv"));
    page->clearButton()->click();
    QCOMPARE(list->count(), 1);
    QVERIFY(!page->clearButton()->isEnabled());
    list->setCurrentRow(0);
    QCOMPARE(page->pinButton()->text().remove('&'), QString("Unpin"));
    page->removeButton()->click();
    QVERIFY(!page->pinButton()->isEnabled());
}

int main(int argc, char **argv)
{
    if (argc == 3 && QLatin1String(argv[1]) == QLatin1String(victimWord)) {
        const QCoreApplication application(argc, argv);
        return writeCopies(QString::fromLocal8Bit(argv[2]));
    }
    QApplication application(argc, argv);
    DocumentTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "DocumentTest.moc"
