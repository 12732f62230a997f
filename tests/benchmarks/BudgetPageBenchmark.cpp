// SPDX-License-Identifier: GPL-3.0-or-later
// How long the Budget page takes from a movement of the β slider until all of it is on the screen's image.
#include "app/explorer/budget/BudgetCard.h"
#include "app/explorer/budget/BudgetCharts.h"
#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/budget/BudgetSettingsPanel.h"
#include "app/explorer/window/MainWindow.h"
#include "core/probe/HeadScoreFile.h"
#include "sessions/ScoreLibrary.h"
#include "widgets/charts/BetaCurveView.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/LineChart.h"
#include "widgets/controls/BetaSlider.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

using namespace headkv;

namespace {

constexpr int frameCount = 200;

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Few heads of high scores, many of low ones.
HeadScores syntheticScores(int layers, int heads)
{
    std::mt19937 random(1);
    std::uniform_real_distribution<double> uniform;
    HeadScores scores(layers, heads);
    for (std::vector<double> &values : scores.values)
        values = {std::pow(uniform(random), 8)};
    return scores;
}

/// Counts what is drawn: replots of the charts, and the paint events that put them on the window's image.
class Frames : public QObject
{
public:
    /// `marked` moves one layer of its own, which is painted without a replot of the chart.
    Frames(const std::vector<Chart *> &charts, const Chart *marked)
        : m_awaited(charts.size() + 1)
    {
        for (const Chart *chart : charts) {
            QObject *plot = plotOf(chart);
            m_replots.emplace(plot, std::make_unique<QSignalSpy>(plot, SIGNAL(afterReplot())));
            plot->installEventFilter(this);
        }
        plotOf(marked)->installEventFilter(this);
    }
    void begin()
    {
        for (const auto &[plot, replots] : m_replots)
            replots->clear();
        m_painted.clear();
    }
    /// Every chart was replotted and painted (a replot paints before it says that it is done).
    [[nodiscard]] bool isComplete() const
    {
        return m_painted.size() == m_awaited &&
               std::ranges::all_of(m_replots, [](const auto &plot) { return plot.second->count() > 0; });
    }
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Paint)
            m_painted.insert(watched);
        return QObject::eventFilter(watched, event);
    }

private:
    /// A QCustomPlot, whose header needs Qt's keywords.
    static QObject *plotOf(const Chart *chart) { return chart->findChild<QWidget *>(); }

    std::size_t m_awaited;
    std::map<QObject *, std::unique_ptr<QSignalSpy>> m_replots;
    std::set<QObject *> m_painted;
};

} // namespace

class BudgetPageBenchmark : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void slidingBeta_data();
    void slidingBeta();
};

void BudgetPageBenchmark::slidingBeta_data()
{
    QTest::addColumn<int>("layers");
    QTest::addColumn<int>("heads");
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("all");
    QTest::newRow("32 × 32 heads, 1280 × 800") << 32 << 32 << QSize(1280, 800) << false;
    QTest::newRow("32 × 32 heads, 1280 × 800, all four change") << 32 << 32 << QSize(1280, 800) << true;
    QTest::newRow("32 × 32 heads, 1920 × 1080") << 32 << 32 << QSize(1920, 1080) << false;
    QTest::newRow("80 × 64 heads, 1280 × 800") << 80 << 64 << QSize(1280, 800) << false;
}

void BudgetPageBenchmark::slidingBeta()
{
    QFETCH(int, layers);
    QFETCH(int, heads);
    QFETCH(QSize, size);
    QFETCH(bool, all); // the base budget, which moves every method, in place of β
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("scores.json"));
    writeHeadScores(file.toStdString(), syntheticScores(layers, heads), {});
    QSettings settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
    Theme theme;
    theme.setMode(ThemeMode::Light);
    theme.apply(*qApp);
    MainWindow window(theme, settings);
    window.resize(size);
    window.show();
    QSignalSpy added(&window.session().scores(), &ScoreLibrary::added);
    window.session().scores().open(file);
    QVERIFY(added.wait());
    window.showPage(QStringLiteral("budget"));
    BudgetPage *page = window.budgetPage();
    BudgetSettings chosen = page->settings();
    chosen.methods = QStringList{QStringLiteral("h2o"), QStringLiteral("snapkv"), QStringLiteral("pyramidkv"),
                                 QStringLiteral("headkv")};
    page->apply(chosen);
    QTest::qWait(200);

    std::vector<Chart *> charts{page->charts()->layers(), page->charts()->histogram()};
    for (std::size_t i = all ? 0 : 3; i < 4; ++i) // β moves HeadKV's heatmap alone, unless the range changes
        charts.push_back(page->card(i)->heatmap());
    Frames frames(charts, page->charts()->betaCurve());
    QSlider *slider = page->panel()->beta()->slider();
    std::vector<double> milliseconds;
    std::vector<double> toSet;
    double processor = 0; // milliseconds a frame, which other programs do not lengthen
    int step = 0;
    const auto drawFrame = [&] {
        frames.begin();
        QElapsedTimer clock;
        clock.start();
        const BudgetSettings before = page->settings();
        while (page->settings() == before) { // near a published setting, steps of the slider stick to it
            if (all)
                page->panel()->budget()->setValue(128 + ++step);
            else
                slider->setValue(100 + ++step % 800);
        }
        toSet.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        while (!frames.isComplete())
            QCoreApplication::processEvents();
        QCoreApplication::processEvents(); // and whatever else was asked for
        milliseconds.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    };
    slider->setSliderDown(true);
    QBENCHMARK_ONCE
    {
        const std::clock_t before = std::clock();
        for (int i = 0; i < frameCount; ++i)
            drawFrame();
        processor = 1e3 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC / frameCount;
    }
    slider->setSliderDown(false);
    QTest::setBenchmarkResult(median(milliseconds), QTest::WalltimeMilliseconds); // of one frame
    std::ranges::sort(milliseconds);
    qInfo("%d frames: half within %.2f ms (%.2f ms of it to compute and set), 95 of 100 within %.2f ms; processor %.2f "
          "ms",
          frameCount, milliseconds[frameCount / 2], median(toSet), milliseconds[frameCount * 95 / 100], processor);
    QVERIFY(all || window.undoStack().count() == 1); // all of it was one movement
}

QTEST_MAIN(BudgetPageBenchmark)
#include "BudgetPageBenchmark.moc"
