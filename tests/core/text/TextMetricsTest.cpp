// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/TextMetrics.h"

#include <nlohmann/json.hpp>

#include <QTest>
#include <cmath>
#include <fstream>

using namespace headkv;

class TextMetricsTest : public QObject
{
    Q_OBJECT

private slots:
    void publishedDefinitions();
    void beyondAscii();
};

void TextMetricsTest::publishedDefinitions()
{
    const auto goldens = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/metrics.json"));
    QVERIFY(goldens.size() > 20);
    for (const auto &golden : goldens) {
        const std::string text = golden.at("text");
        const std::string reference = golden.at("reference");
        QVERIFY2(std::abs(rouge1Recall(text, reference) - golden.at("rouge1").get<double>()) < 1e-9,
                 golden.dump().c_str());
        QVERIFY2(std::abs(tokenF1(text, reference) - golden.at("f1").get<double>()) < 1e-9, golden.dump().c_str());
    }
}

void TextMetricsTest::beyondAscii()
{
    QCOMPARE(tokenF1("PARIS", "paris"), 100.0);
    QCOMPARE(tokenF1("\u00C9TE", "\u00E9te"), 100.0);
    QCOMPARE(tokenF1("\u041C\u041E\u0421\u041A\u0412\u0410", "\u043C\u043E\u0441\u043A\u0432\u0430"), 100.0);
    QCOMPARE(tokenF1("\u03A3\u039F\u03A3", "\u03C3\u03BF\u03C2"), 100.0); // the last sigma has its own small form
    QCOMPARE(tokenF1("\u2192the end", "\u2192 end"), 100.0);              // an arrow is no part of a word
    QCOMPARE(rouge1Recall("\u00C9TE", "\u00C9te"), 100.0);
    QCOMPARE(rouge1Recall("broken \xFF", "broken \xFE"), 100.0); // both are U+FFFD
}

QTEST_GUILESS_MAIN(TextMetricsTest)
#include "TextMetricsTest.moc"
