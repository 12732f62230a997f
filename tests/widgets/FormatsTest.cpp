// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/Formats.h"

#include <QTest>
#include <limits>

using namespace headkv;

class FormatsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bytes_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("expected");
        QTest::newRow("zero") << 0.0 << "0 B";
        QTest::newRow("bytes") << 1023.0 << "1023 B";
        QTest::newRow("one KiB") << 1024.0 << "1.00 KiB";
        QTest::newRow("KiB and a half") << 1536.0 << "1.50 KiB";
        QTest::newRow("tens") << 23.4 * 1024 * 1024 << "23.4 MiB";
        QTest::newRow("rounds into the next unit") << 1023.9 * 1024 << "1.00 MiB";
        QTest::newRow("hundreds") << 512.0 * 1024 * 1024 << "512 MiB";
        QTest::newRow("GiB") << 6.02 * 1024 * 1024 * 1024 << "6.02 GiB";
        QTest::newRow("negative") << -2048.0 << "−2.00 KiB";
        QTest::newRow("not there") << std::numeric_limits<double>::quiet_NaN() << "–";
    }
    void bytes()
    {
        QFETCH(double, value);
        QTEST(formatBytes(value), "expected");
    }

    void durations_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("expected");
        QTest::newRow("zero") << 0.0 << "0 s";
        QTest::newRow("microseconds") << 350e-6 << "350 µs";
        QTest::newRow("milliseconds") << 12.4e-3 << "12.4 ms";
        QTest::newRow("just below a second") << 0.9996 << "1.00 s";
        QTest::newRow("seconds") << 3.21 << "3.21 s";
        QTest::newRow("just below a minute") << 59.96 << "1 min 00 s";
        QTest::newRow("minutes") << 125.0 << "2 min 05 s";
        QTest::newRow("hours") << 3600.0 + 180 << "1 h 03 min";
        QTest::newRow("rounds up an hour") << 7199.0 << "2 h 00 min";
        QTest::newRow("not there") << std::numeric_limits<double>::infinity() << "–";
    }
    void durations()
    {
        QFETCH(double, value);
        QTEST(formatDuration(value), "expected");
    }

    void countsAndScores()
    {
        QCOMPARE(formatCount(0), QStringLiteral("0"));
        QCOMPARE(formatCount(1234567), QStringLiteral("1,234,567"));
        QCOMPARE(formatScore(0.03125), QStringLiteral("0.03125"));
        QCOMPARE(formatScore(1.20449), QStringLiteral("1.204"));
        QCOMPARE(formatScore(3.1e-5), QStringLiteral("3.1e-05"));
        QCOMPARE(formatScore(0), QStringLiteral("0"));
        QCOMPARE(formatScore(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("–"));
        QCOMPARE(formatPercent(0.123), QStringLiteral("12.3 %"));
        QCOMPARE(formatPercent(0.0004), QStringLiteral("0.04 %"));
        QCOMPARE(formatPercent(1), QStringLiteral("100 %"));
        QCOMPARE(formatPercent(0), QStringLiteral("0 %"));
        QCOMPARE(formatTokens(8192), QStringLiteral("8k"));
        QCOMPARE(formatTokens(1000), QStringLiteral("1,000"));
        QCOMPARE(formatTokens(0), QStringLiteral("0"));
    }
};

QTEST_GUILESS_MAIN(FormatsTest)
#include "FormatsTest.moc"
