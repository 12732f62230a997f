// SPDX-License-Identifier: GPL-3.0-or-later
// Export all: what is written, how fast, and what happens where it cannot be.
#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/model/ModelPage.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/window/ExportAllDialog.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/EvaluationSession.h"
#include "sessions/LaneSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/SessionFile.h"
#include "tests/app/Heartbeat.h"
#include "tests/app/TestTools.h"
#include "tests/app/WindowTest.h"
#include "tests/sessions/SessionSample.h"
#include "widgets/charts/Chart.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Resources.h"

#include <QAction>
#include <QCryptographicHash>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPushButton>
#include <QSvgRenderer>
#include <csignal>
#include <sys/resource.h>

using namespace headkv;

class ExportAllTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void saysThatThereIsNothing();
    void writesEverything();
    void isFastAndLetsTheWindowAnswer();
    void canBeCancelled();
    void saysWhyAFolderCannotBeMade();
    void saysThatTheDiskIsFull();
    void writesAProbeThatWaitsForItsModel();

private:
    void fillSession();
    void checkReports(const QDir &folder) const;
    void checkProvenance(const QDir &folder) const;
    [[nodiscard]] std::vector<ExportPage> pages() const;
    std::unique_ptr<ExportAllDialog> dialog(const QString &folder, const QStringList &formats);
};

void ExportAllTest::initTestCase()
{
    initWidgetResources();
    openWindow();
}

void ExportAllTest::cleanupTestCase() { closeWindow(); }

std::vector<ExportPage> ExportAllTest::pages() const
{
    return {{"model", m_window->modelPage()},       {"probe", m_window->probePage()},
            {"heads", m_window->headsPage()},       {"budget", m_window->budgetPage()},
            {"generate", m_window->generatePage()}, {"compare", m_window->comparePage()}};
}

std::unique_ptr<ExportAllDialog> ExportAllTest::dialog(const QString &folder, const QStringList &formats)
{
    auto made = std::make_unique<ExportAllDialog>(m_window->session(), pages(), *m_settings, m_window.get());
    made->setFolder(folder);
    made->setFormats(formats);
    return made;
}

void ExportAllTest::saysThatThereIsNothing()
{
    const auto all = dialog(m_folder->filePath("nothing"), {"svg"});
    QVERIFY(!all->startButton()->isEnabled());
    QVERIFY2(all->summary().contains("nothing to export"), qPrintable(all->summary()));
}

/// A model, a probe, its scores twice, two lanes, and an evaluation.
void ExportAllTest::fillSession()
{
    Session &session = m_window->session();
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && session.modelInfo(), 30000);
    QSignalSpy finished(&session.probe(), &ProbeSession::finished);
    session.probe().start(shortProbe(3));
    QVERIFY(finished.wait(60000));
    const QString scores = m_folder->filePath("again.json");
    QCOMPARE(session.scores().save(0, scores), QString());
    m_window->openFiles({scores});
    QTRY_VERIFY_WITH_TIMEOUT(session.scores().sets().size() == 2 && m_window->isIdle(), 30000);
    GenerationRequest request;
    request.words = "The rain fell on the town. People went home early. A dog slept by the door. Where?";
    request.settings.maxNewTokens = 6;
    for (const char *const method : {"full", "snapkv"}) {
        LaneSettings lane;
        lane.compression.method = method;
        lane.compression.budget = 24;
        lane.compression.window = 8;
        request.lanes.push_back(lane);
    }
    QSignalSpy done(&session.lanes(), &LaneSession::finished);
    session.lanes().start(request);
    QVERIFY(done.wait(60000));
    session.evaluation().take(smallStoredEvaluation(), "s.hkv");
    QTRY_VERIFY(m_window->isIdle() && m_window->comparePage()->hasResults());
    // How stable the ranking is comes from the worker.
    QSignalSpy analysed(&session.scores(), &ScoreLibrary::analysed);
    const std::size_t before = m_window->headsPage()->exportItems().figures.size();
    QVERIFY(analysed.wait(20000));
    QTRY_VERIFY(m_window->headsPage()->exportItems().figures.size() > before);
}

