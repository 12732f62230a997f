// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Error.h"
#include "widgets/charts/HeadSketch.h"
#include "widgets/charts/LayerShareView.h"
#include "widgets/charts/LorenzView.h"
#include "widgets/charts/MemoryChart.h"
#include "widgets/charts/SortedBarsView.h"

#include <QSignalSpy>
#include <QTest>
#include <cmath>
#include <qcustomplot.h>

using namespace headkv;

class ChartsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void gini()
    {
        QCOMPARE(LorenzView::gini({0, 0.5, 1}), 0.0);                              // all equal
        QCOMPARE(LorenzView::gini({0, 0, 0, 0, 1}), 0.75);                         // all in one of four: 1 − 1/n
        QVERIFY(std::abs(LorenzView::gini({0, 0.1, 0.3, 0.6, 1}) - 0.25) < 1e-12); // of 1, 2, 3, 4, by hand
        QVERIFY(std::isnan(LorenzView::gini({})));
        LorenzView view;
        view.setCurves({{QStringLiteral("R"), {0, 0, 0, 0, 1}}});
        QCOMPARE(view.series().size(), 2U); // with the diagonal
        QCOMPARE(view.series().front().name, QStringLiteral("R (Gini 0.75)"));
        QCOMPARE(view.series().front().x, (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
    }

    void lines()
    {
        LineChart chart;
        chart.setAxes(QStringLiteral("Step"), AxisKind::Integer, QStringLiteral("Time, all"), AxisKind::Number);
        LineSeries line;
        line.name = QStringLiteral("a");
        line.x = {0, 1, 2};
        line.y = {1, 0.1, 4};
        chart.setSeries({line});
        QCOMPARE(chart.csv(), QStringLiteral("series,Step,\"Time, all\"\na,0,1\na,1,0.1\na,2,4\n"));
        QCOMPARE(chart.plot()->yAxis->range().lower, 0.0);
        QVERIFY(chart.plot()->yAxis->range().upper >= 4);
        // The same names: a zoomed view stays.
        chart.plot()->xAxis->setRange(0.5, 1.5);
        line.y = {2, 2, 2};
        chart.setSeries({line});
        QCOMPARE(chart.plot()->xAxis->range(), QCPRange(0.5, 1.5));
        QCOMPARE(chart.plot()->graph(0)->data()->at(0)->value, 2.0);
        line.y.pop_back();
        QVERIFY_EXCEPTION_THROWN(chart.setSeries({line}), Error);
    }

    void errorBarsBelongToTheirSeries()
    {
        LineChart chart;
        LineSeries plain;
        plain.name = QStringLiteral("plain");
        plain.x = {0, 1};
        plain.y = {1, 1};
        LineSeries barred = plain;
        barred.name = QStringLiteral("barred");
        barred.errors = {0.5, 0.25};
        LineSeries other = barred;
        other.name = QStringLiteral("other");
        other.errors = {0.125, 0.0625};
        chart.setSeries({plain, barred, other});
        std::vector<double> found;
        for (int i = 0; i < chart.plot()->plottableCount(); ++i) {
            if (auto *bars = qobject_cast<QCPErrorBars *>(chart.plot()->plottable(i))) {
                found.push_back(bars->data()->at(0).errorPlus);
                QCOMPARE(bars->dataPlottable()->name(),
                         found.size() == 1 ? QStringLiteral("barred") : QStringLiteral("other"));
            }
        }
        QCOMPARE(found, (std::vector<double>{0.5, 0.125}));
    }

    void errorBarsStandSideBySide()
    {
        LineChart chart;
        chart.setAxes(QStringLiteral("Budget"), AxisKind::LogTokens, QStringLiteral("Score"), AxisKind::Number);
        LineSeries full, first, second;
        full.name = QStringLiteral("full");
        first.name = QStringLiteral("first");
        second.name = QStringLiteral("second");
        for (LineSeries *line : {&full, &first, &second}) {
            line->x = {64, 100};
            line->y = {1, 2};
        }
        first.errors = second.errors = {0.5, 0.5};
        chart.setSeries({full, first, second});
        const auto drawn = [&chart](int graph) { return chart.plot()->graph(graph)->data()->at(0)->key; };
        QCOMPARE(drawn(0), 64.0); // has no bars
        QVERIFY(drawn(1) < 64 && drawn(2) > 64);
        QCOMPARE(drawn(1) * drawn(2), 64.0 * 64);
        QVERIFY(chart.csv().contains(QStringLiteral("second,64,1,0.5\n"))); // as it is
        chart.setXRange(50, 600);
        chart.resize(520, 320);
        chart.show();
        chart.plot()->replot(QCustomPlot::rpImmediateRefresh);
        QCOMPARE(chart.plot()->xAxis->tickVectorLabels(), (QVector<QString>{"64", "128", "256", "512"}));
        chart.setAxes(QStringLiteral("Budget"), AxisKind::Tokens, QStringLiteral("Score"), AxisKind::Number);
        QCOMPARE(drawn(1), 64.0);
    }

    void memory()
    {
        MemoryChart chart;
        constexpr double mib = 1024.0 * 1024;
        chart.setCurves({{QStringLiteral("FullKV"), QStringLiteral("full"), {0, 4096, 8192}, {0, 180 * mib, 360 * mib}},
                         {QStringLiteral("HeadKV"), QStringLiteral("headkv"), {0, 8192}, {0, 12 * mib}}});
        chart.resize(520, 320);
        chart.show();
        chart.plot()->replot(QCustomPlot::rpImmediateRefresh);
        QCOMPARE(chart.plot()->graph(1)->pen().color(), chart.chartStyle().seriesColor(QStringLiteral("headkv")));
        const QStringList labels = chart.plot()->yAxis->tickVectorLabels().toList();
        QVERIFY(labels.contains(QStringLiteral("0 B")));
        QVERIFY2(labels.contains(QStringLiteral("128 MiB")), qPrintable(labels.join(' ')));
        QVERIFY(chart.plot()->xAxis->tickVectorLabels().contains(QStringLiteral("4k")));
        QVERIFY(chart.plot()->legend->visible());
        QVERIFY(chart.csv().contains(QStringLiteral("FullKV,4096,188743680\n")));
    }

    void layerShares()
    {
        LayerShareView view;
        view.setShares({{QStringLiteral("R"), {0.25, 0.5, 0.25}}, {QStringLiteral("ER"), {0.1, 0.2, 0.7}}});
        QCOMPARE(view.csv(), QStringLiteral("layer,R,ER\n0,0.25,0.1\n1,0.5,0.2\n2,0.25,0.7\n"));
        QCOMPARE(view.plot()->plottableCount(), 2);
        QVERIFY(view.plot()->yAxis->range().contains(0.7));
        QVERIFY_EXCEPTION_THROWN(view.setShares({{QStringLiteral("a"), {1}}, {QStringLiteral("b"), {1, 2}}}), Error);
    }

    void sortedBars()
    {
        SortedBarsView view;
        view.setBars({{{18, 6}, 0.5, 0.1}, {{3, 2}, 0.25, 0}, {{7, 0}, 0.125, 0}});
        view.resize(480, 300);
        view.show();
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        QCOMPARE(view.plot()->xAxis->tickVectorLabels(), (QVector<QString>{"18-6", "3-2", "7-0"}));
        QSignalSpy clicked(&view, &SortedBarsView::headClicked);
        const QPointF bar(view.plot()->xAxis->coordToPixel(1), view.plot()->yAxis->coordToPixel(0.1));
        QTest::mouseClick(view.plot(), Qt::LeftButton, {}, bar.toPoint());
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked.first(), (QList<QVariant>{3, 2}));
        QTest::keyClick(&view, Qt::Key_Right);
        QTest::keyClick(&view, Qt::Key_Right); // stays at the last
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(clicked.last(), (QList<QVariant>{7, 0}));
        QVERIFY(view.csv().contains(QStringLiteral("1,18,6,0.5,0.1\n")));
    }

    void sketch()
    {
        HeadSketch sketch;
        sketch.setModel(30, 9, 3);
        sketch.resize(640, 320);
        // Every head can be found where it is drawn, and head 0 is on top.
        QVector<QPoint> found(30 * 9, QPoint(-1, -1));
        for (int y = 0; y < 320; ++y) {
            for (int x = 0; x < 640; ++x) {
                const HeadCell cell = sketch.headAt(QPointF(x + 0.5, y + 0.5));
                if (cell.isValid()) {
                    found[cell.layer * 9 + cell.head] = {x, y};
                }
            }
        }
        QVERIFY(!found.contains(QPoint(-1, -1)));
        QVERIFY(found[0].y() < found[8].y());
        QVERIFY(found[0].x() < found[29 * 9].x());
        // Groups of three are further apart than the heads in them.
        QVERIFY(found[3].y() - found[2].y() > found[2].y() - found[1].y());
        QVERIFY(sketch.csv().contains(QStringLiteral("29,8,2\n")));
        QVERIFY_EXCEPTION_THROWN(sketch.setModel(30, 9, 4), Error);
    }
};

QTEST_MAIN(ChartsTest)
#include "ChartsTest.moc"
