// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/HeatmapView.h"
#include "core/base/Error.h"
#include "widgets/theme/Theme.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <limits>
#include <qcustomplot.h>

using namespace headkv;

namespace {

HeatmapData ramp(int layers, int heads)
{
    HeatmapData data;
    data.layers = layers;
    data.heads = heads;
    for (int i = 0; i < layers * heads; ++i) {
        data.values.push_back(i);
    }
    return data;
}

QColor expectedColor(double t, ColorMap::Name map = ColorMap::Name::Viridis)
{
    return QColor(ColorMap::get(map).color(t));
}

} // namespace

class HeatmapViewTest : public QObject
{
    Q_OBJECT

    static void show(HeatmapView &view, QSize size = {720, 400})
    {
        view.resize(size);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
    }
    /// The colour in the middle of a cell, as it is on the screen.
    static QColor pixel(HeatmapView &view, HeadCell cell)
    {
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QImage image = view.grab().toImage();
        return image.pixelColor((view.cellRect(cell).center() * image.devicePixelRatio()).toPoint());
    }

private Q_SLOTS:
    /// Layers run to the right and heads downwards: seen in the pixels, by place and by colour.
    void orientation()
    {
        HeatmapView view;
        view.setData(ramp(30, 9));
        show(view);
        const QRectF origin = view.cellRect({0, 0});
        const QRectF lastLayer = view.cellRect({29, 0});
        const QRectF lastHead = view.cellRect({0, 8});
        QVERIFY(origin.bottom() < lastHead.top());
        QVERIFY(origin.right() < lastLayer.left());
        QCOMPARE(pixel(view, {0, 0}), expectedColor(0));
        QCOMPARE(pixel(view, {29, 8}), expectedColor(1));
        QCOMPARE(pixel(view, {0, 8}), expectedColor(8.0 / 269));
        QCOMPARE(pixel(view, {29, 0}), expectedColor(261.0 / 269));
        // The same without cellRect(): the lower right corner of the axes is the largest value.
        const QImage image = view.grab().toImage();
        const QRect axes = view.plot()->axisRect()->rect();
        QCOMPARE(image.pixelColor(axes.bottomRight() - QPoint(4, 4)), expectedColor(1));
        QCOMPARE(image.pixelColor(axes.topLeft() + QPoint(4, 4)), expectedColor(0));
    }

    void cellsAreNotInterpolated()
    {
        HeatmapView view;
        HeatmapData data = ramp(2, 2);
        data.values = {0, 1, 1, 0};
        view.setData(data);
        show(view);
        const QImage image = view.grab().toImage();
        const QRectF cell = view.cellRect({0, 1});
        for (const double x : {0.03, 0.5, 0.97}) {
            for (const double y : {0.03, 0.5, 0.97}) {
                const QPointF at(cell.left() + x * cell.width(), cell.top() + y * cell.height());
                QCOMPARE(image.pixelColor(at.toPoint()), expectedColor(1));
            }
        }
    }

    void scales()
    {
        HeatmapView view;
        HeatmapData data = ramp(5, 1);
        data.values = {0.01, 0.1, 1, 10, 100};
        view.setData(data);
        show(view);
        QCOMPARE(pixel(view, {2, 0}), expectedColor(0.01));
        HeatmapScale scale;
        scale.kind = HeatmapScale::Kind::Log;
        view.setScale(scale);
        QCOMPARE(pixel(view, {2, 0}), expectedColor(0.5));
        QCOMPARE(view.range(), (ValueRange{0.01, 100}));
        scale.kind = HeatmapScale::Kind::Percentile;
        scale.lowPercentile = 25;
        scale.highPercentile = 75;
        view.setScale(scale);
        QCOMPARE(view.range(), (ValueRange{0.1, 10}));
        QCOMPARE(pixel(view, {0, 0}), expectedColor(0));
        QCOMPARE(pixel(view, {4, 0}), expectedColor(1));
        view.setRange(ValueRange{0, 2});
        QCOMPARE(pixel(view, {2, 0}), expectedColor(0.5));
        view.setColorMap(ColorMap::Name::Magma);
        QCOMPARE(pixel(view, {2, 0}), expectedColor(0.5, ColorMap::Name::Magma));
        view.setRange(std::nullopt);
        QCOMPARE(view.range(), (ValueRange{0.1, 10}));
    }

