// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/ProbeGridView.h"
#include "core/base/Error.h"

#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

using namespace headkv;

namespace {

/// 3 lengths × 2 depths of 4 cases: the first length done, the second begun, the third not.
ProbeGridData sample()
{
    ProbeGridData data;
    data.lengths = {512, 1024, 2048};
    data.depths = {0, 1};
    data.cells = {{4, 4, 4}, {1, 4, 4}, {1, 2, 4}, {0, 0, 4}, {0, 0, 4}, {0, 0, 4}};
    return data;
}

QColor at(const QImage &image, const QRectF &cell, QPointF fraction)
{
    return image.pixelColor(
        (cell.topLeft() + QPointF(cell.width() * fraction.x(), cell.height() * fraction.y())).toPoint());
}

} // namespace

class ProbeGridViewTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void colorsAndPlaces()
    {
        ProbeGridView view;
        view.setData(sample());
        view.resize(640, 420);
        view.show();
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QImage image = view.grab().toImage();
        const ColorMap &map = ColorMap::get(ColorMap::Name::Viridis);
        const QPointF aside(0.15, 0.2); // beside the count
        QCOMPARE(at(image, view.cellRect(0, 0), aside), QColor(map.color(1)));
        QCOMPARE(at(image, view.cellRect(0, 1), aside), QColor(map.color(0.25)));
        QCOMPARE(at(image, view.cellRect(1, 0), aside), QColor(map.color(0.5)));
        QVERIFY(view.cellRect(0, 0).bottom() <= view.cellRect(0, 1).top()); // depth 0 on top
        QVERIFY(view.cellRect(0, 0).right() <= view.cellRect(1, 0).left());
        // Not run: neutral and hatched, so neither of the map's colours.
        int fill = 0;
        int other = 0;
        const QRect cell = view.cellRect(2, 1).toAlignedRect().adjusted(4, 4, -4, -4);
        for (int x = cell.left(); x < cell.right(); ++x) {
            (image.pixelColor(x, cell.center().y()) == view.chartStyle().missing ? fill : other)++;
        }
        QVERIFY(fill > 10 && other > 10);
    }

    void countsAndProgress()
    {
        ProbeGridView view;
        view.setData(sample());
        view.resize(640, 420);
        view.show();
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QImage image = view.grab().toImage();
        // Ink of the count in the middle; a strip along half of the bottom of the cell that is half done.
        const QRectF half = view.cellRect(1, 0);
        const QColor ink = textOn(QColor(ColorMap::get(ColorMap::Name::Viridis).color(0.5)));
        QCOMPARE(image.pixelColor(QPointF(half.left() + half.width() * 0.25, half.bottom() - 2).toPoint()), ink);
        QVERIFY(image.pixelColor(QPointF(half.left() + half.width() * 0.75, half.bottom() - 2).toPoint()) != ink);
        int inked = 0;
        for (int x = int(half.center().x()) - 14; x < half.center().x() + 14; ++x) {
            for (int y = int(half.center().y()) - 6; y < half.center().y() + 6; ++y) {
                inked += std::abs(image.pixelColor(x, y).lightness() - ink.lightness()) < 40;
            }
        }
        QVERIFY(inked > 10);
    }

    void runningCell()
    {
        ProbeGridView view;
        ProbeGridData data = sample();
        data.runningLength = 1;
        data.runningDepth = 1;
        view.setData(data);
        view.resize(640, 420);
        view.show();
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QRectF cell = view.cellRect(1, 1);
        QCOMPARE(view.grab().toImage().pixelColor(QPointF(cell.center().x(), cell.top()).toPoint()),
                 view.chartStyle().accent);
    }

    void textClickAndCsv()
    {
        ProbeGridView view;
        view.setData(sample());
        view.resize(640, 420);
        view.show();
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        QCOMPARE(view.describe(1, 0),
                 QStringLiteral("Length 1,024 tokens, depth 0 %\n1 of 2 passed (50.0 %)\n2 to run"));
        QVERIFY(view.describe(2, 1).contains(QStringLiteral("Not run yet")));
        QSignalSpy clicked(&view, &ProbeGridView::cellClicked);
        QTest::mouseClick(view.plot(), Qt::LeftButton, {}, view.cellRect(2, 1).center().toPoint());
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked.first(), (QList<QVariant>{2, 1}));
        QTest::keyClick(&view, Qt::Key_Left); // from the cell that was clicked
        QTest::keyClick(&view, Qt::Key_Up);
        QTest::keyClick(&view, Qt::Key_Up); // stays at the edge
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(clicked.last(), (QList<QVariant>{1, 0}));
        QCOMPARE(view.accessibleDescription(), view.describe(1, 0));
        const QStringList lines = view.csv().split('\n');
        QCOMPARE(lines.at(0), QStringLiteral("length_tokens,depth,passed,done,total,value"));
        QCOMPARE(lines.at(2), QStringLiteral("512,1,1,4,4,0.25"));
        QCOMPARE(lines.at(6), QStringLiteral("2048,1,0,0,4,"));
    }

    void refusesWrongShapes()
    {
        ProbeGridView view;
        ProbeGridData data = sample();
        data.depths.push_back(0.5);
        QVERIFY_EXCEPTION_THROWN(view.setData(data), Error);
        QVERIFY(view.isEmpty());
    }
};

QTEST_MAIN(ProbeGridViewTest)
#include "ProbeGridViewTest.moc"
