// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Utf8.h"

#include <QTest>

using namespace headkv;

class Utf8Test : public QObject
{
    Q_OBJECT

private slots:
    void everyCodePoint();
    void invalidParts_data();
    void invalidParts();
};

void Utf8Test::everyCodePoint()
{
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        const std::string text = toUtf8(c);
        QVERIFY2(sanitizeUtf8(text) == text, qPrintable(QString::number(c, 16)));
        QVERIFY2(toCodePoints(text) == std::u32string(1, c), qPrintable(QString::number(c, 16)));
    }
}

void Utf8Test::invalidParts_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("replaced"); ///< how many U+FFFD stand for it
    QTest::newRow("stray byte") << QByteArray("\xFF") << 1;
    QTest::newRow("continuations") << QByteArray("\x80\x80") << 2;
    QTest::newRow("cut after one of two") << QByteArray("\xC3") << 1;
    QTest::newRow("cut after two of three") << QByteArray("\xE2\x82") << 1;
    QTest::newRow("cut after three of four") << QByteArray("\xF0\x9F\x98") << 1;
    QTest::newRow("overlong of two") << QByteArray("\xC0\xAF") << 2;
    QTest::newRow("overlong of three") << QByteArray("\xE0\x80\x80") << 3;
    QTest::newRow("overlong of four") << QByteArray("\xF0\x80\x80\x80") << 4;
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << 3;
    QTest::newRow("beyond U+10FFFF") << QByteArray("\xF4\x90\x80\x80") << 4;
    QTest::newRow("two cut ones") << QByteArray("\xE2\x82\xE2\x82") << 2;
}

void Utf8Test::invalidParts()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, replaced);
    const std::string text = "a" + bytes.toStdString() + "b";
    const std::u32string expected = U"a" + std::u32string(static_cast<std::size_t>(replaced), 0xFFFD) + U"b";
    QVERIFY(toCodePoints(text) == expected);
    QVERIFY(toCodePoints(sanitizeUtf8(text)) == expected);
    QVERIFY(toCodePoints(bytes.toStdString()).size() == static_cast<std::size_t>(replaced)); // at the end, too
}

QTEST_GUILESS_MAIN(Utf8Test)
#include "Utf8Test.moc"