    void missingCells()
    {
        HeatmapView view;
        HeatmapData data = ramp(80, 64); // large: no hatch over the fill
        data.values[data.index(7, 3)] = std::numeric_limits<double>::quiet_NaN();
        view.setData(data);
        show(view);
        QCOMPARE(pixel(view, {7, 3}), view.chartStyle().missing);
        QVERIFY(view.describe({7, 3}).contains(QStringLiteral("none")));
    }

    void hover()
    {
        HeatmapView view;
        view.setData(ramp(30, 9));
        show(view);
        QSignalSpy hovered(&view, &HeatmapView::hovered);
        QSignalSpy ended(&view, &HeatmapView::hoverEnded);
        QTest::mouseMove(view.plot(), view.cellRect({18, 6}).center().toPoint());
        QCOMPARE(hovered.count(), 1);
        QCOMPARE(hovered.takeFirst(), (QList<QVariant>{18, 6}));
        QTest::mouseMove(view.plot(), view.cellRect({18, 6}).center().toPoint() + QPoint(1, 1)); // the same cell
        QCOMPARE(hovered.count(), 0);
        QTest::mouseMove(view.plot(), QPoint(1, 1)); // beside the axes
        QCOMPARE(ended.count(), 1);
    }

    void clickPins()
    {
        HeatmapView view;
        view.setData(ramp(30, 9));
        show(view);
        QSignalSpy pinned(&view, &HeatmapView::pinned);
        QSignalSpy unpinned(&view, &HeatmapView::unpinned);
        const auto click = [&view](HeadCell cell) {
            QTest::mouseClick(view.plot(), Qt::LeftButton, {}, view.cellRect(cell).center().toPoint());
        };
        click({4, 7});
        click({29, 0});
        QCOMPARE(pinned.count(), 2);
        QCOMPARE(pinned.at(0), (QList<QVariant>{4, 7}));
        QCOMPARE(pinned.at(1), (QList<QVariant>{29, 0}));
        QCOMPARE(view.pins(), (std::vector<HeadCell>{{4, 7}, {29, 0}}));
        QCOMPARE(view.currentCell(), (HeadCell{29, 0}));
        click({4, 7});
        QCOMPARE(unpinned.count(), 1);
        QCOMPARE(view.pins(), (std::vector<HeadCell>{{29, 0}}));
        // A drag pans and pins nothing.
        QTest::mousePress(view.plot(), Qt::LeftButton, {}, QPoint(300, 150));
        QTest::mouseMove(view.plot(), QPoint(340, 170));
        QTest::mouseRelease(view.plot(), Qt::LeftButton, {}, QPoint(340, 170));
        QCOMPARE(pinned.count(), 2);
    }

    void pinsShowInThePicture()
    {
        HeatmapView view;
        view.setData(ramp(30, 9));
        show(view);
        const QImage before = view.grab().toImage();
        view.setPins({{10, 4}});
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QImage after = view.grab().toImage();
        const QRect cell = view.cellRect({10, 4}).toAlignedRect();
        const QPoint edge(cell.center().x(), qRound(view.cellRect({10, 4}).bottom()));
        QCOMPARE(after.pixelColor(edge), view.chartStyle().accent);
        QVERIFY(before.pixelColor(edge) != after.pixelColor(edge));
        QCOMPARE(after.pixelColor(cell.center()), before.pixelColor(cell.center()));
    }

