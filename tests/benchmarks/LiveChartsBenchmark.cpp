// SPDX-License-Identifier: GPL-3.0-or-later
// What the Generate page's charts and texts cost while a run goes on, at 32,000 tokens. QBENCHMARK's figures are of one
// step as it is named; where a step ends on the screen's image, painting is part of it.
#include "widgets/charts/LineChart.h"
#include "widgets/charts/StackedAreaChart.h"
#include "widgets/text/AnswerView.h"
#include "widgets/text/TokenView.h"
#include "widgets/text/WordDiff.h"
#include "widgets/theme/Theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QPainter>
#include <QScrollBar>
#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <functional>
#include <qcustomplot.h>
#include <random>

using namespace headkv;

namespace {

constexpr int allTokens = 32000;

QStringList pieces(int tokens)
{
    std::mt19937 random(1);
    QStringList vocabulary;
    for (int i = 0; i < 8000; ++i) {
        QString piece = i % 3 ? QStringLiteral(" ") : QString();
        for (unsigned letters = 1 + random() % 7; letters > 0; --letters)
            piece += QChar('a' + static_cast<char>(random() % 26));
        vocabulary << piece;
    }
    vocabulary[17] = QStringLiteral("\n\n");
    vocabulary[18] = QStringLiteral("\n");
    QStringList result;
    std::exponential_distribution<double> rank(0.004);
    for (int i = 0; i < tokens; ++i)
        result << vocabulary[std::min(7999, static_cast<int>(rank(random)))];
    return result;
}

std::vector<float> shades(int tokens, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(0, 1);
    std::vector<float> result(static_cast<std::size_t>(tokens));
    for (float &shade : result)
        shade = uniform(random);
    return result;
}

/// Milliseconds of an image of the widget, as the window would paint it.
void paint(QWidget &widget, QImage &image)
{
    QPainter painter(&image);
    widget.render(&painter, {}, {}, QWidget::DrawChildren);
}

/// Runs a step many times and tells the middle, the 95th of 100 and the longest, and processor time, which other
/// programs on the machine do not lengthen.
void report(const char *what, int times, const std::function<void(int)> &step)
{
    std::vector<double> milliseconds;
    const std::clock_t before = std::clock();
    for (int i = 0; i < times; ++i) {
        QElapsedTimer clock;
        clock.start();
        step(i);
        milliseconds.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    const double processor = 1e3 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC / times;
    std::ranges::sort(milliseconds);
    const auto n = static_cast<std::size_t>(times);
    qInfo("%s: half within %.3f ms, 95 of 100 within %.3f ms, longest %.3f ms; processor %.3f ms", what,
          milliseconds[n / 2], milliseconds[n * 95 / 100], milliseconds.back(), processor);
}

double latency(std::mt19937 &random)
{
    std::normal_distribution<double> noise(20, 3);
    return std::abs(noise(random)) + (random() % 400 == 0 ? 60 : 0);
}

} // namespace

class LiveChartsBenchmark : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_theme.apply(*qApp); }
    void lineChart_data();
    void lineChart();
    void stackedAreaChart_data() { lineChart_data(); }
    void stackedAreaChart();
    void tokenView_data();
    void tokenView();
    void answerView_data();
    void answerView();
    void wordDiff();

private:
    Theme m_theme;
};

void LiveChartsBenchmark::lineChart_data()
{
    QTest::addColumn<int>("points");
    for (const int points : {100, 1000, 8000, allTokens})
        QTest::addRow("%d points", points) << points;
}

void LiveChartsBenchmark::lineChart()
{
    QFETCH(int, points);
    std::mt19937 random(1);
    LineChart chart;
    chart.resize(560, 260);
    chart.setAxes("Token", AxisKind::Tokens, "Latency (ms)", AxisKind::Number);
    std::vector<LineSeries> series;
    for (const char *method : {"full", "h2o", "snapkv", "headkv"}) {
        LineSeries line;
        line.name = line.method = QLatin1String(method);
        for (int i = 0; i < points; ++i) {
            line.x.push_back(i);
            line.y.push_back(latency(random));
        }
        series.push_back(line);
    }
    chart.setSeries(series);
    chart.setReferences({{"p50 20 ms", 20, {}}, {"p95 25 ms", 25, {}}});
    chart.show();
    QCoreApplication::processEvents();
    int next = points;
    report("append one point to each of 4 series", 500, [&](int) {
        for (std::size_t s = 0; s < 4; ++s) {
            const double x = next;
            const double y = latency(random);
            chart.appendPoints(s, {&x, 1}, {&y, 1});
        }
        ++next;
    });
    report("append, and redraw", 60, [&](int) {
        const double x = next++;
        const double y = latency(random);
        chart.appendPoints(3, {&x, 1}, {&y, 1});
        chart.plot()->replot(QCustomPlot::rpImmediateRefresh);
    });
}

