// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/probe/CaseInspector.h"
#include "app/explorer/probe/CasePanel.h"
#include "app/explorer/probe/NeedleEditor.h"
#include "app/explorer/probe/NeedleGeneratorDialog.h"
#include "app/explorer/probe/ProbeRunView.h"
#include "app/explorer/probe/ProbeSettingsPanel.h"
#include "app/explorer/window/MainWindow.h"
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/probe/Haystack.h"
#include "core/probe/NeedleFile.h"
#include "sessions/CaseTableModel.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "tests/app/Heartbeat.h"
#include "tests/app/WindowTest.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/export/ChartExport.h"
#include "widgets/text/TokenStrip.h"
#include "widgets/text/TokenView.h"
#include "widgets/theme/Resources.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTextBrowser>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;

class ProbePageTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initWidgetResources(); }
    void init();
    void cleanup();
    void looksInsideACase();
    void looksInsideForcedCases();
    void goesThroughTheCases();
    void opensFromTheGrid();
    void longPromptsDoNotFreeze();
    void resumesACancelledProbe();
    void opensAReportAndGoesOn();
    void tellsOfAReportThatGrows();
    void offersForcedScoring();
    void countsTokensOfNeedles();
    void editsNeedles();
    void generatesNeedles();

private:
    [[nodiscard]] ProbePage &page() { return *m_window->probePage(); }
    [[nodiscard]] Session &session() { return m_window->session(); }
    [[nodiscard]] CaseInspector &inspector() { return *page().inspector(); }
    [[nodiscard]] CasePanel &cases() { return *page().runView()->cases(); }
    void loadModel();
    void probe(const ProbeSettings &settings);
    /// Probes 40 cases, and saves the report.
    nlohmann::ordered_json saveProbe(const QString &path);
    /// As a run leaves it that is under way, or was killed.
    static void writeCases(nlohmann::ordered_json report, std::size_t cases, const QString &path);
    void look(int row);
};

void ProbePageTest::init() { openWindow("probe"); }

void ProbePageTest::cleanup() { closeWindow(); }

void ProbePageTest::loadModel()
{
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(session().modelInfo(), 30000);
    m_window->showPage("probe");
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
}