    void keys()
    {
        HeatmapView view;
        view.setData(ramp(3, 2));
        show(view);
        QSignalSpy current(&view, &HeatmapView::currentChanged);
        QSignalSpy pinned(&view, &HeatmapView::pinned);
        view.setCurrentCell({0, 0});
        QTest::keyClick(&view, Qt::Key_Right);
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(view.currentCell(), (HeadCell{1, 1}));
        QTest::keyClick(&view, Qt::Key_Down); // stays at the edge
        QCOMPARE(view.currentCell(), (HeadCell{1, 1}));
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(pinned.count(), 1);
        QCOMPARE(pinned.first(), (QList<QVariant>{1, 1}));
        QTest::keyClick(&view, Qt::Key_Left);
        QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(view.currentCell(), (HeadCell{0, 0}));
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(view.currentCell(), (HeadCell{2, 1}));
        QCOMPARE(current.last(), (QList<QVariant>{2, 1}));
    }

    void topK()
    {
        HeatmapView view;
        HeatmapData data = ramp(6, 4);
        std::fill(data.values.begin(), data.values.end(), 0.0);
        data.values[data.index(2, 1)] = 5;
        data.values[data.index(4, 3)] = 3;
        view.setData(data);
        show(view);
        const auto edgeOf = [&view](HeadCell cell) {
            view.plot()->replot(QCustomPlot::rpImmediateRefresh);
            const QRectF rect = view.cellRect(cell);
            return view.grab().toImage().pixelColor(QPointF(rect.center().x(), rect.top()).toPoint());
        };
        QCOMPARE(edgeOf({2, 1}).lightness() > 240, false);
        view.setTopK(1);
        QVERIFY(edgeOf({2, 1}).lightness() > 240);
        QVERIFY(edgeOf({4, 3}).lightness() < 200);
        view.setTopK(10); // heads of score 0 are no top heads
        QVERIFY(edgeOf({4, 3}).lightness() > 240);
        QVERIFY(edgeOf({0, 2}).lightness() < 200);
    }

    void description()
    {
        HeatmapView view;
        HeatmapData data = ramp(30, 9);
        data.values[data.index(18, 6)] = 0.41239;
        data.standardErrors.assign(270, 0.0123);
        data.shares.assign(270, 0.0345);
        data.ranks.assign(270, 3);
        data.valueLabel = QStringLiteral("Mean score");
        view.setData(data);
        QCOMPARE(view.describe({18, 6}),
                 QStringLiteral("Layer 18, query head 6\nMean score: 0.4124 ± 0.012\nShare: 3.5 %\nRank: 3 of 270"));
        QCOMPARE(view.describe({30, 0}), QString());
    }

    void zoomStaysInsideAndResets()
    {
        HeatmapView view;
        view.setData(ramp(30, 9));
        show(view);
        const QCPRange all = view.plot()->xAxis->range();
        view.plot()->xAxis->setRange(-20, 60);
        QCOMPARE(view.plot()->xAxis->range(), all);
        view.plot()->xAxis->setRange(25, 35);
        QCOMPARE(view.plot()->xAxis->range(), QCPRange(19.5, 29.5));
        QTest::mouseDClick(view.plot(), Qt::LeftButton, {}, QPoint(300, 150));
        QCOMPARE(view.plot()->xAxis->range(), all);
    }

    void keyboardZoomKeepsTheCurrentCellInSight()
    {
        HeatmapView view;
        view.setData(ramp(30, 9));
        show(view);
        for (int i = 0; i < 8; ++i) {
            QTest::keyClick(&view, Qt::Key_Plus);
        }
        QVERIFY(view.plot()->xAxis->range().size() < 10);
        QVERIFY(!view.plot()->xAxis->range().contains(29));
        QTest::keyClick(&view, Qt::Key_End);
        QVERIFY(view.plot()->xAxis->range().contains(29));
        QVERIFY(view.plot()->yAxis->range().contains(8));
        QCOMPARE(view.accessibleDescription(), view.describe({29, 8}));
        QTest::keyClick(&view, Qt::Key_0);
        QCOMPARE(view.plot()->xAxis->range(), QCPRange(-0.5, 29.5));
    }

