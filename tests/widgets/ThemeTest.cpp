// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/Theme.h"
#include "widgets/theme/ChartStyle.h"
#include "widgets/theme/Icons.h"
#include "widgets/theme/SystemTheme.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWidget>
#include <set>

using namespace headkv;

class ThemeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsTheDesktopsFiles()
    {
        QTemporaryDir folder;
        const auto write = [&folder](const QString &name, const QByteArray &text) {
            QDir(folder.path()).mkpath(QFileInfo(folder.filePath(name)).path());
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
        };
        const auto gtk = [&folder] { return SystemTheme::fromFiles(folder.path(), QStringLiteral("GNOME")); };
        const auto kde = [&folder] { return SystemTheme::fromFiles(folder.path(), QStringLiteral("KDE")); };
        QVERIFY(!gtk() && !kde());
        write(QStringLiteral("gtk-3.0/settings.ini"), "[Settings]\ngtk-theme-name=Adwaita-dark\n");
        QVERIFY(gtk() == std::optional(true));
        write(QStringLiteral("gtk-4.0/settings.ini"), "[Settings]\ngtk-application-prefer-dark-theme=0\n");
        QVERIFY(gtk() == std::optional(false)); // the newer one counts
        QVERIFY(!kde());
        write(QStringLiteral("kdeglobals"), "[Colors:Window]\nBackgroundNormal=42,46,50\n");
        QVERIFY(kde() == std::optional(true));
        write(QStringLiteral("kdeglobals"), "[Colors:Window]\nBackgroundNormal=239,240,241\n");
        QVERIFY(kde() == std::optional(false));
    }

    void textContrast_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textContrast()
    {
        QFETCH(bool, dark);
        const QPalette palette = Theme::palette(dark);
        using Role = QPalette::ColorRole;
        const std::pair<Role, Role> pairs[] = {{QPalette::WindowText, QPalette::Window},
                                               {QPalette::Text, QPalette::Base},
                                               {QPalette::Text, QPalette::AlternateBase},
                                               {QPalette::ButtonText, QPalette::Button},
                                               {QPalette::ToolTipText, QPalette::ToolTipBase},
                                               {QPalette::HighlightedText, QPalette::Highlight},
                                               {QPalette::PlaceholderText, QPalette::Base},
                                               {QPalette::PlaceholderText, QPalette::Window},
                                               {QPalette::Link, QPalette::Base},
                                               {QPalette::Link, QPalette::Window}};
        for (const auto &[text, background] : pairs) {
            const double ratio = contrastRatio(palette.color(text), palette.color(background));
            QVERIFY2(ratio >= 4.5,
                     qPrintable(QStringLiteral("roles %1 on %2: %3").arg(text).arg(background).arg(ratio)));
        }
        const ChartStyle style = ChartStyle::fromPalette(palette);
        QCOMPARE(style.dark, dark);
        for (const QColor &text : {style.text, style.mutedText}) {
            QVERIFY(contrastRatio(text, style.background) >= 4.5);
            QVERIFY(contrastRatio(text, style.plotArea) >= 4.5);
        }
        // Shapes and outlines of controls: 3 (WCAG 1.4.11).
        for (const QColor &shape : {style.axis, style.accent, style.primary}) {
            QVERIFY2(contrastRatio(shape, style.background) >= 3, qPrintable(shape.name()));
        }
        QVERIFY(contrastRatio(palette.color(QPalette::Dark), palette.color(QPalette::Base)) >= 3);
    }

    void seriesColors()
    {
        const QStringList methods{"full", "streaming", "h2o", "snapkv", "pyramidkv", "ada-snapkv", "razor", "headkv"};
        for (const ChartStyle &style : {ChartStyle::lightStyle(), ChartStyle::darkStyle()}) {
            std::set<QRgb> seen;
            for (const QString &method : methods) {
                const QColor color = style.seriesColor(method);
                QVERIFY2(contrastRatio(color, style.background) >= 3, qPrintable(method + color.name()));
                QVERIFY2(seen.insert(color.rgb()).second, qPrintable(method));
                QCOMPARE(style.seriesColor(method), color);
            }
            std::set<QRgb> byIndex;
            for (int i = 0; i < 8; ++i) {
                byIndex.insert(style.seriesColor(i).rgb());
            }
            QCOMPARE(byIndex.size(), 8U);
            QVERIFY(style.seriesColor(QStringLiteral("another")).isValid());
        }
    }

    void contrastKnownValues()
    {
        QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
        QCOMPARE(contrastRatio(Qt::white, Qt::white), 1.0);
        QVERIFY(std::abs(contrastRatio(QColor("#767676"), Qt::white) - 4.54) < 0.01); // W3C's example of just enough
        QCOMPARE(textOn(QColor("#fde725")), QColor(Qt::black));
        QCOMPARE(textOn(QColor("#440154")), QColor(Qt::white));
    }

    void appliesAndFollows()
    {
        Theme theme;
        theme.setMode(ThemeMode::Light);
        theme.apply(*qApp);
        QWidget widget;
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QVERIFY(!isDark(widget.palette()));
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setMode(ThemeMode::Dark);
        QCOMPARE(changed.count(), 1);
        QVERIFY(theme.isDark());
        QVERIFY(isDark(widget.palette()));
        theme.setMode(ThemeMode::Dark);
        QCOMPARE(changed.count(), 1);
        theme.setMode(ThemeMode::System);
        QCOMPARE(theme.isDark(), theme.systemIsDark());
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark, ThemeMode::System}) {
            QVERIFY(themeModeFrom(toString(mode)) == mode);
        }
    }

    void styleSheetHasNoNamesLeft()
    {
        for (const bool dark : {false, true}) {
            const QString sheet = Theme::styleSheet(dark);
            QVERIFY(sheet.contains(QStringLiteral("QPushButton")));
            const QString rules = sheet.mid(sheet.lastIndexOf(QStringLiteral("*/")));
            QVERIFY2(!rules.contains(QLatin1Char('@')), qPrintable(rules.mid(rules.indexOf('@'), 30)));
        }
    }

    void iconsTakeTheColor()
    {
        for (const char *name : {"start", "model", "probe", "heads", "budget", "generate", "compare", "export",
                                 "cancel", "play", "pin", "settings", "folder", "warning", "info", "error", "close"}) {
            QVERIFY2(iconNames().contains(QLatin1String(name)), name);
        }
        for (const QString &name : iconNames()) {
            const QImage image =
                coloredIcon(name, Qt::red).pixmap(QSize(32, 32)).toImage().convertToFormat(QImage::Format_ARGB32);
            int inked = 0;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    const QRgb pixel = image.pixel(x, y);
                    if (qAlpha(pixel) > 200) {
                        ++inked;
                        QVERIFY2(qRed(pixel) > 240 && qGreen(pixel) < 16, qPrintable(name));
                    }
                }
            }
            QVERIFY2(inked > 10, qPrintable(name));
        }
        QVERIFY(themedIcon(QStringLiteral("no such icon")).isNull());
    }
};

QTEST_MAIN(ThemeTest)
#include "ThemeTest.moc"