void ExportAllTest::writesEverything()
{
    fillSession();
    // From a page that shows nothing of it: what is not looked at is up to date all the same.
    m_window->showPage("start");
    const QDir folder(m_folder->filePath("all"));
    const auto all = dialog(folder.path(), {"svg", "pdf", "png"});
    QVERIFY2(all->startButton()->isEnabled(), qPrintable(all->summary()));
    QSignalSpy finished(all.get(), &ExportAllDialog::finished);
    all->start();
    QVERIFY(!all->startButton()->isEnabled());
    QVERIFY(finished.wait(60000));
    QVERIFY2(finished.first().first().toBool(), qPrintable(all->messages()->text()));

    int figures = 0;
    for (const ExportPage &page : pages()) {
        for (const ExportItems::Figure &figure : page.page->exportItems().figures) {
            const QString base = folder.filePath(page.name + '/' + ChartExport::fileName(figure.name));
            QVERIFY2(QSvgRenderer(base + ".svg").isValid(), qPrintable(base));
            QVERIFY2(contentOf(base + ".pdf").contains("/FontFile"), qPrintable(base));
            QVERIFY2(!QImage(base + ".png").isNull(), qPrintable(base));
            QCOMPARE(contentOf(base + ".csv"), figure.chart->csv().toUtf8());
            ++figures;
        }
    }
    QVERIFY2(figures >= 14, qPrintable(QString::number(figures)));
    QVERIFY(folder.exists("budget/budgets.csv") && folder.exists("generate/summary.csv"));
    QVERIFY(folder.exists("generate/lane-2-snapkv.json") && folder.exists("probe/cases.csv"));
    const auto &set = m_window->session().scores().sets().front();
    const QString name = QStringLiteral("heads/scores-%1.json").arg(ChartExport::fileName(set.name));
    QCOMPARE(readHeadScores(folder.filePath(name).toStdString()).values, set.scores->values);
    checkReports(folder);
    checkProvenance(folder);
}

void ExportAllTest::checkReports(const QDir &folder) const
{
    const QJsonObject probe = QJsonDocument::fromJson(contentOf(folder.filePath("probe/probe.json"))).object();
    QCOMPARE(probe["cases"].toArray().size(), qsizetype(6));
    for (const ResultPtr &result : m_window->session().probe().results()) {
        const auto index = static_cast<qsizetype>(result->index);
        QCOMPARE(probe["cases"][index][u"text"].toString(), QString::fromStdString(result->text));
    }
    const StoredEvaluation evaluation = readEvaluation(folder.filePath("compare/evaluation.json").toStdString());
    QVERIFY(evaluation.fingerprints == smallStoredEvaluation()->fingerprints);
    QCOMPARE(evaluation.run.results[1].score, 33.3);
    QVERIFY(contentOf(folder.filePath("compare/evaluation.html")).contains("on the hill"));
}

void ExportAllTest::checkProvenance(const QDir &folder) const
{
    const QJsonObject provenance = QJsonDocument::fromJson(contentOf(folder.filePath("provenance.json"))).object();
    const auto info = m_window->session().modelInfo();
    QCOMPARE(provenance["model"][u"sha256"].toString(), QString::fromStdString(info->sha256));
    QVERIFY(!provenance["date"].toString().isEmpty() && !provenance["versions"][u"libtorch"].toString().isEmpty());
    QVERIFY(provenance["machine"][u"memory_bytes"].toDouble() > 1e8);
    QCOMPARE(provenance["probe"][u"kind"].toString(), QString("retrieval"));
    QCOMPARE(provenance["lanes"].toArray().size(), 2);
    QVERIFY(provenance["lanes"][0].toObject().contains("seed"));
    QCOMPARE(provenance["scores"].toArray().size(), 2);
    QStringList named{"provenance.json"};
    for (const QJsonValue &file : provenance["files"].toArray()) {
        named.append(file[u"name"].toString());
        const QByteArray content = contentOf(folder.filePath(named.back()));
        QCOMPARE(file[u"bytes"].toInteger(), content.size());
        QCOMPARE(file[u"sha256"].toString().toLatin1(),
                 QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex());
    }
    QStringList there;
    for (QDirIterator files(folder.path(), QDir::Files, QDirIterator::Subdirectories); files.hasNext();)
        there.append(folder.relativeFilePath(files.next()));
    there.removeIf([](const QString &file) { return file.endsWith(".meta.json"); }); // beside their scores
    named.sort();
    there.sort();
    QCOMPARE(named, there);
}

