// SPDX-License-Identifier: GPL-3.0-or-later
// How long the Generate page keeps the GUI thread: while lanes grow to 32,000 tokens, while a model generates as fast
// as it can, and from the choice of a head until the prompt is shaded anew.
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/generate/GeneratePanel.h"
#include "app/explorer/generate/GenerateView.h"
#include "app/explorer/generate/KeptPanel.h"
#include "app/explorer/generate/LaneBoard.h"
#include "app/explorer/generate/PromptEdit.h"
#include "app/explorer/window/MainWindow.h"
#include "sessions/LaneSession.h"
#include "tests/app/Heartbeat.h"
#include "widgets/text/AnswerView.h"
#include "widgets/text/TokenView.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <memory>
#include <random>

using namespace headkv;

namespace {

const QString tinyModel = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");
constexpr int layers = 30;
constexpr int lists = 9;

double milliseconds(const QElapsedTimer &clock) { return static_cast<double>(clock.nsecsElapsed()) / 1e6; }

void drawEverything()
{
    for (int i = 0; i < 3; ++i) // redraws are asked for at a later turn of the event loop
        QCoreApplication::processEvents();
}

std::vector<Lane> preparedLanes()
{
    std::vector<Lane> lanes;
    for (const char *const method : {"full", "headkv", "snapkv", "streaming"}) {
        Lane lane;
        lane.settings.compression.method = method;
        lane.state = LaneState::Decoding;
        lane.report.weightBytes = 500 << 20;
        RunMetrics &metrics = lane.report.generation.metrics;
        metrics.prefillSeconds = 10;
        metrics.firstTokenSeconds = 11;
        metrics.kvBytesAfterPrefill = metrics.fullKvBytesAfterPrefill = 10 << 20;
        metrics.entriesByLayer.assign(layers, 1152);
        lanes.push_back(std::move(lane));
    }
    return lanes;
}

void grow(Lane &lane, int tokens, std::mt19937 &random)
{
    std::uniform_real_distribution<double> latency(8, 14);
    Generation &generation = lane.report.generation;
    for (int i = 0; i < tokens; ++i) {
        const double taken = latency(random);
        const double before = generation.metrics.memory.empty() ? 0 : generation.metrics.memory.back().seconds;
        generation.metrics.perTokenMilliseconds.push_back(taken);
        generation.metrics.memory.push_back({before + taken / 1000, (10 << 20) + generation.emittedIds.size() * 1024,
                                             (700 << 20) + generation.emittedIds.size() * 2048, 0});
        generation.emittedIds.push_back(i);
        lane.text += random() % 17 == 0 ? QStringLiteral(" word.\n") : QStringLiteral(" word");
    }
}

/// A prompt of so many tokens, of which each head keeps 128 here and there.
Lane keptLane(int tokens)
{
    std::mt19937 random(1);
    Lane lane;
    lane.settings.compression.method = "headkv";
    lane.state = LaneState::Finished;
    auto prompt = std::make_shared<LanePrompt>();
    for (int i = 0; i < tokens; ++i) {
        prompt->ids.push_back(i);
        prompt->pieces.append(i % 23 == 22 ? QStringLiteral(".\n") : QStringLiteral(" word%1").arg(random() % 3000));
    }
    lane.prompt = prompt;
    CacheContents &contents = lane.report.generation.contents;
    contents.layers = layers;
    contents.lists = lists;
    contents.lengths.assign(layers * lists, 128);
    contents.positions.resize(layers * lists);
    for (std::vector<std::int32_t> &positions : contents.positions) {
        for (int i = 0; i < 128; ++i)
            positions.push_back(static_cast<std::int32_t>(random() % static_cast<unsigned>(tokens)));
        std::ranges::sort(positions);
    }
    return lane;
}

struct Spread
{
    double median = 0, most = 0;
};

Spread spreadOf(std::vector<double> values)
{
    std::ranges::sort(values);
    return {values[values.size() / 2], values.back()};
}

/// How long the first lane's tokens take from their making until they are painted. What passes between the click that
/// starts the lane and its own clock counts with them, so the figure is an upper bound.
class TokenDelay : public QObject
{
public:
    TokenDelay(const Session &session, QWidget *painted)
        : m_session(session)
    {
        painted->installEventFilter(this);
    }
    void begin()
    {
        m_clock.start();
        m_shown = 0;
    }
    [[nodiscard]] double longest() const { return m_longest; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Paint && m_clock.isValid() && !m_session.lanes().all().empty())
            painted(m_session.lanes().all().front().report.generation);
        return QObject::eventFilter(watched, event);
    }

private:
    void painted(const Generation &generation)
    {
        const std::size_t made = generation.emittedIds.size();
        const std::vector<MemorySample> &samples = generation.metrics.memory; // a token's are the last ones
        if (made <= m_shown || samples.size() < made)
            return;
        const double oldest = samples[samples.size() - made + m_shown].seconds * 1000;
        m_longest = std::max(m_longest, milliseconds(m_clock) - oldest);
        m_shown = made;
    }

    const Session &m_session;
    QElapsedTimer m_clock;
    std::size_t m_shown = 0;
    double m_longest = 0;
};

} // namespace

class GeneratePageBenchmark : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void growing();
    void shading();
    void generating();
};

