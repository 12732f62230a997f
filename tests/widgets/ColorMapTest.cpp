// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/ColorMap.h"
#include "widgets/theme/ChartStyle.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace headkv;

class ColorMapTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sequentialMapsRiseInLuminance()
    {
        for (const ColorMap::Name name : ColorMap::sequential()) {
            const ColorMap &map = ColorMap::get(name);
            double last = -1;
            // Steps of 1/64: finer ones drown in the rounding to 8 bits.
            for (int i = 0; i <= 64; ++i) {
                const double luminance = relativeLuminance(QColor(map.color(i / 64.0)));
                QVERIFY2(luminance > last, qPrintable(ColorMap::toString(name) + QStringLiteral(" at %1").arg(i)));
                last = luminance;
            }
        }
    }

    /// Published end and middle colours of the maps.
    void knownColors()
    {
        QCOMPARE(QColor(ColorMap::get(ColorMap::Name::Viridis).color(0)).name(), QStringLiteral("#440154"));
        QCOMPARE(QColor(ColorMap::get(ColorMap::Name::Viridis).color(1)).name(), QStringLiteral("#fde725"));
        QCOMPARE(QColor(ColorMap::get(ColorMap::Name::Magma).color(0)).name(), QStringLiteral("#000004"));
        QCOMPARE(QColor(ColorMap::get(ColorMap::Name::Magma).color(1)).name(), QStringLiteral("#fcfdbf"));
        const QColor middle(ColorMap::get(ColorMap::Name::Viridis).color(0.5)); // #21918c
        QVERIFY(std::abs(middle.red() - 0x21) <= 1 && std::abs(middle.green() - 0x91) <= 1 &&
                std::abs(middle.blue() - 0x8c) <= 1);
    }

    void divergingIsEvenAboutItsMiddle()
    {
        const ColorMap &map = ColorMap::get(ColorMap::Name::Diverging);
        QVERIFY(relativeLuminance(QColor(map.color(0.5))) > 0.85);
        for (int i = 1; i <= 32; ++i) {
            const QColor low(map.color(0.5 - i / 64.0));
            const QColor high(map.color(0.5 + i / 64.0));
            // As light on both sides (in L*, about), and the farther out the darker.
            const double lowLightness = std::cbrt(relativeLuminance(low));
            const double highLightness = std::cbrt(relativeLuminance(high));
            QVERIFY2(std::abs(lowLightness - highLightness) < 0.06, qPrintable(QString::number(i)));
            QVERIFY(relativeLuminance(low) < relativeLuminance(QColor(map.color(0.5 - (i - 1) / 64.0))));
            QVERIFY(low.blue() > low.red() || i < 2);
            QVERIFY(high.red() > high.blue() || i < 2);
        }
    }

    void outsideAndMissing()
    {
        const ColorMap &map = ColorMap::get(ColorMap::Name::Cividis);
        QCOMPARE(map.color(-3), map.color(0));
        QCOMPARE(map.color(7), map.color(1));
        QCOMPARE(qAlpha(map.color(std::numeric_limits<double>::quiet_NaN())), 0);
        QCOMPARE(qAlpha(map.color(0.3)), 255);
    }

    void names()
    {
        for (const ColorMap::Name name :
             {ColorMap::Name::Viridis, ColorMap::Name::Cividis, ColorMap::Name::Magma, ColorMap::Name::Diverging}) {
            QCOMPARE(ColorMap::fromString(ColorMap::toString(name)), name);
            QVERIFY(ColorMap::get(name).points().size() >= 32);
        }
        QCOMPARE(ColorMap::fromString(QStringLiteral("jet")), ColorMap::Name::Viridis);
    }
};

QTEST_GUILESS_MAIN(ColorMapTest)
#include "ColorMapTest.moc"
