// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/TokenStrip.h"
#include "core/base/Error.h"
#include "widgets/theme/Theme.h"

#include <QScrollBar>
#include <QSignalSpy>
#include <QtTest>

using namespace headkv;

class TokenStripTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void choosesByKeyboardAndMouse();
    void scrollsToTheChosen();
    void shadesChips();
    void refusesOtherNumbersOfWeights();
};

void TokenStripTest::choosesByKeyboardAndMouse()
{
    TokenStrip strip;
    strip.resize(600, strip.sizeHint().height());
    strip.show();
    QSignalSpy changed(&strip, &TokenStrip::currentChanged);
    strip.setTokens({" The", " cat", "\n", "  "});
    QCOMPARE(strip.current(), int(TokenStrip::all));
    QTest::keyClick(&strip, Qt::Key_Left); // there is nothing before all
    QVERIFY(changed.isEmpty());
    QTest::keyClick(&strip, Qt::Key_Right);
    QTest::keyClick(&strip, Qt::Key_End);
    QCOMPARE(strip.current(), 3);
    QTest::keyClick(&strip, Qt::Key_Right);
    QCOMPARE(changed.size(), 2);
    QTest::mouseClick(strip.viewport(), Qt::LeftButton, Qt::NoModifier, strip.chipRect(1).center());
    QCOMPARE(strip.current(), 1);
    QCOMPARE(strip.chipAt(strip.chipRect(1).topRight() + QPoint(3, 3)), 4); // between two chips
    strip.setToolTips({"a", "step two", "c", "d"});
    QVERIFY(strip.accessibleDescription() == "step two" || strip.accessibleDescription() == "cat");
    strip.setCurrent(1);
    QTest::keyClick(&strip, Qt::Key_Home);
    QCOMPARE(strip.accessibleDescription(), QString("All steps"));
    QTest::keyClick(&strip, Qt::Key_Right);
    QCOMPARE(strip.accessibleDescription(), QString("a"));
    strip.setTokens({"new"});
    QCOMPARE(strip.current(), int(TokenStrip::all));
}

void TokenStripTest::scrollsToTheChosen()
{
    TokenStrip strip;
    strip.resize(300, strip.sizeHint().height());
    strip.show();
    QStringList many;
    for (int i = 0; i < 200; ++i)
        many.append(QStringLiteral("token%1").arg(i));
    strip.setTokens(many);
    strip.setCurrent(120);
    QVERIFY(strip.viewport()->rect().contains(strip.chipRect(120).center()));
    strip.setCurrent(2);
    QVERIFY(strip.viewport()->rect().contains(strip.chipRect(2).center()));
    strip.setCurrent(199);
    QCOMPARE(strip.horizontalScrollBar()->value(), strip.horizontalScrollBar()->maximum());
}

void TokenStripTest::shadesChips()
{
    for (const bool dark : {false, true}) {
        TokenStrip strip;
        strip.setPalette(Theme::palette(dark));
        strip.resize(400, strip.sizeHint().height());
        strip.setTokens({"aa", "bb"});
        strip.setWeights({0.0F, 1.0F});
        const QImage image = strip.grab().toImage();
        const auto colorIn = [&](int chip) { // beside its text
            const QRect box = strip.chipRect(chip).translated(strip.viewport()->pos());
            return image.pixelColor((QPointF(box.left() + 4, box.center().y()) * image.devicePixelRatio()).toPoint());
        };
        const TokenTint tint(Theme::palette(dark));
        QCOMPARE(colorIn(0), tint.background(0));
        QCOMPARE(colorIn(1), tint.background(1));
    }
}

void TokenStripTest::refusesOtherNumbersOfWeights()
{
    TokenStrip strip;
    strip.setTokens({"a", "b"});
    QVERIFY_EXCEPTION_THROWN(strip.setWeights({1.0F}), Error);
    strip.setWeights({});
}

QTEST_MAIN(TokenStripTest)
#include "TokenStripTest.moc"