void GeneratePageBenchmark::growing()
{
    constexpr int step = 7; // tokens between two drawings at 100 tokens a second
    constexpr int all = 32000;
    const QTemporaryDir folder;
    QSettings settings(folder.filePath("settings.ini"), QSettings::IniFormat);
    std::vector<Lane> lanes = preparedLanes();
    GenerateView view(lanes, settings, new QLabel);
    view.resize(1600, 900);
    view.show();
    view.begin({}, {8192, 500 << 20});
    std::mt19937 random(1);
    std::vector<double> early, late;
    QBENCHMARK_ONCE
    {
        for (int tokens = 0; tokens < all; tokens += step) {
            for (Lane &lane : lanes)
                grow(lane, step, random);
            if (tokens > 2000 && tokens < all - 2000 && tokens % 70 != 0)
                continue; // all of them would take minutes
            QElapsedTimer clock;
            clock.start();
            for (int lane = 0; lane < 4; ++lane)
                view.showText(lane);
            view.refresh({0, 1, 2, 3}, false);
            drawEverything();
            if (tokens < 2000)
                early.push_back(milliseconds(clock));
            else if (tokens > all - 2000)
                late.push_back(milliseconds(clock));
        }
    }
    const Spread first = spreadOf(early), last = spreadOf(late);
    qInfo("4 lanes that all grow, a drawing: below 2,000 tokens %.1f ms (most %.1f); at 32,000 %.1f ms (most %.1f)",
          first.median, first.most, last.median, last.most);
    for (Lane &lane : lanes)
        lane.state = LaneState::Finished;
    const Heartbeat heartbeat;
    view.refresh({0, 1, 2, 3}, true);
    while (!view.isSettled())
        QCoreApplication::processEvents();
    QTest::qWait(50);
    qInfo("the end, with the comparison of 32,000 words: without an answer for at most %lld ms",
          static_cast<long long>(heartbeat.longest()));
    QTest::setBenchmarkResult(last.median, QTest::WalltimeMilliseconds);
}

void GeneratePageBenchmark::shading()
{
    const std::vector<Lane> lanes{keptLane(7900)};
    KeptPanel panel;
    panel.resize(1000, 500);
    panel.show();
    QElapsedTimer clock;
    clock.start();
    panel.setLanes(lanes, {});
    drawEverything();
    qInfo("7,900 tokens, 30 × 9 heads: shown for the first time in %.1f ms", milliseconds(clock));
    std::vector<double> taken;
    QBENCHMARK_ONCE
    {
        for (int layer = 0; layer < layers; ++layer) {
            for (int head = 0; head < lists; ++head) {
                clock.start();
                panel.layerBox()->setCurrentIndex(1 + layer);
                panel.headBox()->setCurrentIndex(1 + head);
                drawEverything();
                taken.push_back(milliseconds(clock));
            }
        }
    }
    const Spread spread = spreadOf(taken);
    clock.start();
    panel.layerBox()->setCurrentIndex(0);
    drawEverything();
    qInfo("another head: %.1f ms (most %.1f); the sum over all: %.1f ms", spread.median, spread.most,
          milliseconds(clock));
    QTest::setBenchmarkResult(spread.median, QTest::WalltimeMilliseconds);
}

void GeneratePageBenchmark::generating()
{
    const QTemporaryDir folder;
    QSettings settings(folder.filePath("settings.ini"), QSettings::IniFormat);
    Theme theme;
    theme.apply(*qApp);
    MainWindow window(theme, settings);
    window.resize(1280, 800);
    window.show();
    window.showPage("generate");
    window.openFiles({tinyModel});
    QTRY_VERIFY(window.isIdle() && window.session().modelInfo());
    GeneratePanel *panel = window.generatePage()->panel();
    panel->prompt()->setText("The rain is in the reed. An otter is on the shore. The inn is on the hill.");
    panel->newTokens()->setValue(400);
    panel->ignoreEnd()->setChecked(true);
    std::vector<LaneChoice> lanes;
    for (const char *const method : {"full", "snapkv", "streaming", "h2o"}) {
        lanes.push_back(laneChoice(method, {}));
        lanes.back().window = 8;
        lanes.back().budget = 32;
    }
    panel->setLanes(lanes);
    QTest::qWait(500);
    TokenDelay delay(window.session(), window.generatePage()->view()->board()->lane(0)->answer()->viewport());
    QBENCHMARK_ONCE
    {
        const MachinePause machine;
        const Heartbeat heartbeat;
        QElapsedTimer clock;
        clock.start();
        std::size_t tokens = 0;
        for (int run = 0; run < 5; ++run) {
            delay.begin();
            window.generatePage()->startButton()->click();
            QTRY_COMPARE_WITH_TIMEOUT(window.session().activity(), Session::Activity::Idle, 60000);
            for (const Lane &lane : window.session().lanes().all())
                tokens += lane.report.generation.emittedIds.size();
        }
        qInfo("%zu tokens at %.0f a second: the window paused for at most %lld ms, the machine for %lld ms", tokens,
              static_cast<double>(tokens) / milliseconds(clock) * 1000, static_cast<long long>(heartbeat.longest()),
              static_cast<long long>(machine.longest()));
        qInfo("a token was painted at most %.0f ms after it was made", delay.longest());
    }
}

QTEST_MAIN(GeneratePageBenchmark)
#include "GeneratePageBenchmark.moc"