void ProbePageTest::probe(const ProbeSettings &settings)
{
    page().settingsPanel()->setSettings(settings);
    QVERIFY2(page().startButton()->isEnabled(), qPrintable(page().startButton()->toolTip()));
    QSignalSpy finished(&session().probe(), &ProbeSession::finished);
    QTest::mouseClick(page().startButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY(session().activity() == Session::Activity::Idle);
}

/// Opens the case of a table row and waits for its attention.
void ProbePageTest::look(int row)
{
    cases().table()->setCurrentIndex(cases().table()->model()->index(row, 0));
    QVERIFY2(cases().inspectButton()->isEnabled(), qPrintable(cases().inspectButton()->toolTip()));
    QTest::mouseClick(cases().inspectButton(), Qt::LeftButton);
    QVERIFY(page().isInspecting());
    QTRY_VERIFY_WITH_TIMEOUT(inspector().inspection() && inspector().inspection()->attention, 30000);
    QTRY_VERIFY(session().activity() == Session::Activity::Idle);
}

void ProbePageTest::looksInsideACase()
{
    loadModel();
    QVERIFY(!cases().inspectButton()->isEnabled());
    probe(shortProbe(2));
    look(1);
    const ProbeCaseResult &result = *session().probe().results()[1];
    const ProbeCase &probeCase = (*session().probe().cases())[result.index];
    QCOMPARE(inspector().caseIndex(), result.index);
    QCOMPARE(inspector().prompt()->tokenCount(), static_cast<int>(probeCase.promptIds.size()));
    const QString needle = inspector().prompt()->tokens().mid(probeCase.needle.begin, probeCase.needle.size()).join("");
    QCOMPARE(needle.toStdString(), session().probe().settings()->needles[probeCase.needleIndex].needle);
    // The span is shaded as strongly as can be, the rest of the needle faintly, the haystack not at all.
    const std::vector<float> &shades = inspector().prompt()->shades();
    QVERIFY(std::isnan(shades[probeCase.needle.begin - 1]));
    QVERIFY(shades[probeCase.needle.begin] < 0.5F);
    QCOMPARE(shades[probeCase.span.begin], 1.0F);
    QVERIFY(inspector()
                .prompt()
                ->tokenRect(static_cast<int>(probeCase.span.begin))
                .intersects(inspector().prompt()->viewport()->rect())); // scrolled there

    QCOMPARE(inspector().strip()->tokenCount(), static_cast<int>(result.emittedIds.size()));
    const CaseAttention &attention = *inspector().inspection()->attention;
    const auto valuesOf = [](const std::vector<float> &values) {
        return std::vector<double>(values.begin(), values.end());
    };
    QCOMPARE(inspector().heatmap()->data().values, valuesOf(attention.sum()));
    QTest::keyClick(inspector().strip(), Qt::Key_Right);
    QTest::keyClick(inspector().strip(), Qt::Key_Right);
    QCOMPARE(inspector().strip()->current(), 1);
    QCOMPARE(inspector().heatmap()->data().values, valuesOf(attention.mass[1]));
    QVERIFY(inspector().heatmap()->title().contains("step 2"));
    QTest::mouseClick(inspector().strip()->viewport(), Qt::LeftButton, Qt::NoModifier,
                      inspector().strip()->chipRect(TokenStrip::all).center());
    QCOMPARE(inspector().heatmap()->data().values, valuesOf(attention.sum()));

    // What is shown is what the page exports.
    QCOMPARE(page().exportChart(), static_cast<Chart *>(inspector().heatmap()));
    for (const char *const format : {"png", "svg", "pdf", "csv"})
        QCOMPARE(ChartExport::save(*page().exportChart(), m_folder->filePath(QStringLiteral("case.") + format)),
                 QString());
    QTest::keyClick(inspector().strip(), Qt::Key_Escape);
    QVERIFY(!page().isInspecting());
    QCOMPARE(cases().table()->currentIndex().row(), 1);
}

void ProbePageTest::looksInsideForcedCases()
{
    loadModel();
    ProbeSettings settings = shortProbe(1);
    settings.scoring = ProbeScoring::Forced;
    probe(settings);
    look(0);
    const ProbeCase &probeCase = (*session().probe().cases())[inspector().caseIndex()];
    QVERIFY(inspector().inspection()->attention->stepIds == probeCase.answerIds);
    QCOMPARE(inspector().strip()->tokenCount(), static_cast<int>(probeCase.answerIds.size()));
}

void ProbePageTest::goesThroughTheCases()
{
    loadModel();
    probe(shortProbe(3));
    look(0);
    const std::vector<std::size_t> order = cases().order();
    QVERIFY(!inspector().previousButton()->isEnabled());
    // Faster than cases can be read: the last one wanted is the one that is read.
    for (int i = 0; i < 3; ++i)
        QTest::mouseClick(inspector().nextButton(), Qt::LeftButton);
    QCOMPARE(inspector().caseIndex(), order[3]);
    QTRY_VERIFY_WITH_TIMEOUT(inspector().inspection() && inspector().inspection()->attention, 30000);
    QCOMPARE(inspector().inspection()->index, order[3]);
    for (int i = 0; i < 2; ++i)
        QTest::mouseClick(inspector().nextButton(), Qt::LeftButton);
    QVERIFY(!inspector().nextButton()->isEnabled());
    QTest::mouseClick(inspector().backButton(), Qt::LeftButton);
    QTRY_VERIFY(session().activity() == Session::Activity::Idle); // closing cancels
    QCOMPARE(cases().table()->currentIndex().row(), 5);
}

void ProbePageTest::opensFromTheGrid()
{
    loadModel();
    probe(shortProbe(2));
    ProbeGridView *grid = page().runView()->grid();
    grid->setFocus();
    QTest::keyClick(grid, Qt::Key_Down);
    QTest::keyClick(grid, Qt::Key_Return);
    QVERIFY(page().isInspecting());
    QCOMPARE((*session().probe().cases())[inspector().caseIndex()].depthIndex, std::size_t(1));
    QTRY_VERIFY_WITH_TIMEOUT(inspector().inspection() && inspector().inspection()->attention, 30000);
    QTest::mouseClick(inspector().backButton(), Qt::LeftButton);
    QTest::keyClick(grid, Qt::Key_Up);
    QTest::keyClick(grid, Qt::Key_Space); // chooses only
    QVERIFY(!page().isInspecting());
}

void ProbePageTest::longPromptsDoNotFreeze()
{
    loadModel();
    probe(shortProbe(1));
    look(0);
    auto whole = std::make_shared<CaseInspection>(*inspector().inspection());
    QStringList pieces;
    for (int i = 0; i < 200000; ++i)
        pieces.append(i % 12 == 11 ? QStringLiteral(".\n") : QStringLiteral(" word%1").arg(i % 97));
    whole->prompt = pieces;
    whole->needle = {120000, 120040};
    whole->span = {120010, 120020};
    inspector().open(inspector().caseIndex(), {});
    QTRY_VERIFY(session().activity() == Session::Activity::Idle);
    inspector().open(inspector().caseIndex(), {}); // drops what is shown
    const MachinePause machine;
    const Heartbeat heartbeat;
    QElapsedTimer clock;
    clock.start();
    Q_EMIT session().probe().caseInspected(whole);
    m_window->grab();
    const qint64 shown = clock.elapsed();
#if !defined(__SANITIZE_ADDRESS__)
    QVERIFY2(shown <= 600 + machine.longest(), qPrintable(QString("%1 ms").arg(shown)));
#endif
    QCOMPARE(inspector().prompt()->tokenCount(), 200000);
    QVERIFY(inspector().prompt()->tokenRect(120010).intersects(inspector().prompt()->viewport()->rect()));
    QTRY_VERIFY(session().activity() == Session::Activity::Idle);
}

void ProbePageTest::resumesACancelledProbe()
{
    loadModel();
    QVERIFY(!page().resumeButton()->isEnabled());
    ProbeSettings settings = shortProbe(40);
    settings.lengths = {64, 128, 256, 384}; // enough that Cancel comes before the end
    page().settingsPanel()->setSettings(settings);
    const auto stop = connect(&session().probe(), &ProbeSession::caseDone, &page(), [this](int result) {
        if (result == 1)
            QTest::mouseClick(page().cancelButton(), Qt::LeftButton);
    });
    QSignalSpy finished(&session().probe(), &ProbeSession::finished);
    QTest::mouseClick(page().startButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    disconnect(stop);
    QTRY_VERIFY(session().activity() == Session::Activity::Idle);
    const std::size_t first = session().probe().results().size();
    QVERIFY(first >= 2 && first < 320);
    QCOMPARE(session().scores().sets().size(), std::size_t(1));

    QVERIFY2(page().resumeButton()->isEnabled(), qPrintable(page().resumeButton()->toolTip()));
    finished.clear();
    QTest::mouseClick(page().resumeButton(), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QCOMPARE(finished.first().first().toBool(), false);
    QTRY_VERIFY(session().activity() == Session::Activity::Idle);
    QCOMPARE(session().probe().results().size(), std::size_t(320));
    QCOMPARE(cases().model()->rowCount(), 320);
    QVERIFY(!page().resumeButton()->isEnabled());
    // One set, the whole one, equal to that of a probe that was not interrupted.
    QCOMPARE(session().scores().sets().size(), std::size_t(1));
    QCOMPARE(session().scores().sets().front().scores->examples(), std::size_t(320));
    const auto pieced = session().scores().sets().front().scores->values;
    probe(settings);
    const auto whole = session().scores().sets().back().scores->values;
    for (std::size_t head = 0; head < whole.size(); ++head) {
        for (std::size_t i = 0; i < whole[head].size(); ++i)
            QVERIFY(std::abs(whole[head][i] - pieced[head][i]) < 1e-6);
    }
}

nlohmann::ordered_json ProbePageTest::saveProbe(const QString &path)
{
    ProbeSettings settings = shortProbe(20);
    settings.haystack = builtInHaystack().text;
    settings.haystackName = builtInHaystack().name;
    probe(settings);
    QSignalSpy saved(&session().probe(), &ProbeSession::saved);
    session().probe().save(path);
    [&] { QVERIFY(saved.wait(10000)); }();
    return nlohmann::ordered_json::parse(std::ifstream(path.toStdString()));
}

void ProbePageTest::writeCases(nlohmann::ordered_json report, std::size_t cases, const QString &path)
{
    report["cases"].erase(report["cases"].begin() + static_cast<std::ptrdiff_t>(cases), report["cases"].end());
    writeFileAtomically(path.toStdString(), report.dump());
}

void ProbePageTest::opensAReportAndGoesOn()
{
    loadModel();
    const QString path = m_folder->filePath("probe.json");
    constexpr std::size_t first = 15;
    writeCases(saveProbe(path), first, path);

    const auto folder = std::move(m_folder);
    cleanup();
    init(); // another window
    m_window->openFiles({path});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
    QVERIFY2(m_window->openFailures().join(' ').contains("load it first"),
             qPrintable(m_window->openFailures().join(' ')));
    loadModel();
    m_window->openFiles({path});
    QTRY_COMPARE_WITH_TIMEOUT(session().probe().results().size(), first, 30000);
    QTRY_VERIFY(m_window->isIdle());
    QCOMPARE(cases().model()->rowCount(), static_cast<int>(first));
    QVERIFY2(page().resumeButton()->isEnabled(), qPrintable(page().resumeButton()->toolTip()));
    QSignalSpy again(&session().probe(), &ProbeSession::finished);
    QTest::mouseClick(page().resumeButton(), Qt::LeftButton);
    QVERIFY(again.wait(60000));
    QCOMPARE(session().probe().results().size(), std::size_t(40));
    QCOMPARE(session().scores().sets().size(), std::size_t(1));
    QCOMPARE(session().scores().sets().front().scores->examples(), std::size_t(40));
}

void ProbePageTest::tellsOfAReportThatGrows()
{
    loadModel();
    const QString path = m_folder->filePath("probe.json");
    const nlohmann::ordered_json whole = saveProbe(path);
    const auto open = [&] {
        writeCases(whole, 10, path);
        session().probe().open(path);
        QTRY_COMPARE_WITH_TIMEOUT(session().probe().results().size(), std::size_t(10), 30000);
    };
    MessageBar *bar = page().messages();
    bar->dismiss();
    open();
    writeCases(whole, 20, path);
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), 30000);
    QVERIFY2(bar->text().startsWith("Watching " + path + ": 20 of 40 cases, the last at "), qPrintable(bar->text()));
    writeCases(whole, 30, path);
    QTRY_VERIFY2_WITH_TIMEOUT(bar->text().contains(": 30 of 40 cases"), qPrintable(bar->text()), 30000);
    QCOMPARE(cases().model()->rowCount(), 30);
    writeCases(whole, 40, path);
    QTRY_COMPARE_WITH_TIMEOUT(bar->text(), QString("The report is complete: 40 cases."), 30000);
    QVERIFY(bar->isVisible());
    // What ends it is said; what has come stays.
    bar->dismiss();
    open();
    writeCases(whole, 20, path);
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), 30000);
    QFile::remove(path);
    QTRY_VERIFY2_WITH_TIMEOUT(bar->text().startsWith(path + ": is there no longer"), qPrintable(bar->text()), 30000);
    QCOMPARE(bar->kind(), MessageBar::Kind::Error);
    QCOMPARE(cases().model()->rowCount(), 20);
    // Closing the message ends it.
    open();
    writeCases(whole, 20, path);
    QTRY_VERIFY_WITH_TIMEOUT(bar->text().startsWith("Watching "), 30000);
    bar->dismiss();
    QVERIFY(session().probe().watch().path().isEmpty());
    QVERIFY(!bar->isVisible());
}

