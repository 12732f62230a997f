// SPDX-License-Identifier: GPL-3.0-or-later
// What the Compare page takes with 222 rows of 50 cases: opening the report, and a turn of the event loop while answers
// of all methods come in ten times a second, with each tab in front (37 grids on one of them). A frame at 60 a second
// has 16.7 ms.
#include "app/explorer/compare/AccuracyCharts.h"
#include "app/explorer/compare/AnswerPanel.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/compare/CompareView.h"
#include "app/explorer/compare/EfficiencyCharts.h"
#include "app/explorer/compare/NeedleCharts.h"
#include "app/explorer/window/MainWindow.h"
#include "sessions/EvaluationSession.h"
#include "sessions/EvaluationTableModel.h"
#include "tests/sessions/EvaluationSample.h"
#include "widgets/theme/Resources.h"

#include <QAbstractEventDispatcher>
#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <ctime>
#include <numeric>

using namespace headkv;

namespace {

constexpr int tasks = 6, needles = 2, variants = 37;

double processorMilliseconds() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

} // namespace

class ComparePageBenchmark : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void opens();
    void follows_data();
    void follows();
    void writesAPage();

private:
    QTemporaryDir m_folder;
    QSettings m_settings{m_folder.filePath("explorer.ini"), QSettings::IniFormat};
    Theme m_theme;
    std::unique_ptr<MainWindow> m_window;
};

void ComparePageBenchmark::initTestCase()
{
    initWidgetResources();
    m_theme.setMode(ThemeMode::Light);
    m_theme.apply(*qApp);
    m_window = std::make_unique<MainWindow>(m_theme, m_settings);
    m_window->showPage("compare");
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    (void)writeLargeReport(m_folder.filePath("large.json").toStdString(), tasks, needles);
}

void ComparePageBenchmark::opens()
{
    QElapsedTimer clock;
    clock.start();
    m_window->openFiles({m_folder.filePath("large.json")});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && m_window->comparePage()->hasResults(), 60000);
    QCOMPARE(m_window->comparePage()->view()->model()->rowCount(), tasks * variants);
    qInfo("from asking for the report until all is computed: %lld ms", clock.elapsed());
}

void ComparePageBenchmark::follows_data()
{
    QTest::addColumn<int>("tab");
    const char *const names[] = {"accuracy", "grids", "efficiency", "answers"};
    for (int tab = 0; tab < 4; ++tab)
        QTest::addRow("%s", names[tab]) << tab;
}

void ComparePageBenchmark::follows()
{
    QFETCH(int, tab);
    CompareView &view = *m_window->comparePage()->view();
    EvaluationSession &evaluation = m_window->session().evaluation();
    view.tabs()->setCurrentIndex(tab);
    QTRY_VERIFY(m_window->isIdle());
    Q_EMIT evaluation.resumed();
    std::vector<double> turns; // processor time of turns that did something
    QElapsedTimer clock, beat;
    clock.start();
    beat.start();
    for (std::size_t next = 0; clock.elapsed() < 5000;) {
        if (beat.elapsed() >= 100) { // a prompt has been answered by all methods
            beat.restart();
            for (int variant = 0; variant < variants; ++variant)
                Q_EMIT evaluation.answered(static_cast<int>(next++ % evaluation.run().results.size()));
        }
        const double before = processorMilliseconds();
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        if (const double took = processorMilliseconds() - before; took > 0.2)
            turns.push_back(took);
        QTest::qSleep(1);
    }
    QVERIFY(!turns.empty());
    std::ranges::sort(turns);
    const double mean = std::accumulate(turns.begin(), turns.end(), 0.0) / static_cast<double>(turns.size());
    qInfo("%s: %zu turns that did something; mean %.2f ms, 95 of 100 within %.2f ms, longest %.2f ms",
          QTest::currentDataTag(), turns.size(), mean, turns[turns.size() * 95 / 100], turns.back());
    Q_EMIT evaluation.finished(true);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
}

void ComparePageBenchmark::writesAPage()
{
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(m_window->comparePage()->writePage(m_folder.filePath("large.html")), QString());
    qInfo("writing the page: %lld ms", clock.elapsed());
}

QTEST_MAIN(ComparePageBenchmark)
#include "ComparePageBenchmark.moc"