void LiveChartsBenchmark::stackedAreaChart()
{
    QFETCH(int, points);
    StackedAreaChart chart;
    chart.resize(560, 260);
    chart.setAxes("Token", AxisKind::Tokens, "Memory", AxisKind::Bytes);
    chart.setLayers({"Weights", "KV cache", "Other"});
    std::mt19937 random(1);
    const auto values = [&](int i) {
        return std::array{2.7e8, 2e7 + i * 23040.0, 4e7 + static_cast<double>(random() % 1000000)};
    };
    for (int i = 0; i < points; ++i)
        chart.appendPoint(i, values(i));
    chart.setReference("FullKV", 9e8);
    chart.show();
    QCoreApplication::processEvents();
    int next = points;
    report("append one point", 2000, [&](int) {
        chart.appendPoint(next, values(next));
        ++next;
    });
    report("append, and redraw", 60, [&](int) {
        chart.appendPoint(next, values(next));
        ++next;
        chart.plot()->replot(QCustomPlot::rpImmediateRefresh);
    });
}

void LiveChartsBenchmark::tokenView_data()
{
    QTest::addColumn<int>("tokens");
    for (const int tokens : {7900, 200000})
        QTest::addRow("%d tokens", tokens) << tokens;
}

void LiveChartsBenchmark::tokenView()
{
    QFETCH(int, tokens);
    const QStringList prompt = pieces(tokens);
    TokenView view;
    view.resize(900, 600);
    view.show();
    QImage image(view.size(), QImage::Format_ARGB32_Premultiplied);
    report("set tokens (with the layout)", 5, [&](int) { view.setTokens(prompt); });
    report("lay out at another width", 8, [&](int i) {
        view.resize(800 + i % 2 * 100, 600);
        QCoreApplication::processEvents();
    });
    const std::array both{shades(tokens, 1), shades(tokens, 2)};
    report("set shades, and paint", 50, [&](int i) {
        view.setShades(both[static_cast<std::size_t>(i % 2)]);
        paint(*view.viewport(), image);
    });
    QScrollBar *bar = view.verticalScrollBar();
    report("scroll to another page, and paint", 100, [&](int i) {
        bar->setValue(bar->maximum() / 100 * i);
        paint(*view.viewport(), image);
    });
    qInfo("%d lines, %d in view", view.layoutOfTokens().lineCount(), view.viewport()->height() / bar->singleStep());
}

void LiveChartsBenchmark::answerView_data()
{
    QTest::addColumn<bool>("lines");
    QTest::newRow("with line ends") << true;
    QTest::newRow("one endless line") << false;
}

void LiveChartsBenchmark::answerView()
{
    QFETCH(bool, lines);
    QStringList tokens = pieces(allTokens);
    if (!lines)
        tokens.replaceInStrings(QStringLiteral("\n"), QStringLiteral(" "));
    AnswerView view;
    view.resize(420, 500);
    view.show();
    QImage image(view.size(), QImage::Format_ARGB32_Premultiplied);
    report("append a token, from 0 on to 31,000", allTokens - 1000, [&](int i) { view.appendText(tokens[i]); });
    report("append a token at 31,000, and paint", 500, [&](int i) {
        view.appendText(tokens[allTokens - 1000 + i]);
        QCoreApplication::processEvents();
        paint(*view.viewport(), image);
    });
    std::vector<TextRange> every;
    for (const TextRange &word : differingWords({}, view.text()))
        every.push_back(word);
    view.setDifferences(every);
    report("the same with all words marked", 400, [&](int i) {
        view.appendText(tokens[allTokens - 500 + i]);
        QCoreApplication::processEvents();
        paint(*view.viewport(), image);
    });
    qInfo("%d characters, %d marks", static_cast<int>(view.text().size()), static_cast<int>(every.size()));
}

void LiveChartsBenchmark::wordDiff()
{
    QStringList tokens = pieces(allTokens);
    const QString reference = tokens.join(QString());
    QStringList few = tokens;
    for (int i = 200; i < allTokens; i += 200)
        few[i] = QStringLiteral(" changed");
    QStringList other = pieces(allTokens * 2).mid(allTokens);
    const QString fewText = few.join(QString());
    const QString otherText = tokens.mid(0, 1000).join(QString()) + other.join(QString());
    std::size_t found = 0;
    report("equal", 10, [&](int) { found = differingWords(reference, reference).size(); });
    QCOMPARE(found, 0U);
    report("160 words differ", 10, [&](int) { found = differingWords(reference, fewText).size(); });
    QVERIFY(found >= 159);
    report("all differ after 1,000 tokens", 5, [&](int) { found = differingWords(reference, otherText).size(); });
    QVERIFY(found > 1000);
}

QTEST_MAIN(LiveChartsBenchmark)
#include "LiveChartsBenchmark.moc"