void ProbePageTest::offersForcedScoring()
{
    loadModel();
    ProbeSettings settings = shortProbe(2);
    settings.filter = {ProbeFilter::Metric::Rouge1Recall, 99};
    probe(settings);
    MessageBar *bar = page().messages();
    QTRY_VERIFY(bar->isVisible());
    QVERIFY2(bar->text().contains("none of 4 cases passed") && bar->text().contains("Forced scoring"),
             qPrintable(bar->text()));
    Q_EMIT bar->actionTriggered();
    QVERIFY(page().settingsPanel()->scoring() == ProbeScoring::Forced);
    QVERIFY(!bar->isVisible());
    QVERIFY(page().settingsPanel()->settings().scoring == ProbeScoring::Forced);
    probe(page().settingsPanel()->settings());
    QVERIFY(!bar->isVisible()); // every case counts
    QCOMPARE(session().probe().scores().scores->examples(), std::size_t(4));
}

void ProbePageTest::countsTokensOfNeedles()
{
    NeedleTableModel *needles = page().settingsPanel()->needles()->model();
    needles->setNeedles({{" The inn is on the hill.", "Where is the inn?", "on the hill"}});
    QCOMPARE(needles->index(0, NeedleTableModel::Tokens).data().toString(), QString()); // no model, no tokens
    QCOMPARE(needles->summary(), QString("1 needle"));
    loadModel();
    QTRY_VERIFY(!needles->index(0, NeedleTableModel::Tokens).data().toString().isEmpty());
    const QString before = needles->index(0, NeedleTableModel::Tokens).data().toString();
    QVERIFY(needles->summary().contains("tokens"));
    QVERIFY(needles->setData(needles->index(0, NeedleTableModel::Answer), "inn is on the hill", Qt::EditRole));
    QTRY_VERIFY(needles->uncounted().isEmpty());
    QVERIFY(needles->index(0, NeedleTableModel::Tokens).data().toString() != before);
    QSignalSpy counted(&session(), &Session::tokensCounted);
    session().tokenize(" The inn is on the hill.");
    QSignalSpy tokenized(&session(), &Session::tokenized);
    QVERIFY(tokenized.wait(10000));
    QVERIFY(needles->index(0, NeedleTableModel::Tokens)
                .data()
                .toString()
                .startsWith(QString::number(tokenized[0][1].value<QVector<int>>().size())));
}

