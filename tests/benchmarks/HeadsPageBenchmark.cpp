// SPDX-License-Identifier: GPL-3.0-or-later
// What the Heads page takes at the size of the largest published models: 126 layers × 128 heads × 100 cases. How long a
// score file takes from being asked for until its heatmap is on the window's image, and what a step of panning, zooming
// and hovering costs until it is there, with one, two and three heatmaps. A frame at 60 a second has 16.7 ms.
#include "app/explorer/heads/HeadMapsView.h"
#include "app/explorer/heads/HeadSetBar.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/window/MainWindow.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/HeadStatistics.h"
#include "sessions/ScoreLibrary.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/theme/Resources.h"

#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QPainter>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

using namespace headkv;

namespace {

constexpr int layers = 126, heads = 128, cases = 100;

HeadScores largeScores(unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform;
    HeadScores scores(layers, heads);
    for (std::vector<double> &values : scores.values) {
        const double strength = std::pow(uniform(random), 8);
        for (int i = 0; i < cases; ++i)
            values.push_back(strength * uniform(random));
    }
    return scores;
}

/// What a step took, and of that processor time, which other programs on the machine do not lengthen.
struct Frame
{
    double milliseconds = 0, processor = 0;
};

double processorMilliseconds() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void report(const char *what, std::vector<Frame> frames)
{
    const std::size_t n = frames.size();
    std::ranges::sort(frames, {}, &Frame::processor);
    const double half = frames[n / 2].processor, most = frames[n * 95 / 100].processor;
    std::ranges::sort(frames, {}, &Frame::milliseconds);
    qInfo("%s: half within %.2f ms, 95 of 100 within %.2f ms; processor %.2f and %.2f ms", what,
          frames[n / 2].milliseconds, frames[n * 95 / 100].milliseconds, half, most);
}

/// The widget that draws a chart (qcustomplot.h cannot be read here: it uses Qt's keywords).
QWidget *plotOf(const Chart &chart)
{
    for (QWidget *child : chart.findChildren<QWidget *>()) {
        if (child->inherits("QCustomPlot"))
            return child;
    }
    return nullptr;
}

void move(QWidget *plot, QPointF at, Qt::MouseButtons buttons)
{
    QMouseEvent event(QEvent::MouseMove, at, plot->mapToGlobal(at), Qt::NoButton, buttons, Qt::NoModifier);
    QApplication::sendEvent(plot, &event);
}

} // namespace

class HeadsPageBenchmark : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void opens();
    void computesStatistics();
    void frames_data();
    void frames();

private:
    /// Milliseconds from a step until it is painted.
    Frame frame(const std::function<void()> &step);

    QTemporaryDir m_folder;
    QSettings m_settings{m_folder.filePath("explorer.ini"), QSettings::IniFormat};
    Theme m_theme;
    std::unique_ptr<MainWindow> m_window;
    QImage m_image;
};

void HeadsPageBenchmark::initTestCase()
{
    initWidgetResources();
    m_theme.apply(*qApp);
    for (unsigned seed = 1; seed <= 3; ++seed)
        writeHeadScores(m_folder.filePath(QString::number(seed) + ".json").toStdString(), largeScores(seed),
                        {{"origin", "benchmark"}});
    m_window = std::make_unique<MainWindow>(m_theme, m_settings);
    m_window->resize(1920, 1080);
    m_window->showPage("heads");
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    m_image = QImage(m_window->size(), QImage::Format_RGB32);
}

Frame HeadsPageBenchmark::frame(const std::function<void()> &step)
{
    QElapsedTimer clock;
    const double before = processorMilliseconds();
    clock.start();
    step();
    QCoreApplication::processEvents(); // the replot that waits for its turn, and the paint events
    return {static_cast<double>(clock.nsecsElapsed()) / 1e6, processorMilliseconds() - before};
}

void HeadsPageBenchmark::opens()
{
    for (int seed = 1; seed <= 3; ++seed) {
        QElapsedTimer clock;
        const double before = processorMilliseconds();
        clock.start();
        m_window->openFiles({m_folder.filePath(QString::number(seed) + ".json")});
        while (m_window->session().scores().sets().size() < static_cast<std::size_t>(seed))
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        QCoreApplication::processEvents();
        QPainter painter(&m_image);
        m_window->render(&painter);
        painter.end();
        QCOMPARE(m_window->headsPage()->heatmap()->data().heads, heads);
        qInfo("a score file of %d × %d heads × %d cases opens in %.2f s, processor %.2f s", layers, heads, cases,
              static_cast<double>(clock.elapsed()) / 1e3, (processorMilliseconds() - before) / 1e3);
    }
}

void HeadsPageBenchmark::computesStatistics()
{
    const HeadScores scores = largeScores(1);
    QElapsedTimer clock;
    clock.start();
    (void)bootstrapIntervals(scores);
    const qint64 intervals = clock.restart();
    (void)rankStability(scores);
    qInfo("on the worker, later: intervals %lld ms, stability %lld ms", static_cast<long long>(intervals),
          static_cast<long long>(clock.elapsed()));
}

void HeadsPageBenchmark::frames_data()
{
    QTest::addColumn<int>("maps");
    for (const int maps : {1, 2, 3})
        QTest::addRow("%d heatmaps", maps) << maps;
}

void HeadsPageBenchmark::frames()
{
    QFETCH(int, maps);
    HeadsPage *page = m_window->headsPage();
    page->chooser()->setCurrentIndex(0);
    page->setBar()->chooser(1)->setCurrentIndex(maps > 1 ? 2 : 0);
    page->setBar()->chooser(2)->setCurrentIndex(maps > 2 ? 3 : 0);
    QCOMPARE(page->maps()->count(), static_cast<std::size_t>(maps));
    // Statistics that the worker computes are no part of a frame's processor time.
    QSignalSpy analysed(&m_window->session().scores(), &ScoreLibrary::analysed);
    while (analysed.wait(20000)) {
    }
    HeatmapView *map = page->heatmap();
    QWidget *plot = plotOf(*map);
    const QPointF centre(plot->width() / 2.0, plot->height() / 2.0);

    std::vector<Frame> zooms, pans, hovers;
    for (int i = 0; i < 40; ++i) {
        const int degrees = i % 8 < 4 ? 120 : -120;
        zooms.push_back(frame([&] {
            QWheelEvent wheel(centre, plot->mapToGlobal(centre), {}, {0, degrees}, Qt::NoButton, Qt::NoModifier,
                              Qt::NoScrollPhase, false);
            QApplication::sendEvent(plot, &wheel);
        }));
    }
    map->showCells({20, 20, 60, 60});
    QCoreApplication::processEvents();
    QTest::mousePress(plot, Qt::LeftButton, {}, centre.toPoint());
    for (int i = 0; i < 100; ++i) {
        const QPointF at = centre + QPointF(80 * std::sin(i / 10.0), 60 * std::cos(i / 7.0));
        pans.push_back(frame([&] { move(plot, at, Qt::LeftButton); }));
    }
    QTest::mouseRelease(plot, Qt::LeftButton, {}, centre.toPoint());
    map->resetView();
    QCoreApplication::processEvents();
    for (int i = 0; i < 200; ++i) {
        const QPointF at = map->cellRect({(i * 7) % layers, (i * 3) % heads}).center() - plot->pos();
        hovers.push_back(frame([&] { move(plot, at, Qt::NoButton); }));
    }
    report("zoom", zooms);
    report("pan", pans);
    report("hover", hovers);
}

QTEST_MAIN(HeadsPageBenchmark)
#include "HeadsPageBenchmark.moc"