    void refusesWrongShapes()
    {
        HeatmapView view;
        HeatmapData data = ramp(3, 3);
        data.heads = 4;
        QVERIFY_EXCEPTION_THROWN(view.setData(data), Error);
        QVERIFY(view.isEmpty());
        view.setPins({{1, 1}});
        QVERIFY(view.pins().empty()); // outside of an empty chart
    }

    void followsTheTheme()
    {
        Theme theme;
        theme.setMode(ThemeMode::Light);
        theme.apply(*qApp);
        HeatmapView view;
        view.setData(ramp(4, 4));
        show(view);
        QCOMPARE(view.grab().toImage().pixelColor(2, 2), ChartStyle::lightStyle().background);
        theme.setMode(ThemeMode::Dark);
        QCoreApplication::processEvents();
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        QCOMPARE(view.grab().toImage().pixelColor(2, 2), ChartStyle::darkStyle().background);
        theme.setMode(ThemeMode::Light);
    }

    /// 30 updates a second have to leave most of the second free, for the largest shape too.
    void updatesAreCheap()
    {
        HeatmapView view;
        HeatmapData data = ramp(126, 128);
        view.setData(data);
        view.setTopK(64);
        show(view, {1000, 800});
        const QCPRange zoomed(10, 60);
        view.plot()->xAxis->setRange(zoomed);
        QElapsedTimer timer;
        timer.start();
        constexpr int updates = 10;
        for (int i = 0; i < updates; ++i) {
            data.values[static_cast<std::size_t>(i)] += 1;
            view.setData(data);
            view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        }
        const double each = timer.nsecsElapsed() / 1e6 / updates;
        qInfo("one update of 126 x 128: %.1f ms", each);
        QCOMPARE(view.plot()->xAxis->range(), zoomed); // and the view stays where the user put it
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        QVERIFY2(each < 100, qPrintable(QString::number(each)));
#endif
    }

    void ticksDoNotCrowd_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<int>("heads");
        QTest::addColumn<QSize>("size");
        QTest::newRow("30 x 9") << 30 << 9 << QSize(720, 360);
        QTest::newRow("30 x 9 small") << 30 << 9 << QSize(300, 180);
        QTest::newRow("32 x 32") << 32 << 32 << QSize(640, 480);
        QTest::newRow("80 x 64") << 80 << 64 << QSize(900, 640);
        QTest::newRow("126 x 128") << 126 << 128 << QSize(1000, 800);
        QTest::newRow("126 x 128 small") << 126 << 128 << QSize(320, 240);
    }
    void ticksDoNotCrowd()
    {
        QFETCH(int, layers);
        QFETCH(int, heads);
        QFETCH(QSize, size);
        HeatmapView view;
        view.setData(ramp(layers, heads));
        show(view, size);
        const QFontMetrics metrics(view.chartStyle().font());
        for (const bool horizontal : {true, false}) {
            QCPAxis *axis = horizontal ? view.plot()->xAxis : view.plot()->yAxis;
            const QVector<double> ticks = axis->tickVector();
            QVector<double> inside;
            for (const double tick : ticks) {
                QCOMPARE(tick, std::round(tick));
                if (axis->range().contains(tick)) {
                    inside << tick;
                }
            }
            QVERIFY(inside.size() >= 2);
            const double pitch = std::abs(axis->coordToPixel(inside[1]) - axis->coordToPixel(inside[0]));
            const int needed = horizontal ? metrics.horizontalAdvance(QString::number(layers)) + 3 : metrics.ascent();
            QVERIFY2(pitch >= needed, qPrintable(QStringLiteral("%1 px for %2").arg(pitch).arg(needed)));
        }
    }

    void accessible()
    {
        HeatmapView view;
        view.setData(ramp(30, 9));
        QVERIFY(!view.accessibleName().isEmpty());
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("30")));
        QCOMPARE(view.focusPolicy(), Qt::StrongFocus);
    }
};

QTEST_MAIN(HeatmapViewTest)
#include "HeatmapViewTest.moc"