void ProbePageTest::editsNeedles()
{
    NeedleEditor &editor = *page().settingsPanel()->needles();
    NeedleTableModel &needles = *editor.model();
    QSignalSpy failed(&editor, &NeedleEditor::failed);
    const std::vector<Needle> three = generateNeedles({.kind = ProbeKind::Retrieval, .count = 3});
    needles.setNeedles(three);
    QVERIFY(!editor.action("duplicate")->isEnabled());
    editor.table()->selectRow(1);
    editor.action("duplicate")->trigger();
    QVERIFY((needles.needles() == std::vector<Needle>{three[0], three[1], three[1], three[2]}));
    QCOMPARE(editor.table()->currentIndex().row(), 2);
    editor.action("copy")->trigger();
    editor.action("remove")->trigger();
    QVERIFY(needles.needles() == three);

    editor.table()->selectRow(0);
    editor.action("paste")->trigger(); // behind the chosen row
    QVERIFY((needles.needles() == std::vector<Needle>{three[0], three[1], three[1], three[2]}));
    QGuiApplication::clipboard()->setText(
        R"({"needle": "The cat sat.", "question": "Who sat?", "real_needle": "The cat"})"
        "\n\n"
        R"({"needle": "Ten is even.", "question": "What is ten?", "answer": "even"})");
    editor.table()->selectRow(3);
    editor.action("paste")->trigger();
    QCOMPARE(needles.rowCount(), 6);
    QCOMPARE(needles.needles()[4].answer, std::string("The cat"));
    QGuiApplication::clipboard()->setText(R"({"needle": "The cat sat.", "question": "Who sat?", "answer": "a dog"})");
    editor.action("paste")->trigger();
    QCOMPARE(failed.size(), 1);
    QVERIFY(failed[0][0].toString().contains("line 1") && !failed[0][0].toString().contains('\n'));
    QCOMPARE(needles.rowCount(), 6);

    // What is wrong with a row is said where it is seen.
    QVERIFY(needles.setData(needles.index(4, NeedleTableModel::Answer), "A dog", Qt::EditRole));
    QVERIFY(editor.note().contains("Needle 5") && editor.note().contains("does not occur"));
    QVERIFY(needles.index(4, NeedleTableModel::Check).data().toString().contains("does not occur"));
    QVERIFY(!page().startButton()->isEnabled());
    QVERIFY(needles.setData(needles.index(4, NeedleTableModel::NeedleText), "A dog is A dog.", Qt::EditRole));
    QVERIFY(needles.index(4, NeedleTableModel::Check).data().toString().contains("more than once"));
    QVERIFY(needles.problem().isEmpty());
    QVERIFY(!needles.setData(needles.index(4, NeedleTableModel::Check), "Fine", Qt::EditRole));
    editor.action("reset")->trigger();
    QVERIFY(needles.needles() == builtInNeedles(ProbeKind::Retrieval));
}

void ProbePageTest::generatesNeedles()
{
    NeedleEditor &editor = *page().settingsPanel()->needles();
    const NeedleRecipe recipe{.count = 40, .seed = 9, .answer = AnswerLength::Long, .swaps = false};
    const auto answer = [&](bool append) {
        QTimer::singleShot(0, this, [&, append] {
            auto *dialog = qobject_cast<NeedleGeneratorDialog *>(QApplication::activeModalWidget());
            QVERIFY(dialog);
            dialog->setRecipe(recipe);
            const Needle first = generateNeedles(recipe).front();
            QVERIFY(dialog->preview()->toPlainText().contains(QString::fromStdString(first.question)));
            QTest::mouseClick(append ? dialog->appendButton() : dialog->replaceButton(), Qt::LeftButton);
        });
        editor.action("generate")->trigger();
    };
    answer(false);
    QVERIFY(editor.model()->needles() == generateNeedles(recipe));
    answer(true);
    QCOMPARE(editor.model()->rowCount(), 80);
}

QTEST_MAIN(ProbePageTest)
#include "ProbePageTest.moc"