void ExportAllTest::isFastAndLetsTheWindowAnswer()
{
    constexpr double seconds = 5, figures = 30;
    const auto all = dialog(m_folder->filePath("fast"), {"svg"});
    QSignalSpy finished(all.get(), &ExportAllDialog::finished);
    const MachinePause machine;
    const Heartbeat heartbeat;
    QElapsedTimer clock;
    clock.start();
    all->start();
    QVERIFY(finished.wait(60000));
    double written = 0;
    for (const ExportedFile &file : all->written())
        written += file.name.endsWith(".svg");
    qInfo("%g figures in %lld ms; the window waited %lld ms at most", written, clock.elapsed(), heartbeat.longest());
    if (sanitized)
        return;
    QVERIFY2(static_cast<double>(clock.elapsed()) < 1000 * seconds * written / figures,
             qPrintable(QString("%1 figures took %2 ms").arg(written).arg(clock.elapsed())));
    QVERIFY2(heartbeat.longest() <= 200 + machine.longest(),
             qPrintable(QString("%1 ms without an answer, the machine paused %2 ms")
                            .arg(heartbeat.longest())
                            .arg(machine.longest())));
}

void ExportAllTest::canBeCancelled()
{
    const auto all = dialog(m_folder->filePath("cancelled"), {"svg", "pdf", "png"});
    QSignalSpy finished(all.get(), &ExportAllDialog::finished);
    QTimer looks;
    connect(&looks, &QTimer::timeout, all.get(), [&] {
        if (all->isRunning() && all->written().size() >= 2)
            all->reject(); // what Escape does
    });
    looks.start(0);
    all->start();
    QVERIFY(finished.wait(10000));
    QVERIFY(!finished.first().first().toBool());
    QVERIFY(all->messages()->text().startsWith("Cancelled"));
    QVERIFY(!QFile::exists(m_folder->filePath("cancelled/provenance.json")));
    QVERIFY(all->startButton()->isEnabled());
}

void ExportAllTest::saysWhyAFolderCannotBeMade()
{
    const auto all = dialog("/proc/nowhere", {"svg"});
    QSignalSpy finished(all.get(), &ExportAllDialog::finished);
    all->start();
    QVERIFY(finished.wait(10000));
    QVERIFY(all->messages()->kind() == MessageBar::Kind::Error);
    QVERIFY2(all->messages()->text().contains("/proc/nowhere"), qPrintable(all->messages()->text()));
    QVERIFY(!all->messages()->text().contains('\n'));
}

void ExportAllTest::saysThatTheDiskIsFull()
{
    // No file may grow beyond a little: what a write meets on a full disk, but for its errno.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 200;
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto all = dialog(m_folder->filePath("full"), {"svg"});
    QSignalSpy finished(all.get(), &ExportAllDialog::finished);
    all->start();
    const bool ended = finished.wait(10000);
    setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY(ended);
    QVERIFY(all->messages()->kind() == MessageBar::Kind::Error);
    QVERIFY2(all->messages()->text().contains(m_folder->path()), qPrintable(all->messages()->text()));
    // Nothing half written is left.
    for (QDirIterator files(m_folder->filePath("full"), QDir::Files, QDirIterator::Subdirectories); files.hasNext();)
        QVERIFY2(std::ranges::count(all->written(), QDir(m_folder->filePath("full")).relativeFilePath(files.next()),
                                    &ExportedFile::name) == 1,
                 qPrintable(files.filePath()));
}

/// A session's, which is opened without it; and one whose report was a file that is gone.
void ExportAllTest::writesAProbeThatWaitsForItsModel()
{
    SessionDocument document = smallSession();
    writeSession(document, m_folder->filePath("s.hkv"));
    document.probe.kept = KeptProbe{"0123abcd", m_folder->filePath("gone.json"), nullptr};
    writeSession(document, m_folder->filePath("gone.hkv"));
    for (const char *name : {"s", "gone"}) {
        reopenWindow();
        m_window->openFiles({m_folder->filePath(name + QString(".hkv"))});
        QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && m_window->session().probe().kept(), 20000);
        const auto all = dialog(m_folder->filePath(name), {});
        QSignalSpy finished(all.get(), &ExportAllDialog::finished);
        all->start();
        QVERIFY(finished.wait(20000));
        QVERIFY2(finished.first().first().toBool(), qPrintable(all->messages()->text()));
    }
    QCOMPARE(contentOf(m_folder->filePath("s/probe/probe.json")).trimmed(),
             QByteArray::fromStdString(*smallSession().probe.kept->report));
    QVERIFY(!QFile::exists(m_folder->filePath("gone/probe/probe.json")));
}

QTEST_MAIN(ExportAllTest)
#include "ExportAllTest.moc"
